"""The two keys of an endpoint, and what can be done with them."""

from enum import StrEnum
from typing import Protocol


class Key(StrEnum):
    """Which of the two."""

    PRIMARY = "primary"
    SECONDARY = "secondary"

    @property
    def other(self) -> "Key":
        """The one that stays."""
        return Key.SECONDARY if self is Key.PRIMARY else Key.PRIMARY


class Keys(Protocol):
    """The keys of a workspace's endpoints."""

    def auth(self, endpoint: str) -> str | None:
        """How callers sign in, as Azure says it (Key, AMLToken, AADToken); None: no such endpoint."""

    def regenerate(self, endpoint: str, key: Key) -> None:
        """Replace it, and wait until the new one is in force."""

    def value(self, endpoint: str, key: Key) -> str:
        """The key itself."""
