"""One stack on one local Azure for all tests of a session: estate, an endpoint with blue live and green idle."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from localazure.client import Ready

from benchmarks.preview import endpoints
from benchmarks.stack import local_stack, register, write
from ops.engine import Engine
from ops.local.view import LocalView
from tests.e2e.arm import open_arm
from tests.e2e.situations import BUSY, control

WORKSPACE = "/providers/Microsoft.MachineLearningServices/workspaces/ws-bench"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints/diabetes"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one situation come one after the other, in whatever order: bringing a situation about takes its time."""
    places = [place for place, item in enumerate(items) if _situation(item)]
    first = {_situation(items[place]): place for place in reversed(places)}
    in_turn = sorted((items[place] for place in places), key=lambda item: first[_situation(item)])
    for place, item in zip(places, in_turn, strict=True):
        items[place] = item


def _situation(item: pytest.Item) -> Any:
    """The situation that a test is for, if it is for one."""
    call = getattr(item, "callspec", None)
    return call.params.get("situation") if call else None


@dataclass(frozen=True)
class Rollout:
    """The engine on the stack, the local Azure it speaks to, and the references of the registered assets."""

    engine: Engine
    ready: Ready
    assets: dict[str, Any]

    def write(self, traffic: dict[str, int], also: str | None = None, adopt: Sequence[str] = (), **more: Any) -> None:
        """The stack file with this split, one deployment more like green, and further keys of the endpoint."""
        config = endpoints(self.assets, traffic)
        config["safe-rollout:endpoints"]["diabetes"] |= more
        deployments = config["safe-rollout:endpoints"]["diabetes"]["deployments"]
        if also:
            deployments[also] = deployments["green"]
        write(self.engine, {**config, "safe-rollout:adopt": list(adopt)})

    def writes(self) -> int:
        """How many requests have changed something in the local Azure."""
        journal = httpx2.get(f"{self.ready.control}/journal").json()
        return sum(entry["method"] in ("PUT", "PATCH", "DELETE") for entry in journal)

    def asked(self, text: str) -> int:
        """How many requests to the local Azure have had this in their path."""
        return sum(text in entry["path"] for entry in control(self.ready.control, "GET", "/journal"))

    def shift(self, traffic: dict[str, int], **properties: Any) -> None:
        """Somebody PUTs this split past the stack, and drops every tag, as a body without tags does."""
        body = self.arm("GET", ENDPOINT)
        kept = {key: body["properties"][key] for key in ("authMode", "publicNetworkAccess")} | properties
        put = {key: body[key] for key in ("location", "identity")}
        put["identity"] = {"type": body["identity"]["type"]}
        self.arm("PUT", ENDPOINT, {**put, "properties": {**kept, "traffic": traffic, "mirrorTraffic": {}}})
        self.settle(ENDPOINT)

    def live(self) -> Any:
        """The endpoint's traffic, None where there is no endpoint."""
        return self.arm("GET", ENDPOINT).get("properties", {}).get("traffic")

    def settle(self, path: str, seconds: float = 60.0) -> None:
        """Wait until nothing is under way on a resource, or it is gone."""
        ends = time.monotonic() + seconds
        while self.arm("GET", path).get("properties", {}).get("provisioningState") in BUSY:
            assert time.monotonic() < ends, f"{path} is still under way"
            time.sleep(0.05)

    def arm(self, method: str, path: str, body: Any = None, api: str = "2025-12-01") -> Any:
        """A request to ARM; `path` is below the resource group. An empty map where it answers 404."""
        group = f"/subscriptions/{self.ready.subscription_id}/resourceGroups/rg-bench"
        with open_arm(self.engine) as http:
            answer = http.request(method, group + path, params={"api-version": api}, json=body)
        if answer.status_code == 404:
            return {}
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    def fault(self, **fault: Any) -> None:
        """Let the local Azure fail on purpose."""
        control(self.ready.control, "POST", "/faults", fault, self.ready.control_token)

    def mend(self) -> None:
        """Take all faults away."""
        control(self.ready.control, "DELETE", "/faults", token=self.ready.control_token)

    @property
    def state(self) -> Path:
        """The local Azure's folder."""
        assert self.engine.config_file is not None
        return self.engine.config_file.parent

    @property
    def azure(self) -> LocalView:
        """The local Azure, seen from outside the stack."""
        return LocalView(self.ready)


@pytest.fixture(scope="session")
def _stack() -> Iterator[Rollout]:
    with local_stack() as (engine, ready):
        write(engine, {})
        engine.up()
        rollout = Rollout(engine, ready, register(engine))
        rollout.write({"blue": 100})
        engine.up()
        engine.up()
        yield rollout


@pytest.fixture
def rollout(_stack: Rollout) -> Iterator[Rollout]:
    """The stack with blue 100, before and after each test."""
    before = _stack.writes()
    yield _stack
    _stack.mend()
    _stack.write({"blue": 100})
    if _stack.writes() != before:
        if _stack.live():
            _stack.shift({"blue": 100})
        _stack.engine.refresh(diff=False)
        _stack.engine.up()


def by_hand(rollout: Rollout, *shares: str) -> None:
    """Someone sets the traffic past the stack, e.g. `blue=50`, `green=50`; with `delete` the endpoint goes."""
    script = Path(__file__).with_name("by_hand.py")
    command = [sys.executable, str(script), "rg-bench", "ws-bench", "diabetes", *shares]
    subprocess.run(command, env=dict(rollout.engine.environment), check=True, capture_output=True, text=True)
