"""Deployments as real inference servers behind the real gateway."""

import asyncio
import dataclasses
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from localazure.serving.children import birth
from localazure.serving.contract import ServingError

from .endpoint import World, pids, score
from .test_children import wait_until_gone

pytestmark = pytest.mark.slow


def test_a_deployment_answers_from_a_clean_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model's own variables are there, nobody's credentials are; errors are 424; the log is the server's."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "not for models")

    async def run() -> None:
        async with world.serving() as serving:
            await serving.apply_deployment(world.plan("blue"))
            await serving.apply_routes(world.routes({}, "blue"))
            answer = (await score(serving, {"variables": True}, name="blue")).json()
            assert answer["deployment"] == "blue"
            assert Path(answer["variables"]["AZUREML_MODEL_DIR"]).parts[-3:] == world.code_dir.parts[-3:]
            assert not {"AZURE_CLIENT_SECRET", "PYTHONDONTWRITEBYTECODE"} & answer["variables"].keys()
            assert (await score(serving)).status_code == 404
            await serving.apply_routes(world.routes({"blue": 100}))
            failed = await score(serving, {"fail": True})
            assert (failed.status_code, failed.headers["ms-azureml-model-error-statuscode"]) == (424, "500")
            assert "init of blue" in serving.logs("e", "blue", 100)
            assert len(serving.logs("e", "blue", 2).splitlines()) == 2
            counts = (await serving.counts("e"))["blue"]
            assert (counts.live, counts.mirrored) == (2, 0)

    asyncio.run(run())


def test_scaling_keeps_the_processes_that_fit(world: World) -> None:
    """Two more instances leave the first one running, one less stops one, and another timeout replaces all."""

    async def run() -> None:
        async with world.serving() as serving:
            await serving.apply_deployment(world.plan("blue"))
            await serving.apply_routes(world.routes({"blue": 100}))
            one = await pids(serving)
            await serving.apply_deployment(world.plan("blue", 3))
            three = await pids(serving, 30)
            assert len(three) == 3
            assert one < three
            await serving.apply_deployment(world.plan("blue", 1))
            assert await pids(serving) == one
            for pid in three - one:
                wait_until_gone(pid)
            await serving.apply_deployment(world.plan("blue", 1, timeout_ms=9_000))
            assert not await pids(serving) & three
            assert (await serving.counts("e"))["blue"].live == 12 + 30 + 12 + 12

    asyncio.run(run())


def test_the_servers_own_variables_are_obeyed(world: World) -> None:
    """WORKER_COUNT is the number of workers, and with WORKER_PRELOAD init() runs once for all of them."""

    async def run() -> None:
        async with world.serving() as serving:
            variables = {"DEPLOYMENT": "blue", "WORKER_COUNT": "3", "WORKER_PRELOAD": "true"}
            await serving.apply_deployment(dataclasses.replace(world.plan("blue"), variables=variables))
            await serving.apply_routes(world.routes({"blue": 100}))
            assert len(await pids(serving, 20)) == 3
            assert serving.logs("e", "blue", 1000).count("init of blue") == 1

    asyncio.run(run())


def test_a_deployment_that_cannot_start_shows_its_log(world: World) -> None:
    """An init() that raises fails the deployment with the container's log; what ran before goes on."""

    async def run() -> None:
        async with world.serving() as serving:
            await serving.apply_deployment(world.plan("blue"))
            await serving.apply_routes(world.routes({"blue": 100}))
            before = await pids(serving)
            broken = dataclasses.replace(world.plan("blue"), variables={"DEPLOYMENT": "broken"})
            with pytest.raises(ServingError) as caught:
                await serving.apply_deployment(broken)
            assert "this model cannot be read" in caught.value.log
            assert await pids(serving) == before

    asyncio.run(run())


def test_removal_takes_routes_and_processes_away(world: World) -> None:
    """A removed deployment is 404 by name, a removed endpoint 404 altogether, and their processes are gone."""

    async def run() -> None:
        async with world.serving() as serving:
            await asyncio.gather(*(serving.apply_deployment(world.plan(name)) for name in ("blue", "green")))
            await serving.apply_routes(world.routes({"blue": 100}, "blue", "green"))
            green = (await score(serving, name="green")).json()["pid"]
            blue = (await score(serving)).json()["pid"]
            await serving.remove_deployment("e", "green")
            assert (await score(serving, name="green")).status_code == 404
            assert (await score(serving)).json()["pid"] == blue
            await serving.remove_endpoint("e")
            assert (await score(serving)).status_code == 404
            assert birth(blue) is None
            assert birth(green) is None
            assert await serving.counts("e") == {}

    asyncio.run(run())


def test_what_cannot_be_routed_is_refused(world: World) -> None:
    """An unknown deployment, and an auth mode without a token to check, are named; the routes before stay."""

    async def run() -> None:
        async with world.serving() as serving:
            with pytest.raises(ServingError, match="no deployment blue"):
                await serving.apply_routes(world.routes({"blue": 100}))
            with pytest.raises(ServingError, match="auth mode AMLToken, but no token"):
                await serving.apply_routes(world.routes({}, auth="AMLToken"))

    asyncio.run(run())


def test_a_taken_port_is_named(world: World) -> None:
    """A second serving side on the same port says which option chooses another."""

    async def run() -> None:
        async with world.serving() as serving:
            port = httpx2.URL(serving.scoring_uri("e")).port
            other = dataclasses.replace(world, state=world.state.with_name("other"))
            with pytest.raises(ServingError, match=f"port {port} can't be used.*--gateway-port"):
                async with other.serving(port or 0):
                    pass

    asyncio.run(run())


OWNER = """
import asyncio, pathlib, sys
from localazure.serving.contract import DeploymentPlan
from localazure.serving.local import LocalServing, open_serving
from localazure.serving.loopback import plain_client

async def main():
    state, cache, uv, code, conda = map(pathlib.Path, sys.argv[1:])
    serving = await open_serving(state, cache, 0, uv)
    await serving.apply_deployment(
        DeploymentPlan("e", "blue", 2, code, "score.py", code, conda.read_text(), "", {"DEPLOYMENT": "blue"})
    )
    print("up", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_nothing_outlives_a_killed_owner(world: World, tmp_path: Path) -> None:
    """SIGKILL of the local Azure ends gateway, masters and workers; the state can be opened again at once."""
    conda = tmp_path / "conda.yml"
    conda.write_text(world.conda_file)
    command = [sys.executable, "-c", OWNER, *map(str, (world.state, world.cache, world.uv, world.code_dir, conda))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        started = _descendants(owner.pid)
        owner.kill()
    assert len(started) == 1 + 2 * 2
    for pid in started:
        wait_until_gone(pid)

    async def reopen() -> None:
        async with world.serving() as serving:
            assert await serving.counts("e") == {}

    asyncio.run(reopen())


def _descendants(pid: int) -> set[int]:
    children = {int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return children.union(*(_descendants(child) for child in children))
