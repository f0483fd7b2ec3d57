"""The local Azure's time: it passes as fast as it is told to, and can be turned.

`instant`   the wall's pace; operations end as soon as their real work is done
`recorded`  the wall's pace; operations last as long as they were recorded to
`x60`       sixty times the wall's pace; recorded durations, so a five-minute operation takes five seconds
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mode:
    """How time passes: seconds of Azure per second of wall, and whether operations take their recorded time.

    `ingestion`: how many seconds pass until a log's row can be found; metrics of the last minutes are partial.
    `lag`: how many seconds readers see an older state after an operation has succeeded. `throttles`: whether who asks
    too often gets 429.
    """

    name: str
    pace: float
    lasts: bool
    lag: float = 0
    throttles: bool = False
    ingestion: float = 0


DEFAULT = "recorded"
LONGEST_TURN = 3_660 * 86_400  # ten years: what is due later than that has not been seen
LONGEST_LAG = 86_400
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""The clock is turned no further: times are reckoned from now on, and Python's end with the year 9999."""
LAG = 5.0  # readers in the field saw the old state "for a while" (facts T4, T13); its length is open
INGESTION = 300.0  # seconds; 3 to 10 minutes (Azure Monitor, log data ingestion time)
MODES = {
    mode.name: mode
    for mode in (
        Mode("instant", 1, False),
        Mode("recorded", 1, True, LAG, throttles=True, ingestion=INGESTION),
        Mode("x60", 60, True, LAG, throttles=True, ingestion=INGESTION),
    )
}


class Clock(Protocol):
    """What models and operations may know of time."""

    def now(self) -> datetime:
        """The time in Azure, UTC."""

    def lasts(self, seconds: float) -> timedelta:
        """How long something takes that was recorded to take `seconds`."""

    async def sleep_until(self, when: datetime) -> None:
        """Return when it is `when`, also when the clock was turned there; at once where durations are skipped."""

    async def reach(self, when: datetime) -> None:
        """Return when it is `when`, also when the clock was turned there."""

    @property
    def pace(self) -> float:
        """How many seconds pass in Azure while one does on the wall's clock."""

    @property
    def hurries(self) -> bool:
        """Whether operations end as soon as their work is done: clients are then asked to poll fast."""

    @property
    def lag(self) -> timedelta:
        """How long readers see an older state after an operation has succeeded."""

    @property
    def absence(self) -> timedelta:
        """How long a new deployment is not found by its name after it has succeeded."""

    @property
    def ingestion(self) -> timedelta:
        """How long it takes until a log's row can be found."""

    @property
    def throttles(self) -> bool:
        """Whether who asks too often gets 429."""

    def on_wall(self, when: datetime) -> datetime:
        """The time by the wall's clock, which clients read, at which it will be `when`."""


class TurnableClock:
    """A clock that runs at its mode's pace and can be turned forward, never back."""

    def __init__(
        self, mode: Mode, start: datetime | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._mode = mode
        self._anchor = start or datetime.now(UTC)
        self._since = monotonic()
        self._turned = asyncio.Event()
        self._lag: float | None = None
        self._absence = 0.0
        self._ingestion: float | None = None

    @property
    def mode(self) -> Mode:
        """How time passes now."""
        return self._mode

    @property
    def pace(self) -> float:
        """The mode's."""
        return self._mode.pace

    @property
    def hurries(self) -> bool:
        """Whether recorded durations are skipped."""
        return not self._mode.lasts

    @property
    def lag(self) -> timedelta:
        """The mode's, unless another one was set."""
        return timedelta(seconds=self._mode.lag if self._lag is None else self._lag)

    @property
    def absence(self) -> timedelta:
        """None, unless one was set: how often it is seen in the field, and for how long, is open."""
        return timedelta(seconds=self._absence)

    @property
    def ingestion(self) -> timedelta:
        """The mode's, unless another one was set."""
        return timedelta(seconds=self._mode.ingestion if self._ingestion is None else self._ingestion)

    @property
    def throttles(self) -> bool:
        """As the mode says."""
        return self._mode.throttles

    def now(self) -> datetime:
        """The time in Azure, UTC."""
        return self._anchor + timedelta(seconds=(self._monotonic() - self._since) * self._mode.pace)

    def lasts(self, seconds: float) -> timedelta:
        """The recorded duration, or none in `instant`."""
        return timedelta(seconds=seconds if self._mode.lasts else 0)

    def on_wall(self, when: datetime) -> datetime:
        """At the pace of now; of a stopped clock as if it went."""
        return datetime.now(UTC) + (when - self.now()) / (self._mode.pace or 1)

    def turn(
        self,
        seconds: float = 0,
        mode: Mode | None = None,
        lag: float | None = None,
        absence: float | None = None,
        ingestion: float | None = None,
    ) -> datetime:
        """Turn forward by `seconds`, go on in another mode, with another lag, absence, ingestion. Returns the new time.

        Raises ValueError as `after` does.
        """
        self._anchor = self.after(seconds)
        self._since = self._monotonic()
        self._mode = mode or self._mode
        self._lag = self._lag if lag is None else lag
        self._absence = self._absence if absence is None else absence
        self._ingestion = self._ingestion if ingestion is None else ingestion
        waiting, self._turned = self._turned, asyncio.Event()
        waiting.set()
        return self._anchor

    def after(self, seconds: float) -> datetime:
        """What time a turn by `seconds` makes it. Raises ValueError below 0, and past LATEST."""
        if seconds < 0:
            raise ValueError(f"the clock turns forward only, got {seconds} seconds")
        now = self.now() + timedelta(seconds=seconds)
        if seconds and now > LATEST:
            raise ValueError(f"the clock turns no further than {LATEST:%Y-%m-%d}, got {now:%Y-%m-%d}")
        return now

    async def sleep_until(self, when: datetime) -> None:
        """Return when it is `when`, or when durations are skipped; being turned wakes it."""
        while self._mode.lasts and not await self._nearer(when):
            continue

    async def reach(self, when: datetime) -> None:
        """Return when it is `when`; being turned wakes it."""
        while not await self._nearer(when):
            continue

    async def _nearer(self, when: datetime) -> bool:
        """Wait for `when`, or until the clock is turned; whether it is `when`."""
        if (left := (when - self.now()).total_seconds()) <= 0:
            return True
        pace = self._mode.pace
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._turned.wait(), left / pace if pace else None)
        return False
