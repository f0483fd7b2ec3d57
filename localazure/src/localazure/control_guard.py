"""Who may speak to the control port: programs of this machine, never a page that a browser shows.

A browser may send a simple request to any port of this machine, and a name may be rebound to it. So the Host must be
this machine's, no request may say that a page sent it, and a write needs JSON and the token of `ready.json`, which
only the state folder's owner can read. What is refused is `{"error": text}` with 403 or 415.
"""

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from localazure.control_json import Json

HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
TOKEN_HEADER = "x-control-token"  # noqa: S105 (a header's name)
READS = frozenset({"GET", "HEAD"})
BY_HAND = frozenset({"none", "same-origin"})
"""Values of `Sec-Fetch-Site` that no other site's page can bring about (W3C, Fetch Metadata)."""


class Guard:
    """Lets a request through to `app`, or refuses it before its body is read."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        refused = refusal(scope["method"], Headers(scope=scope), self._token) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
        else:
            status, text = refused
            await Json({"error": text}, status)(scope, receive, send)


def refusal(method: str, headers: Headers, token: str) -> tuple[int, str] | None:
    """Status and text for a request that may not be answered; None where it may."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or host_name(hosts[0]) not in HOSTS:
        return 403, f"the control port answers to 127.0.0.1, localhost and [::1] only, not to {hosts}"
    if "origin" in headers or headers.get("sec-fetch-site", "none") not in BY_HAND:
        return 403, "the control port answers no request of a web page"
    if method in READS:
        return None
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return 415, "a write needs the header content-type: application/json"
    if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), token.encode()):
        return 403, f"a write needs the header {TOKEN_HEADER}: the controlToken of ready.json in the state folder"
    return None


def host_name(host: str) -> str:
    """The name in a Host header, without its port; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if not set(host) & set("/?#@\\ ") else ""
    except ValueError:
        return ""
