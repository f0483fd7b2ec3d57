"""What was answered in each minute, kept apart by deployment: differences of the gateway's counts."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from localazure.clock import Clock
from localazure.services.insights.minutes import KEPT, Minute, Minutes
from localazure.serving.contract import Answers, Serving, ServingError

LOG = logging.getLogger("localazure.metrics")
MINUTE = 60
FLUSHED_WITHIN = 0.2


class Ships(Protocol):
    """What brings each request to the logs."""

    def ship(self) -> None:
        """Bring all that was served since the last time."""

    def forget(self) -> None:
        """Drop all."""

    def forget_old(self) -> None:
        """Drop what is kept no longer."""

    def close(self) -> None:
        """No more."""


class Recorder:
    """Samples the gateway when a minute of the clock has gone by, and when it is asked.

    What is answered between two samples belongs to the minute of the first.
    """

    def __init__(self, clock: Clock, serving: Serving, minutes: Minutes, shipper: Ships) -> None:
        self._clock = clock
        self._serving = serving
        self._minutes = minutes
        self._shipper = shipper
        self._last: Mapping[tuple[str, str], Answers] = {}
        self._minute = self._now()
        self._sampling = asyncio.Lock()

    async def run(self) -> None:
        """Sample each minute, until it is cancelled."""
        while True:
            await asyncio.sleep(1)
            self._shipper.ship()
            if self._now() != self._minute:
                try:
                    await self.sample()
                    self._minutes.forget(self._minute - KEPT)
                    self._shipper.forget_old()
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
                    more = Minute(
                        Counter(now.statuses) - Counter(before.statuses),
                        Counter(now.latencies) - Counter(before.latencies),
                    )
                    self._minutes.add(endpoint.lower(), self._minute, deployment, more)
            self._last = answers
            self._minute = self._now()

    async def ship(self) -> None:
        """Bring the log of all that was answered by now to its tables; the gateway writes it within 0.1 s."""
        await asyncio.sleep(FLUSHED_WITHIN)
        self._shipper.ship()

    async def forget(self) -> None:
        """Begin anew: what was answered up to now is in no metric and no log."""
        with contextlib.suppress(ServingError):
            await self.sample()
        self._shipper.ship()
        self._shipper.forget()
        self._minutes.forget()

    async def close(self) -> None:
        """Take in what was answered last, and close the minutes."""
        with contextlib.suppress(ServingError):
            await self.sample()
        self._shipper.ship()
        self._shipper.close()
        self._minutes.close()

    def minutes(self, endpoint: str, begin: int, end: int) -> Mapping[int, Mapping[str, Minute]]:
        """Of an endpoint (in lower case), in seconds since 1970: by the minute's begin and by deployment."""
        return self._minutes.between(endpoint, begin, end)

    def _now(self) -> int:
        return int(self._clock.now().timestamp()) // MINUTE * MINUTE
