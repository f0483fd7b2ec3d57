"""Carries out a fault that a request meets: around the real answer, before it, or instead of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from localazure.arm.catalog import Reply
from localazure.arm.faults import Answer, ApplyLate, ApplyThenFail, Drop, Failing, Hang, OfRequests
from localazure.clock import Clock

LOG = logging.getLogger("localazure.faults")
Apply = Callable[[], Awaitable[Reply]]


class Inflictor:
    """`apply` carries a request out, errors and all, and gives its answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late: set[asyncio.Task[None]] = set()

    async def answer(self, fault: OfRequests | None, apply: Apply) -> Reply | None:
        """What the client gets; None: its connection is closed without an answer."""
        match fault:
            case Drop():
                return None
            case Answer():
                return _failure(fault)
            case ApplyLate():
                task = asyncio.create_task(self._apply_at(self._clock.now() + timedelta(seconds=fault.seconds), apply))
                self._late.add(task)
                task.add_done_callback(self._late.discard)
                return _failure(fault)
            case ApplyThenFail():
                reply = await apply()
                return _failure(fault) if reply.status < 400 else reply
            case Hang():
                await asyncio.sleep(fault.seconds)
        return await apply()

    async def forget(self) -> None:
        """What was to be applied late is not applied at all."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _apply_at(self, when: datetime, apply: Apply) -> None:
        await self._clock.reach(when)
        reply = await apply()
        LOG.info("applied late: %s", reply.status)


def _failure(fault: Failing) -> Reply:
    return Reply(fault.status, fault.body(), fault.headers())
