"""A small strict ARM for tests: metadata, tokens, resources with asynchronous operations, in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from localazure.plugin.transport import Answer

HOST = "127.0.0.1:9"
BASE = f"https://{HOST}"
SECRET = "not-to-be-shown"


@dataclass
class FakeArm:
    """Implements `localazure.plugin.transport.Transport`; what it does not model it answers with 400.

    `resources` maps lower-case ids to resources; `operations` holds how the next operations end (an error, or None for
    success); `refusals` maps 'METHOD id' to answers that are given instead, each once; `strange`
    maps paths to answers that no Azure gives; `log` holds the requests, `queries` what stood in their URLs.
    """

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    operations: list[dict[str, Any] | None] = field(default_factory=list)
    refusals: dict[str, list[Answer]] = field(default_factory=dict)
    log: list[tuple[str, str, Any]] = field(default_factory=list)
    queries: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    strange: dict[str, Answer] = field(default_factory=dict)
    tokens: int = 0
    revoked: set[str] = field(default_factory=set)
    polls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        """One request; see `Transport`."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == BASE
        if parts.path in self.strange:
            return self.strange[parts.path]
        if parts.path == "/metadata/endpoints":
            return _json(200, [{"resourceManager": BASE + "/", "authentication": {"loginEndpoint": BASE}}])
        if parts.path.endswith("/.well-known/openid-configuration"):
            self.log.append((method, parts.path, None))
            return _json(200, {"token_endpoint": f"{BASE}/adfs/oauth2/token"})
        if parts.path == "/adfs/oauth2/token":
            return self._token(content or b"")
        token = headers["authorization"].removeprefix("Bearer ")
        if token in self.revoked or not token.startswith("token-"):
            return _error(401, "InvalidAuthenticationToken", "The access token is invalid.")
        assert "api-version" in parse_qs(parts.query) or parts.path.startswith("/operations/")
        body = json.loads(content) if content else None
        self.log.append((method, parts.path, body))
        self.queries.append((method, parse_qs(parts.query)))
        if waiting := self.refusals.get(f"{method} {parts.path}"):
            return waiting.pop(0)
        return self._resource(method, parts.path, body)

    def bodies(self, method: str) -> list[Any]:
        """The bodies sent with a method, in order."""
        return [body for verb, _, body in self.log if verb == method]

    def _token(self, form: bytes) -> Answer:
        sent = parse_qs(form.decode())
        if sent["client_secret"] != [SECRET] or sent["scope"] != [f"{BASE}/.default"]:
            return _json(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."})
        self.tokens += 1
        return _json(200, {"access_token": f"token-{self.tokens}", "expires_in": 3600, "token_type": "Bearer"})

    def _resource(self, method: str, path: str, body: Any) -> Answer:
        if path.startswith("/operations/"):
            polls = self.polls[path]
            return _json(200, polls.pop(0) if len(polls) > 1 else polls[0])
        key = path.lower()
        if method == "GET":
            return _json(200, self.resources[key]) if key in self.resources else _missing(path)
        if method == "PUT":
            return self._put(path, body)
        if method == "DELETE":
            if self.resources.pop(key, None) is None:
                return _missing(path)
            return Answer(202, {"azure-asyncoperation": self._operation()}, b"null")
        if method == "POST" and path.endswith("/listKeys"):
            return _json(200, {"primaryKey": "first", "secondaryKey": "second", "keys": None})
        return _error(400, "NotModelled", f"{method} {path}")

    def _put(self, path: str, body: dict[str, Any]) -> Answer:
        existed = path.lower() in self.resources
        failing = bool(self.operations) and self.operations[0] is not None
        properties = {**body.get("properties", {}), "provisioningState": "Failed" if failing else "Succeeded"}
        made = {**body, "id": path, "name": path.rpartition("/")[2], "properties": properties}
        self.resources[path.lower()] = made
        return _json(200 if existed else 201, made, {"azure-asyncoperation": self._operation()})

    def _operation(self) -> str:
        path = f"/operations/{len(self.polls)}"
        failure = self.operations.pop(0) if self.operations else None
        end = {"status": "Failed", "error": failure} if failure else {"status": "Succeeded"}
        self.polls[path] = [{"status": "Updating"}, end]
        return f"{BASE}{path}"


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, json.dumps(body).encode())


def _error(status: int, code: str, message: str) -> Answer:
    return _json(status, {"error": {"code": code, "message": message}})


def _missing(path: str) -> Answer:
    return _error(404, "ResourceNotFound", f"The Resource '{path}' was not found.")
