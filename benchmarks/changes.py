"""Changes of all traffic while 500 requests a second are sent: what is lost, what is misrouted, what a change takes.

The real gateway before two small servers, so that a busy machine reaches that rate; the same changes before real
inference servers, at a rate that those reach, are part of `benchmarks.gateway`.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.load import Answer, Load
from benchmarks.small import NAMES, small_servers

RATE = 500
CONNECTIONS = 50
CHANGES = 40


@dataclass(frozen=True, slots=True)
class Change:
    """One deployment becomes the live one, between these times (seconds of the monotonic clock)."""

    begin: float
    end: float
    live: str


def misrouted(answers: Iterable[Answer], first: str, changes: list[Change]) -> int:
    """Answers by a deployment that had no traffic at any time between the request and its answer."""
    spans = [(change.live, change.begin, after.end) for change, after in pairwise(changes)]
    spans = [(first, 0.0, changes[0].end), *spans, (changes[-1].live, changes[-1].begin, float("inf"))]
    return sum(
        all(name != each.name or each.answered < begin or each.sent > end for name, begin, end in spans)
        for each in answers
        if each.status
    )


async def change_under_load(uri: str, route: Callable[[str], Awaitable[None]], rate: int = RATE) -> None:
    """Move all traffic from one deployment to the other again and again; `route` makes one the live one."""
    changes = []
    await route(NAMES[0])
    with Load(uri, CONNECTIONS, rate) as load:
        await asyncio.sleep(1)
        for number in range(CHANGES):
            live = NAMES[(number + 1) % 2]
            begin = time.monotonic()
            await route(live)
            changes.append(Change(begin, time.monotonic(), live))
            await asyncio.sleep(0.2)
        answers = await asyncio.to_thread(load.answers)
    took = [change.end - change.begin for change in changes]
    reached = len(answers) / (max(each.answered for each in answers) - min(each.sent for each in answers))
    print(f"\n{CHANGES} changes of all traffic at {reached:.0f} requests/s (wanted: {rate})")
    lost = sum(each.status != 200 for each in answers)
    print(f"  {len(answers)} requests, {lost} lost, {misrouted(answers, NAMES[0], changes)} misrouted")
    print(f"  a change takes {statistics.median(took) * 1000:.0f} ms (median; longest {max(took) * 1000:.0f} ms)")


async def run() -> None:
    """The gateway and its two servers up, the changes, all down again."""
    async with small_servers() as small:
        await change_under_load(small.uri, lambda live: small.route({live: 100}))


def main() -> None:
    """Print what was lost and misrouted."""
    asyncio.run(run())


if __name__ == "__main__":
    main()
