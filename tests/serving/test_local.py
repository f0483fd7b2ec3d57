"""Deployments as real inference servers behind the real gateway."""

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from localazure.serving import processes
from localazure.serving.children import birth
from localazure.serving.contract import AuthMode, DeploymentPlan, Probe, RoutePlan, Serving, ServingError
from localazure.serving.local import LocalServing, open_serving
from localazure.serving.loopback import plain_client
from localazure.serving.routes import BY_NAME

from .test_children import wait_until_gone

pytestmark = pytest.mark.slow


@dataclasses.dataclass
class World:
    """What every test of this module needs: folders, tools and the plans of endpoint `e`."""

    state: Path
    cache: Path
    uv: Path
    code_dir: Path
    conda_file: str

    def plan(self, name: str, instances: int = 1, timeout_ms: int = 10_000) -> DeploymentPlan:
        """A deployment of endpoint e."""
        return DeploymentPlan(
            endpoint="e",
            name=name,
            instances=instances,
            code_dir=self.code_dir,
            entry_script="score.py",
            model_dir=self.code_dir,
            conda_file=self.conda_file,
            image="",
            variables={"DEPLOYMENT": name},
            request_timeout_ms=timeout_ms,
            max_concurrent=10,
        )

    def routes(self, traffic: Mapping[str, int], *names: str, auth: AuthMode = "Key") -> RoutePlan:
        """The routes of endpoint e."""
        return RoutePlan("e", auth, ("first", "second"), names or tuple(traffic), traffic, {})

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[LocalServing]:
        """An open serving side, closed at the end."""
        opened = await open_serving(self.state, self.cache, port, self.uv)
        try:
            yield opened
        finally:
            await opened.close()


@pytest.fixture
def world(tmp_path: Path, cache: Path, uv: Path, code_dir: Path, conda_file: str) -> World:
    """Endpoint e has nothing yet."""
    return World(tmp_path / "state", cache, uv, code_dir, conda_file)


async def score(serving: Serving, body: object = None, name: str | None = None) -> httpx2.Response:
    """One request to endpoint e with its key."""
    headers = {"authorization": "Bearer first"} | ({BY_NAME: name} if name else {})
    async with plain_client() as client:
        return await client.post(serving.scoring_uri("e"), json=body or {}, headers=headers, timeout=30.0)


async def pids(serving: Serving, many: int = 12) -> set[int]:
    """The processes that answer requests in parallel."""
    answers = await asyncio.gather(*(score(serving, {"sleep": 0.05}) for _ in range(many)))
    return {answer.json()["pid"] for answer in answers}


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
            probe = Probe(initial_delay=0, period=0.2, timeout=0.5, failure_threshold=2)
            await serving.apply_deployment(dataclasses.replace(world.plan("blue", 2), readiness=probe))
            await serving.apply_routes(world.routes({"blue": 100}))
            both = serving.ports("e", "blue")
            busy = asyncio.create_task(score(serving, {"sleep": 5}))
            while len(one := serving.ports("e", "blue")) == 2:
                assert not busy.done()
                await asyncio.sleep(0.05)
            assert set(one) < set(both)
            assert (await score(serving)).json()["pid"] != (await busy).json()["pid"]
            while set(serving.ports("e", "blue")) != set(both):
                await asyncio.sleep(0.05)

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
