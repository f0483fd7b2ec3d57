"""What can go wrong with ARM: `ArmError` (it refused), `Stopped` (cancelled), and `transport.TransportError`."""

from typing import Any


class Stopped(Exception):
    """The engine cancelled while an operation was waited for."""


class ArmError(Exception):
    """ARM's refusal in the words of the stock provider: `Status=404 Code="..." Message="..."`."""

    def __init__(self, status: int | str, code: str, message: str) -> None:
        super().__init__(f'Status={status} Code="{code}" Message="{message}"')
        self.status = status
        self.code = code

    @classmethod
    def of(cls, status: int | str, body: Any) -> "ArmError":
        """From an error body `{"error": {"code", "message", "details"}}`; never holds more of the body than these."""
        error = body.get("error") if isinstance(body, dict) else None
        if isinstance(error, str):  # the form of OAuth
            return cls(status, error, str(body.get("error_description", "")))
        if not isinstance(error, dict):
            return cls(status, "Unknown", "the answer names no error")
        message = str(error.get("message") or "")
        details = [detail for detail in error.get("details") or [] if isinstance(detail, dict)]
        more = "; ".join(f"{detail.get('code')}: {detail.get('message')}" for detail in details)
        return cls(status, str(error.get("code") or "Unknown"), f"{message} ({more})" if more else message)
