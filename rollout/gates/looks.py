"""What was answered in one look (a minute): by deployment, by whose fault it was, and how long it took."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Fault = Literal["ok", "error", "throttled", "refused", "caller"]


def fault_of(status: int, model: int | None = None) -> Fault:
    """Whose fault an answer is, by its status and the model's own.

    A managed endpoint answers 424 where the model has answered anything but 200, and tells the model's own status
    beside it: a 4xx there is the script's refusal of an input, and both deployments see the same callers. 408: longer
    than the request timeout. 429: too many at once, which scaling cures. 401, 403, 404, 413: the caller.
    Source: Azure ML, troubleshoot online endpoints (status codes).

    >>> fault_of(424, 500), fault_of(424, 400), fault_of(408), fault_of(429), fault_of(404), fault_of(502)
    ('error', 'refused', 'error', 'throttled', 'caller', 'error')
    """
    if status == 424:
        return "refused" if model is not None and 400 <= model < 500 else "error"
    if status == 408 or status >= 500:
        return "error"
    if status == 429:
        return "throttled"
    return "caller" if status >= 400 else "ok"


@dataclass(frozen=True, slots=True)
class Counts:
    """What one deployment answered: requests by fault, and by duration in whole milliseconds (rounded down).

    The caller's own faults are no requests of the deployment. `durations` is empty where the source has none.
    """

    faults: Mapping[Fault, int] = field(default_factory=dict)
    durations: Mapping[int, int] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """All but those that are the caller's own fault."""
        return sum(count for fault, count in self.faults.items() if fault != "caller")

    def slower(self, milliseconds: float) -> int:
        """How many took this long or longer."""
        return sum(count for duration, count in self.durations.items() if duration >= milliseconds)

    @property
    def timed(self) -> int:
        """How many durations there are."""
        return sum(self.durations.values())


@dataclass(frozen=True, slots=True)
class Look:
    """One minute, by the new deployment and by all others together; `begin` in seconds since 1970."""

    begin: int
    new: Counts = Counts()
    old: Counts = Counts()


def joined(counts: Iterable[Counts]) -> Counts:
    """Of several deployments, or of several looks, together."""
    faults: Counter[Fault] = Counter()
    durations: Counter[int] = Counter()
    for one in counts:
        faults.update(one.faults)
        durations.update(one.durations)
    return Counts(faults, durations)
