"""Break glass: an endpoint's traffic is PUT directly, past the engine, and read back. The PUT is azure-native's own."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from ops.arm import Arm
from ops.messages import UserError
from rollout.applied import mark_of
from rollout.bodies import endpoint_from, with_split
from rollout.case import TERMINAL
from rollout.model import ObservedEndpoint, Split
from rollout.words import shares

PATIENCE = 900.0
"""Seconds in which a PUT that Azure can't take now is sent again: so long an operation of somebody else may last."""
READ_BACK = 60.0
_LONGEST_PAUSE = 15.0
_LATER = {408, 409, 429}


@dataclass(slots=True)
class Shift:
    """Shifts one endpoint. `tell` gets a line wherever it waits; `clock` and `sleep` are those of `time`."""

    arm: Arm
    name: str
    tell: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def to(self, split: Split, body: Mapping[str, Any]) -> ObservedEndpoint:
        """PUT this split, together with the mark that says so; returns what is live then.

        `body` is the endpoint as it was just read. Raises UserError where Azure refuses it, or does not show it.
        """
        self._put(split, body)
        ends, pause = self.clock() + PATIENCE, 0.1
        while (live := self._look()).state not in TERMINAL and self.clock() < ends:
            self.sleep(pause)
            pause = min(pause * 1.5, 3.0)
        ends = self.clock() + READ_BACK  # readers may see the old maps for a while (facts T4)
        while live.state == "Succeeded" and live.split != split and self.clock() < ends:
            self.sleep(1.0)
            live = self._look()
        if live.split != split:
            got = f"state {live.state}, live {shares(live.traffic)}, mirror {shares(live.mirror)}"
            raise UserError(
                "D013", f"endpoints.{self.name}", got, shares(split.traffic), "Look at it, then run it again."
            )
        return live

    def _put(self, split: Split, body: Mapping[str, Any]) -> None:
        ends, pause = self.clock() + PATIENCE, 1.0
        while True:
            answer = self._ask(with_split(body, split, mark_of(split)))
            if answer is not None and answer.is_success:
                return
            if self.clock() > ends or not _may_pass(answer):
                raise self._refused(answer)
            wait = _wait(answer, pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            said = f"Azure answers {answer.status_code}" if answer is not None else "Azure gives no answer"
            self.tell(f"{said}; trying again in {wait:.0f} s")
            self.sleep(wait)
            body = self.arm.get(f"/onlineEndpoints/{self.name}") or body

    def _ask(self, body: Mapping[str, Any]) -> httpx2.Response | None:
        try:
            return self.arm.ask("PUT", f"/onlineEndpoints/{self.name}", body)
        except UserError:
            return None  # whether it was carried out is seen when it is sent again: it is the same PUT

    def _look(self) -> ObservedEndpoint:
        body = self.arm.get(f"/onlineEndpoints/{self.name}")
        if body is None:
            raise UserError("D002", f"endpoints.{self.name}", "Azure shows no such endpoint any more")
        return endpoint_from(body)

    def _refused(self, answer: httpx2.Response | None) -> UserError:
        got = "no answer" if answer is None else f"status {answer.status_code}: {_message(answer)}"
        cure = "Nothing was shifted. Look at your role on the workspace, and at the deployment in the portal."
        return UserError("D014", f"endpoints.{self.name}", got.rstrip("."), "the PUT of its traffic to be taken", cure)


def _may_pass(answer: httpx2.Response | None) -> bool:
    return answer is None or answer.status_code in _LATER or answer.is_server_error


def _wait(answer: httpx2.Response | None, pause: float) -> float:
    told = answer.headers.get("retry-after", "") if answer is not None else ""
    return min(float(told), 60.0) if told.isdigit() else pause


def _message(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
