"""Instances of a deployment that crash, hang, start slowly, or are not ready: real servers behind the real gateway."""

import asyncio
import dataclasses
import os
import signal
import time

import pytest

from localazure.serving import processes
from localazure.serving.contract import Probe, ServingError

from .endpoint import World, pids, score

pytestmark = pytest.mark.slow


def test_a_crashed_instance_is_started_again(world: World) -> None:
    """While one of two instances is down, the other answers all; then there are two again."""

    async def run() -> None:
        async with world.serving() as serving:
            await serving.apply_deployment(world.plan("blue", 2))
            await serving.apply_routes(world.routes({"blue": 100}))
            before = await pids(serving, 30)
            victim = min(before)
            os.killpg(os.getpgid(victim), signal.SIGKILL)
            while not (now := await pids(serving, 30)) - before:
                assert now <= before
            assert len(await pids(serving, 30)) == 2

    asyncio.run(run())


def test_a_gateway_that_does_not_take_a_crash_is_told_again(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """While its file can't be written the routes stay; then the instance that has crashed goes, and comes back."""

    async def run() -> None:
        async with world.serving() as serving:
            await serving.apply_deployment(world.plan("blue", 2))
            await serving.apply_routes(world.routes({"blue": 100}))
            both = serving.ports("e", "blue")
            file = world.state / "gateway" / "clusters.json"
            kept = file.rename(file.with_suffix(".kept"))
            file.mkdir()
            serving.kill("e", "blue")
            while "It is tried again." not in caplog.text:
                await asyncio.sleep(0.05)
            assert serving.ports("e", "blue") == both
            file.rmdir()
            kept.rename(file)
            serving.kill("e", "blue")
            # It may be back, on the same port, before the gateway is told of it: then there is nothing to tell.
            ends = time.monotonic() + 5
            while set(serving.ports("e", "blue")) == set(both) and time.monotonic() < ends:
                await asyncio.sleep(0.05)
            while len(serving.ports("e", "blue")) < 2:
                await asyncio.sleep(0.05)
            assert len(await pids(serving, 30)) == 2

    asyncio.run(run())


def test_an_instance_that_hangs_is_started_again_by_its_liveness(world: World) -> None:
    """Its one worker answers no probe; it is killed, and another process answers."""

    async def run() -> None:
        async with world.serving() as serving:
            probe = Probe(initial_delay=0, period=1, timeout=0.2, failure_threshold=5)
            await serving.apply_deployment(dataclasses.replace(world.plan("blue"), liveness=probe))
            await serving.apply_routes(world.routes({"blue": 100}))
            before = await pids(serving, 1)
            hung = asyncio.create_task(score(serving, {"sleep": 60}))
            while (answer := await score(serving)).status_code != 200 or answer.json()["pid"] in before:
                await asyncio.sleep(0.2)
            assert (await hung).status_code != 200

    asyncio.run(run())


def test_a_start_that_is_longer_than_its_liveness_allows_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe counts from the process's start: it is killed, and the deployment fails and says why."""
    monkeypatch.setattr(processes, "START_GRACE", 0)
    slow = "import time\n\ndef init(): time.sleep(30)\n\ndef run(raw): return raw\n"
    (world.code_dir / "score.py").write_text(slow)

    async def run() -> None:
        async with world.serving() as serving:
            plan = dataclasses.replace(
                world.plan("blue"), liveness=Probe(initial_delay=0.1, period=0.1, failure_threshold=1)
            )
            with pytest.raises(ServingError, match=r"was killed: init\(\) took longer than .* allows \(0\.2 s\)"):
                await serving.apply_deployment(plan)

    asyncio.run(run())


def test_each_instance_has_its_own_copy_and_its_log_tells_what_is_not_done(world: World) -> None:
    """What a script writes beside its model and code stays with its instance; what is replaced is said."""
    (world.code_dir / "score.py").write_text(WRITES)

    async def run() -> None:
        async with world.serving() as serving:
            variables = {"DEPLOYMENT": "blue", "PATH": "/mine", "AZUREML_MODEL_DIR": "/mine"}
            plan = dataclasses.replace(world.plan("blue", 2), variables=variables, notes="local Azure: a note.\n")
            await serving.apply_deployment(plan)
            await serving.apply_routes(world.routes({"blue": 100}))
            found = [(await score(serving)).json() for _ in range(10)]
            assert {tuple(each) for each in found} == {("1", "1")}
            told = serving.logs("e", "blue", 200)
            assert "local Azure: a note." in told
            for name in ("PATH", "AZUREML_MODEL_DIR"):
                assert f"local Azure: the deployment's variable {name} is replaced." in told
            assert "variable DEPLOYMENT" not in told

    asyncio.run(run())
    assert [path.name for path in world.code_dir.iterdir()] == ["score.py"]


WRITES = """
import os
from pathlib import Path


def init():
    for folder in (os.environ["AZUREML_MODEL_DIR"], os.environ["AML_APP_ROOT"]):
        with (Path(folder) / "written").open("a") as file:
            file.write("1")


def run(raw):
    return [Path(os.environ[name], "written").read_text() for name in ("AZUREML_MODEL_DIR", "AML_APP_ROOT")]
"""


def test_an_instance_that_is_not_ready_gets_no_requests(world: World) -> None:
    """While one of two instances is busy for long, the gateway has only the other; then it has two again."""

    async def run() -> None:
        async with world.serving() as serving:
            # Patient enough for the free instance of a busy machine.
            probe = Probe(initial_delay=0, period=0.2, timeout=1.0, failure_threshold=3)
            await serving.apply_deployment(dataclasses.replace(world.plan("blue", 2), readiness=probe))
            await serving.apply_routes(world.routes({"blue": 100}))
            both = serving.ports("e", "blue")
            busy = asyncio.create_task(score(serving, {"sleep": 8}))
            while len(one := serving.ports("e", "blue")) == 2:
                assert not busy.done()
                await asyncio.sleep(0.05)
            assert set(one) < set(both)
            assert (await score(serving)).json()["pid"] != (await busy).json()["pid"]
            while set(serving.ports("e", "blue")) != set(both):
                await asyncio.sleep(0.05)

    asyncio.run(run())
