"""How much of a request is read: a larger body is refused before it is in memory."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localazure.arm.errors import ArmError

MOST = 4 * 1024 * 1024
"""Bytes of a body that ARM takes: "The request content size exceeds the maximum size of 4 MB." (as users report it,
Azure/azure-api-management-devops-resource-kit#594)."""


class BodyLimit:
    """Reading more than `most` bytes of a body raises HTTPException 413 in the application; nothing else changes."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        # so many digits at most: int() of a longer text is slow, or refused
        left = self._most if len(declared) > 20 or not declared.isdecimal() else self._most - int(declared)
        read = 0

        async def limited() -> Message:
            nonlocal read
            if left < 0:
                raise too_large(self._most)
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise too_large(self._most)
            return message

        await self._app(scope, limited, send)


async def refuse_large(request: Request, error: Exception) -> Response:
    """ARM's envelope for it."""
    del request
    message = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse(ArmError(413, "RequestContentTooLarge", message).body(), 413)


def too_large(most: int) -> HTTPException:
    """413, in ARM's words."""
    size = f"{most // 1024**2} MB"
    return HTTPException(413, f"The request content size exceeds the maximum size of {size}.")
