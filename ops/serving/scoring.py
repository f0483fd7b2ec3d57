"""One scoring request: where it goes, who signs it, and what came back."""

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx2

from ops.arm import Arm, open_arm
from ops.messages import UserError
from ops.project import Place
from ops.workspace import find_target, point_clients

NAMED = "azureml-model-deployment"
"""The header by which a caller names a deployment, and an answer the one that gave it."""
_SECONDS = 200.0
"""More than the longest time-out that Azure allows a request (180 s)."""
_AUDIENCE = "https://ml.azure.com/.default"


@dataclass(frozen=True, slots=True)
class Scored:
    """What came back; `deployment` is who answered, '' where nobody did."""

    status: int
    deployment: str
    milliseconds: float
    body: str

    def as_dict(self) -> dict[str, Any]:
        """For `--json`; the answer is what the model gave, as text where it is no JSON."""
        of = {"status": self.status, "deployment": self.deployment, "milliseconds": round(self.milliseconds, 1)}
        return {**of, "answer": _plain(self.body)}


class Endpoint:
    """An endpoint of the stack's workspace. Raises UserError where Azure has none of that name."""

    def __init__(self, place: Place, name: str) -> None:
        self.name, self._stack = name, ExitStack()
        target = find_target(os.environ, place)
        point_clients(os.environ, place)
        self._arm: Arm = self._stack.enter_context(open_arm(target))
        found = self._arm.get(f"/onlineEndpoints/{name}")
        if found is None:
            cure = "Name an endpoint that Azure shows: 'pulumi stack output live'."
            raise UserError("V001", f"endpoints.{name}", f"{target.workspace} has no such endpoint", cure=cure)
        self._properties: Mapping[str, Any] = found["properties"]

    def __enter__(self) -> "Endpoint":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def score(self, body: bytes, deployment: str | None = None) -> Scored:
        """One request, signed as the endpoint asks for; with a name it goes there whatever the split says."""
        uri = self._properties.get("scoringUri")
        if not uri:
            raise UserError("V002", f"endpoints.{self.name}", "no scoring URI yet", cure="Wait until it is made.")
        headers = {"authorization": f"Bearer {self._credential()}", "content-type": "application/json"}
        headers |= {NAMED: deployment} if deployment else {}
        began = time.monotonic()
        try:
            answer = httpx2.post(uri, content=body, headers=headers, timeout=_SECONDS)
        except httpx2.TransportError as error:
            cure = "A private endpoint answers inside its network only."
            raise UserError("V003", str(uri), str(error) or type(error).__name__, "an answer", cure) from None
        took = (time.monotonic() - began) * 1000
        return Scored(answer.status_code, answer.headers.get(NAMED, ""), took, answer.text)

    def logs(self, deployment: str, container: str, lines: int) -> str:
        """The end of a deployment's log."""
        path = f"/onlineEndpoints/{self.name}/deployments/{deployment}"
        answer = self._arm.ask("POST", f"{path}/getLogs", {"containerType": container, "tail": lines})
        if answer.status_code == httpx2.codes.NOT_FOUND:
            cure = f"It is written in lower case, as in the stack file. Look: rollout logs {self.name} --help"
            raise UserError("V004", f"endpoints.{self.name}.{deployment}", "no such deployment", cure=cure)
        return str(_answered(answer, path).get("content") or "")

    def _credential(self) -> str:
        """What callers sign with: the first key, or a token."""
        path, mode = f"/onlineEndpoints/{self.name}", str(self._properties.get("authMode")).lower()
        if mode == "key":
            return str(_answered(self._arm.ask("POST", f"{path}/listKeys"), path)["primaryKey"])
        if mode == "amltoken":
            return str(_answered(self._arm.ask("POST", f"{path}/token"), path)["accessToken"])
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential().get_token(_AUDIENCE).token


def _answered(answer: httpx2.Response, path: str) -> Mapping[str, Any]:
    if answer.is_error:
        cure = "Your role on the workspace has to allow it: AzureML Data Scientist does."
        raise UserError("V005", path, f"status {answer.status_code}: {answer.text[:200]}", "an answer", cure)
    body: dict[str, Any] = answer.json()
    return body


def _plain(body: str) -> Any:
    try:
        return httpx2.Response(200, text=body).json()
    except ValueError:
        return body
