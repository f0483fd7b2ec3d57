"""A client of Azure Resource Manager: requests with retries, and asynchronous operations waited for."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .cloud import Cloud
from .errors import ArmError
from .transport import Answer, Transport

# Source: pulumi-azure-native, provider/pkg/azure/azure.go (IsNotFound); its pull requests 4416 and 4599, issue 4841.
GONE = {
    "EntityNotFound",
    "LockNotFound",
    "NotFound",
    "ParentResourceNotFound",
    "ResourceGroupNotFound",
    "ResourceNotFound",
    "RoleAssignmentNotFound",
    "SubscriptionNotFound",
    "VulnerabilityAssessmentBaselineDoesNotExists",
}
_RETRIED = {408, 429, 500, 502, 503, 504}
_RETRIES = 3
_LOCAL_DELAYS, _REMOTE_DELAYS = (0.05, 2.0), (1.0, 10.0)  # first and longest pause between polls, in seconds

Pause = Callable[[float], None]


class Arm:
    """Requests to one ARM as one service principal; safe for many threads. `pause` waits, or raises `Stopped`."""

    def __init__(self, cloud: Cloud, transport: Transport, pause: Pause) -> None:
        self.cloud = cloud
        self._transport = transport
        self._pause = pause
        local = urlsplit(f"//{cloud.settings.metadata_host}").hostname in ("127.0.0.1", "localhost", "::1")
        self._delays = _LOCAL_DELAYS if local else _REMOTE_DELAYS

    def get(self, path: str, api_version: str) -> Any | None:
        """The resource at `path`, or None where ARM answers 404."""
        answer = self._request("GET", path, api_version)
        return None if answer.status == 404 else _checked(answer).json()

    def refreshed(self, path: str, api_version: str) -> Any | None:
        """The resource at `path`, or None where ARM says by its error code that it is gone; any other 404 is an error.

        A 404 of a proxy, or of a service with a code of its own, must not take a resource out of the state.
        """
        answer = self._request("GET", path, api_version)
        if answer.status == 404 and ArmError.of(404, answer.json()).code in GONE:
            return None
        return _checked(answer).json()

    def read(self, path: str, api_version: str) -> Any:
        """The resource at `path`; `ArmError` also where ARM answers 404."""
        return _checked(self._request("GET", path, api_version)).json()

    def post(self, path: str, api_version: str, body: Any, query: Mapping[str, str]) -> Any:
        """The answer of an action; an asynchronous one is waited for."""
        answer = _checked(self._request("POST", path, api_version, body, query))
        return answer.json() if answer.status == 200 else self._wait(answer)

    def start_put(self, path: str, api_version: str, body: Any) -> Answer:
        """Sends a PUT; from here on the resource may exist."""
        return _checked(self._request("PUT", path, api_version, body))

    def finish_put(self, path: str, api_version: str, answer: Answer) -> Any:
        """Waits for the PUT's operation and reads the resource; `ArmError` with the operation's error if it failed."""
        self._wait(answer)
        delay, longest = self._delays
        while _pending(state := _state(found := self.read(path, api_version))):
            self._pause(delay)
            delay = min(delay * 1.5, longest)
        if state.lower() in ("failed", "canceled"):
            raise ArmError(state, "ProvisioningFailed", f"the resource ended in provisioningState {state}")
        return found

    def delete(self, path: str, api_version: str) -> None:
        """Deletes and waits; what is not there is deleted. Nothing but the API version stands in the query."""
        answer = self._request("DELETE", path, api_version)
        if answer.status != 404:
            self._wait(_checked(answer))

    def _wait(self, answer: Answer) -> Any:
        """Polls the operation that an answer names (Azure-AsyncOperation, else the Location of a 202) to its end."""
        operation = answer.headers.get("azure-asyncoperation", "")
        url = operation or (answer.headers.get("location", "") if answer.status == 202 else "")
        delay, longest = self._delays
        while url:
            self._pause(_asked(answer, delay))
            delay = min(delay * 1.5, longest)
            answer = self._send("GET", url, None)
            if not operation and answer.status == 404:
                return None  # where the result was: a deletion has ended
            body = _checked(answer).json()
            status = str((body or {}).get("status", "")).lower()
            if operation and status in ("failed", "canceled"):
                raise ArmError.of(status.capitalize(), body)
            if status == "succeeded" if operation else answer.status != 202:
                return body
        return None

    def _request(
        self, method: str, path: str, api_version: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        parameters = urlencode({"api-version": api_version, **(query or {})})
        url = f"{self.cloud.resource_manager}{quote(path, safe='/()@:,~')}?{parameters}"
        return self._send(method, url, None if body is None else json.dumps(body).encode())

    def _send(self, method: str, url: str, content: bytes | None) -> Answer:
        """One request as the service principal: a rejected token is renewed once, a busy service is tried again."""
        kind = {"content-type": "application/json"} if content else {}
        token = self.cloud.token()
        delay, longest = self._delays
        tries = _RETRIES
        while True:
            headers = {"authorization": f"Bearer {token}", "accept": "application/json", **kind}
            answer = self._transport.send(method, url, headers, content)
            if answer.status == 401 and tries:
                token, tries = self.cloud.token(rejected=token), 0
            elif answer.status in _RETRIED and tries:
                tries -= 1
                self._pause(_asked(answer, delay))
                delay = min(delay * 2, longest)
            else:
                return answer


def _checked(answer: Answer) -> Answer:
    if answer.status >= 400:
        raise ArmError.of(answer.status, answer.json())
    return answer


def _state(resource: Any) -> str:
    properties = resource.get("properties") if isinstance(resource, dict) else None
    state = properties.get("provisioningState") if isinstance(properties, dict) else None
    return str(state or "Succeeded")


def _pending(state: str) -> bool:
    """Creating, Updating, Accepted and their like; a state that only one service knows counts as an end."""
    return state.lower().endswith("ing") or state.lower() == "accepted"


def _asked(answer: Answer, otherwise: float) -> float:
    """The pause that the service asks for, in seconds."""
    for name, unit in (("x-ms-retry-after-ms", 0.001), ("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = answer.headers.get(name, "")
        if value.replace(".", "", 1).isdigit():
            return float(value) * unit
    return otherwise
