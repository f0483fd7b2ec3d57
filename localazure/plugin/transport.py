"""HTTP for the stand-in: the seam, and the one real transport (httpx2, imported at the first request only)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import httpx2

TIMEOUT_SECONDS = 120.0
WORKERS = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    def json(self) -> Any:
        """The body as JSON; None where it is empty or no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class TransportError(Exception):
    """No HTTP answer at all: the message says where and why."""


class Transport(Protocol):
    """Sends one request; raises `TransportError` where there is no answer. Used by many threads at once."""

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        """Sends one request with its body, if any."""


class HttpTransport:
    """Pooled HTTPS connections; certificates are checked against `ca_file`, or the system's where it is empty."""

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file
        self._client: httpx2.Client | None = None
        self._lock = Lock()

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        """One request; see `Transport`."""
        import httpx2

        try:
            answer = self._open().request(method, url, headers=dict(headers), content=content)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise TransportError(f"{method} {url.partition('?')[0]}: no answer ({error})") from error
        return Answer(answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, answer.content)

    def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            self._client.close()

    def _open(self) -> "httpx2.Client":
        import ssl

        import httpx2

        with self._lock:
            if self._client is None:
                context = ssl.create_default_context(cafile=self._ca_file or None)
                limits = httpx2.Limits(max_connections=WORKERS, max_keepalive_connections=WORKERS)
                self._client = httpx2.Client(verify=context, limits=limits, timeout=TIMEOUT_SECONDS, trust_env=False)
            return self._client
