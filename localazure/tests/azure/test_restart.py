"""What a local Azure keeps over its end, orderly or not."""

from dataclasses import replace
from pathlib import Path

import pytest

from localazure.clock import TurnableClock
from localazure.testing.client import Arm
from localazure.testing.fakes import FakeBlobs, FakeServing

pytestmark = pytest.mark.anyio


async def served(arm: Arm) -> None:
    """An endpoint with blue at 100 percent and green at none."""
    await arm.make_estate()
    await arm.register()
    await arm.done("PUT", arm.endpoint(), arm.endpoint_body())
    for name in ("blue", "green"):
        await arm.done("PUT", arm.deployment(name), arm.deployment_body())
    await arm.done("PUT", arm.endpoint(), arm.endpoint_body({"blue": 100}))


async def test_what_served_serves_again(tmp_path: Path, clock: TurnableClock) -> None:
    """After a restart the same deployments run and are routed as before, with the same ids, secrets and keys."""
    before, after = FakeServing(), FakeServing()
    async with Arm.open(tmp_path, clock, before, FakeBlobs()) as arm:
        await served(arm)
        secret, subscription = arm.local.identity.client_secret, arm.local.azure.subscription
    async with Arm.open(tmp_path, clock, after, FakeBlobs()) as arm:
        assert (arm.local.identity.client_secret, arm.local.azure.subscription) == (secret, subscription)
        assert after.plans == before.plans
        assert after.routes == before.routes


async def test_what_does_not_come_back_shows_failed(tmp_path: Path, clock: TurnableClock) -> None:
    """A deployment that cannot be brought back is Failed with its log, and the rest serves."""
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as arm:
        await served(arm)
    after = FakeServing(failing={"green"})
    async with Arm.open(tmp_path, clock, after, FakeBlobs()) as arm:
        state = (await arm.call("GET", arm.deployment("green"))).json()["properties"]["provisioningState"]
        assert state == "Failed"
        assert after.routes["diabetes"].deployments == ("blue",)
        assert after.routes["diabetes"].traffic == {"blue": 100}


async def test_operations_under_way_go_on(tmp_path: Path, clock: TurnableClock) -> None:
    """An operation that had not ended is carried out after the restart, under the same name."""
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as arm:
        await served(arm)
        answer = await arm.call("PUT", arm.endpoint(), arm.endpoint_body({"blue": 90, "green": 10}))
        status = answer.headers["azure-asyncoperation"]
    after = FakeServing()
    async with Arm.open(tmp_path, clock, after, FakeBlobs()) as arm:
        assert after.routes["diabetes"].traffic == {"blue": 100}
        await arm.turn()
        assert (await arm.call("GET", status)).json()["status"] == "Succeeded"
        assert after.routes["diabetes"].traffic == {"blue": 90, "green": 10}


async def test_acknowledged_writes_outlive_a_kill(tmp_path: Path, clock: TurnableClock) -> None:
    """Every write that was answered is there for another process, though nothing was closed."""
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as arm:
        await arm.make_estate()
        copy = tmp_path / "copy"
        copy.mkdir()
        for file in tmp_path.glob("state.sqlite*"):  # as the disk has it now
            (copy / file.name).write_bytes(file.read_bytes())
        async with Arm.open(copy, clock, FakeServing(), FakeBlobs()) as other:
            assert (await other.call("GET", arm.workspace)).status_code == 200


async def test_port_of_the_gateway_may_change(tmp_path: Path, clock: TurnableClock) -> None:
    """The scoring URI is that of this run's gateway."""

    class Elsewhere(FakeServing):
        def scoring_uri(self, endpoint: str) -> str:
            return f"http://127.0.0.1:9999/{endpoint}/score"

    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as arm:
        await served(arm)
    async with Arm.open(tmp_path, clock, Elsewhere(), FakeBlobs()) as arm:
        uri = (await arm.call("GET", arm.endpoint())).json()["properties"]["scoringUri"]
        assert uri == "http://127.0.0.1:9999/diabetes/score"


async def test_an_updated_plan_is_what_comes_back(tmp_path: Path, clock: TurnableClock) -> None:
    """A scaled deployment comes back scaled."""
    before, after = FakeServing(), FakeServing()
    async with Arm.open(tmp_path, clock, before, FakeBlobs()) as arm:
        await served(arm)
        first = before.plans["diabetes", "blue"]
        await arm.done("PUT", arm.deployment("blue"), arm.deployment_body(3))
    async with Arm.open(tmp_path, clock, after, FakeBlobs()) as arm:
        assert after.plans["diabetes", "blue"] == replace(first, instances=3)


async def test_a_failed_update_comes_back_as_it_served(tmp_path: Path, clock: TurnableClock) -> None:
    """A failed update leaves what ran; a restart brings that back, not the update."""
    before, after = FakeServing(), FakeServing()
    async with Arm.open(tmp_path, clock, before, FakeBlobs()) as arm:
        await served(arm)
        before.failing.add("blue")
        await arm.done("PUT", arm.deployment("blue"), arm.deployment_body(3))
    async with Arm.open(tmp_path, clock, after, FakeBlobs()) as arm:
        assert after.plans["diabetes", "blue"].instances == 1
        shown = (await arm.call("GET", arm.deployment("blue"))).json()
        assert (shown["properties"]["provisioningState"], shown["sku"]["capacity"]) == ("Failed", 3)
