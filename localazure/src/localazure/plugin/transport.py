"""HTTP for the stand-in: the seam, and the one real transport."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from threading import Lock
from typing import Any, Protocol
from urllib.parse import urlsplit

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
    """Pooled HTTPS connections; certificates are checked against `ca_file`, or the system's where it is empty.

    Of the standard library: httpx2 costs 0.1 s more at each start of the plugin and four times the time per request.
    """

    def __init__(self, ca_file: str) -> None:
        self._lock = Lock()
        self._idle: dict[str, list[HTTPSConnection]] = {}
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        """One request; see `Transport`."""
        parts = urlsplit(url)
        if parts.scheme != "https":
            raise TransportError(f"{method} {parts.scheme}://{parts.netloc}: tokens are sent over https only")
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        while True:
            connection, used = self._take(parts.netloc)
            try:
                connection.request(method, target, content, dict(headers))
                response = connection.getresponse()
                data = response.read()
            except (HTTPException, OSError) as error:
                connection.close()
                if used and isinstance(error, ConnectionError):
                    continue  # the service had closed it while it was idle
                raise TransportError(f"{method} https://{parts.netloc}{parts.path}: {_reason(error)}") from error
            if response.will_close:
                connection.close()
            else:
                with self._lock:
                    self._idle.setdefault(parts.netloc, []).append(connection)
            return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, data)

    def close(self) -> None:
        """Closes the idle connections."""
        with self._lock:
            for connection in (connection for idle in self._idle.values() for connection in idle):
                connection.close()
            self._idle.clear()

    def _take(self, host: str) -> tuple[HTTPSConnection, bool]:
        """An idle connection, or a new one; and whether it has been used before."""
        with self._lock:
            if idle := self._idle.get(host):
                return idle.pop(), True
            if self._context is None:
                self._context = _context(self._ca_file)
        return HTTPSConnection(host, timeout=TIMEOUT_SECONDS, context=self._context), False


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise TransportError(
            f"the certificate authorities in SSL_CERT_FILE={ca_file} can't be read: {error}"
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted ({error.verify_message}); SSL_CERT_FILE names the authorities to trust"
    return f"no answer ({error or type(error).__name__})"
