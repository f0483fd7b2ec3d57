"""A local Azure in this process, on a stopped clock, with a fake serving side."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localazure.clock import TurnableClock
from localazure.testing.client import STOPPED, Arm
from localazure.testing.fakes import FakeBlobs, FakeServing


@pytest.fixture
def anyio_backend() -> str:
    """The loop that the local Azure runs on."""
    return "asyncio"


@pytest.fixture
def clock() -> TurnableClock:
    """Stopped, until a test turns it."""
    return TurnableClock(STOPPED, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


@pytest.fixture
async def arm(tmp_path: Path, clock: TurnableClock) -> AsyncIterator[Arm]:
    """A client with a token, at a local Azure that has nothing in it yet."""
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as client:
        yield client


@pytest.fixture
async def estate(arm: Arm) -> Arm:
    """The client, once group, storage, vault, logs, insights, registry and workspace are there."""
    await arm.make_estate()
    return arm
