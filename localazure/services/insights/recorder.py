"""What was answered in each minute, kept apart by deployment: differences of the gateway's counts."""

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from localazure.clock import Clock
from localazure.serving.contract import Answers, Serving, ServingError

LOG = logging.getLogger("localazure.metrics")
KEPT_MINUTES = 24 * 60
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """Requests by status and the model's status, and by latency in milliseconds."""

    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    latencies: Counter[float] = field(default_factory=Counter)


class Recorder:
    """Samples the gateway when a minute of the clock has gone by, and when it is asked.

    What is answered between two samples belongs to the minute of the first. Kept in memory, for a day.
    """

    def __init__(self, clock: Clock, serving: Serving) -> None:
        self._clock = clock
        self._serving = serving
        self._last: Mapping[tuple[str, str], Answers] = {}
        self._minute = self._now()
        self._minutes: defaultdict[str, dict[int, dict[str, Minute]]] = defaultdict(dict)
        self._sampling = asyncio.Lock()

    async def run(self) -> None:
        """Sample each minute, until it is cancelled."""
        while True:
            await asyncio.sleep(1)
            if self._now() != self._minute:
                try:
                    await self.sample()
                except ServingError as error:
                    LOG.warning("no sample of the gateway's statistics: %s", error.message)

    async def sample(self) -> None:
        """Take in what was answered since the last sample. Raises ServingError when the gateway does not tell."""
        async with self._sampling:
            answers = await self._serving.answers()
            for (endpoint, deployment), now in answers.items():
                before = self._last.get((endpoint, deployment), Answers({}, {}))
                if now.requests < before.requests:  # the gateway was started again
                    before = Answers({}, {})
                if now.requests > before.requests:
                    minutes = self._minutes[endpoint.lower()].setdefault(self._minute, {})
                    minute = minutes.setdefault(deployment, Minute())
                    minute.statuses.update(Counter(now.statuses) - Counter(before.statuses))
                    minute.latencies.update(Counter(now.latencies) - Counter(before.latencies))
            self._last = answers
            self._minute = self._now()
            self._forget()

    async def forget(self) -> None:
        """Begin anew: what was answered up to now is in no metric."""
        with contextlib.suppress(ServingError):
            await self.sample()
        self._minutes.clear()

    def minutes(self, endpoint: str) -> Mapping[int, Mapping[str, Minute]]:
        """Of an endpoint (in lower case): by the minute's begin (seconds since 1970) and by deployment."""
        return self._minutes.get(endpoint, {})

    def _now(self) -> int:
        return int(self._clock.now().timestamp()) // MINUTE * MINUTE

    def _forget(self) -> None:
        oldest = self._minute - KEPT_MINUTES * MINUTE
        for minutes in self._minutes.values():
            for begin in [begin for begin in minutes if begin < oldest]:
                del minutes[begin]
