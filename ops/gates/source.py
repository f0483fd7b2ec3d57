"""Where looks come from, and what it is when they do not come."""

from collections.abc import Sequence
from typing import Protocol

from rollout.gates.looks import Look


class SourceError(Exception):
    """A source is out of reach, or its answer can't be read: the verdict is error, and never fail."""


class Source(Protocol):
    """What was answered, minute by minute."""

    def looks(self, since: int) -> Sequence[Look]:
        """Whole minutes from `since` on (seconds since 1970), the newest ones left out, as they are partial still.

        Raises SourceError.
        """
