"""How often one may ask: a bucket of requests per kind, refilled by Azure's clock.

Source: Azure's documentation of throttling in Resource Manager: per subscription and principal reads 250, then 25 a
second; writes and deletes 200 each, then 10 a second. On clocks that skip durations nobody is throttled.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from localazure.clock import Clock

READS = {"GET", "HEAD"}


@dataclass(slots=True)
class _Bucket:
    size: float
    per_second: float
    left: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a request may pass: seconds to wait (0: it may), what is left, and of which kind."""

    kind: str
    left: int
    wait: int

    @property
    def headers(self) -> dict[str, str]:
        """What Azure tells of it."""
        told = {f"x-ms-ratelimit-remaining-subscription-{self.kind}": str(self.left)}
        return told | ({"retry-after": str(self.wait)} if self.wait else {})


class Throttle:
    """The buckets of this one subscription and its one client."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        now = clock.now()
        self._buckets = {
            "reads": _Bucket(250, 25, 250, now),
            "writes": _Bucket(200, 10, 200, now),
            "deletes": _Bucket(200, 10, 200, now),
        }

    def turn(self, method: str) -> Turn | None:
        """Take one request out of its bucket; None where nobody is throttled."""
        if not self._clock.throttles:
            return None
        kind = "reads" if method in READS else "deletes" if method == "DELETE" else "writes"
        bucket, now = self._buckets[kind], self._clock.now()
        refilled = max(0.0, (now - bucket.at).total_seconds()) * bucket.per_second
        bucket.left, bucket.at = min(bucket.size, bucket.left + refilled), now
        if bucket.left < 1:
            return Turn(kind, 0, max(1, math.ceil((1 - bucket.left) / bucket.per_second)))
        bucket.left -= 1
        return Turn(kind, int(bucket.left), 0)
