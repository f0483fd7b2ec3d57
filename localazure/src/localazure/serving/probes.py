"""Liveness and readiness of an instance: asked again and again, and told when it changes."""

import asyncio
from collections.abc import Awaitable, Callable

from localazure.serving.contract import Probe

Check = Callable[[float], Awaitable[bool]]


async def watch(check: Check, probe: Probe, fails: Callable[[], None], recovers: Callable[[], None]) -> None:
    """Ask `check(timeout)` each period, for ever.

    `fails` is called when it was False for `failure_threshold` times in a row, `recovers` when it was then True for
    `success_threshold` times in a row.
    """
    failing = False
    in_a_row = 0
    await asyncio.sleep(probe.initial_delay)
    while True:
        in_a_row = in_a_row + 1 if await check(probe.timeout) == failing else 0
        if in_a_row >= (probe.success_threshold if failing else probe.failure_threshold):
            failing = not failing
            in_a_row = 0
            (fails if failing else recovers)()
        await asyncio.sleep(probe.period)
