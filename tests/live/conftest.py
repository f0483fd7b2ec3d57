"""Either Azure, and a cluster on it."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from localazure.clock import TurnableClock
from localazure.testing.client import STOPPED, Arm
from localazure.testing.cluster_bodies import cluster as local_cluster
from localazure.testing.cluster_bodies import cluster_body
from localazure.testing.fakes import FakeBlobs, FakeServing

from tests.live.azure import Azure, RealAzure, is_real


@pytest.fixture
def anyio_backend() -> str:
    """The loop that both are asked on."""
    return "asyncio"


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[Azure]:
    """The local Azure with an estate, or the real one."""
    if is_real():
        async with RealAzure.open() as real:
            yield real
        return
    clock = TurnableClock(STOPPED, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as local:
        await local.make_estate()
        yield local


@pytest.fixture
async def cluster(azure: Azure) -> str:
    """The id of a cluster in the group: made in the local Azure, named by AZURE_LIVE_CLUSTER in a real one."""
    if isinstance(azure, Arm):
        await azure.done("PUT", local_cluster(azure), cluster_body())
        return local_cluster(azure)
    if "AZURE_LIVE_CLUSTER" not in os.environ:
        pytest.skip("AZURE_LIVE_CLUSTER names no cluster, and to make one here would take long and cost money")
    return os.environ["AZURE_LIVE_CLUSTER"]
