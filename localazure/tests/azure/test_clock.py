"""A clock that runs at a pace and can be turned."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from localazure.clock import MODES, TurnableClock
from localazure.testing.client import STOPPED

START = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.anyio


def test_pace() -> None:
    """x60 lets a minute pass in a second; a mode begins where the last one ended."""
    wall = [0.0]
    clock = TurnableClock(MODES["x60"], START, lambda: wall[0])
    wall[0] = 1.0
    assert clock.now() == START + timedelta(seconds=60)
    clock.turn(mode=MODES["recorded"])
    wall[0] = 2.0
    assert clock.now() == START + timedelta(seconds=61)


def test_durations() -> None:
    """Only `instant` skips recorded durations."""
    assert {name: TurnableClock(mode).lasts(20).total_seconds() for name, mode in MODES.items()} == {
        "instant": 0,
        "recorded": 20,
        "x60": 20,
    }


def test_never_back() -> None:
    """A clock turned back would end operations before they began."""
    with pytest.raises(ValueError, match="forward only"):
        TurnableClock(STOPPED).turn(-1)


async def test_turning_wakes_who_waits() -> None:
    """A sleeper wakes when the clock is turned past its time, and not before."""
    clock = TurnableClock(STOPPED, START)
    waiting = asyncio.create_task(clock.sleep_until(START + timedelta(seconds=10)))
    await asyncio.sleep(0)
    clock.turn(9)
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.turn(1)
    await asyncio.wait_for(waiting, 5)


async def test_instant_wakes_who_waits() -> None:
    """Going over to `instant` ends what was still waiting for its recorded time."""
    clock = TurnableClock(STOPPED, START)
    waiting = asyncio.create_task(clock.sleep_until(START + timedelta(seconds=10)))
    await asyncio.sleep(0)
    clock.turn(mode=MODES["instant"])
    await asyncio.wait_for(waiting, 5)
