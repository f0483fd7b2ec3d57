"""ARM as a command speaks to it without azure-ai-ml, which takes seconds to import: a workspace's resources by path."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from ops.messages import UserError
from ops.workspace import Target, resource_manager

API = "2025-12-01"
_SECONDS = 30.0


class Arm:
    """A client with a token; paths are below a workspace, e.g. `/onlineEndpoints/diabetes`. Used by many threads."""

    def __init__(self, client: httpx2.Client, target: Target) -> None:
        self._client, self._target = client, target
        self.now: datetime | None = None
        """The time in Azure at the last answer; None where it said none."""

    def at(self, target: Target) -> "Arm":
        """The same client on another workspace."""
        return Arm(self._client, target)

    def get(self, path: str) -> Mapping[str, Any] | None:
        """The resource, None where there is none. Raises UserError where Azure can't be read."""
        return self.read(self._target.path + path)

    def read(self, path: str, api: str | None = API) -> Mapping[str, Any] | None:
        """The same of a whole resource id; `api` is None for a link of ARM's own, which names its version."""
        answer = self._send("GET", path, None, api)
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return None
        if answer.is_error:
            cure = "Look at your role on the workspace, and at the stack file's names."
            shown = path.removeprefix(self._target.path)
            raise UserError("O003", shown, f"status {answer.status_code}", "the resource, or 404", cure)
        body: dict[str, Any] = answer.json()
        return body

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx2.Response:
        """One request and its answer, whatever its status. Raises UserError where there is no answer at all."""
        return self._send(method, self._target.path + path, body, API)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None, api: str | None) -> httpx2.Response:
        try:
            answer = self._client.request(method, path, params={"api-version": api} if api else None, json=body)
        except httpx2.TransportError as error:
            cure = "Is the local Azure running ('rollout local start'), or the network there?"
            raise UserError("O002", str(self._client.base_url), str(error), "an answer", cure) from None
        with suppress(ValueError, KeyError):
            self.now = parsedate_to_datetime(answer.headers["date"])
        return answer


@contextmanager
def open_arm(target: Target) -> Iterator[Arm]:
    """ARM of the Azure that the environment names. Raises UserError where nobody is logged in."""
    arm = resource_manager(os.environ)
    headers = {"authorization": f"Bearer {_token(arm)}"}
    with httpx2.Client(base_url=arm, timeout=_SECONDS, headers=headers) as client:
        yield Arm(client, target)


def _token(arm: str) -> str:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import DefaultAzureCredential  # takes its time to import

    # Its warnings repeat, at length, the error that becomes one message here.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    try:
        return DefaultAzureCredential().get_token(f"{arm}/.default").token
    except ClientAuthenticationError as error:
        said = (line.strip() for line in str(error).splitlines())
        got = next((line for line in said if "AADSTS" in line), "nobody is logged in").rstrip(".")
        cure = "For the local Azure: source .local/env. For Azure: az login. Or say what is live: --observed FILE."
        raise UserError("O001", "login", got, "someone who may read the workspace", cure) from None
