"""What the control port reads and answers: JSON, also where something is wrong."""

import json
import logging
import sqlite3
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from localazure.arm.errors import ArmError
from localazure.arm.operations import cannot_store
from localazure.serving.contract import ServingError

LOG = logging.getLogger("localazure.control")
MOST = 1024 * 1024
"""Bytes of a body."""


class Json(JSONResponse):
    """JSON in ASCII, so that half a surrogate pair, which a client may send, can be told as well."""

    def render(self, content: Any) -> bytes:
        """The bytes."""
        return json.dumps(content, separators=(",", ":")).encode()


async def body_of(request: Request) -> Any:
    """The body's JSON; none is `{}`. Raises ValueError, RecursionError."""
    raw = await request.body()
    return json.loads(raw, parse_constant=_no_number) if raw.strip() else {}


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


async def _refused(request: Request, error: Exception) -> Response:
    del request
    if isinstance(error, ArmError):
        return Json({"error": error.message}, error.status)
    return Json({"error": str(error)}, 400)


async def _too_deep(request: Request, error: Exception) -> Response:
    del request, error
    return Json({"error": "the body is nested too deeply"}, 400)


async def _too_large(request: Request, error: Exception) -> Response:
    del request
    return Json({"error": f"a number or a time is out of range ({error})"}, 400)


async def _not_stored(request: Request, error: Exception) -> Response:
    """409 and not 5xx: nothing is wrong with the server, and the same request may do later."""
    LOG.error("%s %s could not be stored: %s", request.method, request.scope["path"], error)
    return Json({"error": cannot_store(error)}, 409)


async def _not_served(request: Request, error: Exception) -> Response:
    """409 too: the gateway's files can't be written, or it does not take a change."""
    LOG.error("%s %s: %s", request.method, request.scope["path"], error)
    return Json({"error": error.message if isinstance(error, ServingError) else str(error)}, 409)


async def _broke(request: Request, error: Exception) -> Response:
    """The one answer that is no fault of the request; the server logs the error itself."""
    del request, error
    return Json({"error": "the local Azure failed on this request; its log says why: localazure.log"}, 500)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = f"{request.method} {request.scope['path']}: {error.detail}"
    return Json({"error": text}, error.status_code, headers=error.headers)


HANDLERS: Mapping[Any, Any] = {
    ArmError: _refused,
    ValueError: _refused,
    RecursionError: _too_deep,
    OverflowError: _too_large,
    OSError: _not_stored,
    sqlite3.Error: _not_stored,
    ServingError: _not_served,
    HTTPException: _no_route,
    Exception: _broke,
}
"""Of what a request may raise. UnicodeEncodeError and JSONDecodeError are ValueErrors."""
