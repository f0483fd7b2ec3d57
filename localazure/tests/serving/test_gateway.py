"""The real Envoy in front of small backends: who is served by whom, and that no change loses or misroutes a request."""

import asyncio
import os
import signal
from collections import Counter
from dataclasses import dataclass, field

import httpx2
import pytest

from localazure.serving.contract import ServingError
from localazure.serving.routes import BY_NAME, EndpointRoutes, Target, scoring_uri
from localazure.serving.xds import Cluster

from .conftest import Backend
from .scene import KEYS, OpenGateway, Scene

pytestmark = pytest.mark.slow


@dataclass
class Load:
    """Steady requests; `wrong` are those from a deployment that was in no plan while they ran.

    `plans` are the deployments that may answer, one plan after the other: a request may see several of them.
    """

    scene: Scene
    plans: list[set[str]]
    served: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: bool = False

    async def client(self) -> None:
        """Send until it is over."""
        while not self.over:
            since = len(self.plans) - 1
            try:
                answer = await self.scene.post()
            except httpx2.TransportError as error:
                self.lost.append(repr(error))
                continue
            name = answer.headers.get(BY_NAME, "nobody")
            self.served[name] += 1
            if answer.status_code != httpx2.codes.OK:
                self.lost.append(f"{answer.status_code} {answer.text}")
            elif name not in set().union(*self.plans[since:]) or answer.json()["served"] != name:
                self.wrong.append(name)


def test_who_may_call_and_whom_they_reach(open_gateway: OpenGateway) -> None:
    """401 without a right key, 404 for an unknown name or no weight; both keys open, and neither is passed on."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({})
            named = {BY_NAME: "green"}
            assert (await scene.post()).status_code == 404
            assert (await scene.post(headers={BY_NAME: "red"})).status_code == 404
            assert (await scene.post(headers={"authorization": ""} | named)).status_code == 401
            assert (await scene.post(headers={"authorization": "Bearer other"} | named)).status_code == 401
            answer = await scene.post(headers={"authorization": "Bearer second"} | named)
            assert (answer.status_code, answer.headers[BY_NAME], answer.json()) == (200, "green", {"served": "green"})
            assert "authorization" not in scene.green.headers
            await scene.route({"blue": 100})
            assert (await scene.post()).headers[BY_NAME] == "blue"
            unknown = await scene.client.post(scoring_uri(scene.gateway.envoy.port, "other"))
            assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "404")

    asyncio.run(run())


def test_swagger_is_behind_the_same_key(open_gateway: OpenGateway) -> None:
    """The endpoint's swagger.json is the live deployment's, for who has a key."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            uri = f"http://127.0.0.1:{scene.gateway.envoy.port}/e/swagger.json"
            assert (await scene.client.get(uri, params={"version": "3"})).json() == {"served": "blue"}
            assert scene.blue.requests == {"/swagger.json?version=3": 1}
            assert (await scene.client.get(uri, headers={"authorization": "no"})).status_code == 401

    asyncio.run(run())


def test_a_split_follows_the_weights(open_gateway: OpenGateway) -> None:
    """Of 1,000 requests at 90/10 a tenth goes to green (five standard deviations allowed), none anywhere else."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 90, "green": 10})
            served: Counter[str] = Counter()
            for _ in range(50):
                served.update(
                    answer.headers[BY_NAME] for answer in await asyncio.gather(*(scene.post() for _ in range(20)))
                )
            assert served.total() == 1000
            assert abs(served["green"] - 100) < 5 * 9.5
            assert served == {"blue": scene.blue.requests["/score"], "green": scene.green.requests["/score"]}

    asyncio.run(run())


def test_a_mirror_is_counted_apart_and_never_answers(open_gateway: OpenGateway) -> None:
    """Half of the weighted requests are copied, none of the named ones; only the live deployment answers."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100}, {"green": 50})
            answers = [await scene.post() for _ in range(400)]
            assert {answer.headers[BY_NAME] for answer in answers} == {"blue"}
            mirrored = scene.green.requests["/score"]
            assert abs(mirrored - 200) < 5 * 10
            for _ in range(50):
                await scene.post(headers={BY_NAME: "blue"})
            assert scene.green.requests["/score"] == mirrored
            counts = await scene.gateway.counts()
            assert (counts["e/blue/1"].live, counts["e/blue/1"].mirrored) == (450, 0)
            assert (counts["e/green/1"].live, counts["e/green/1"].mirrored) == (0, mirrored)

    asyncio.run(run())


def test_what_takes_too_long_is_408(open_gateway: OpenGateway) -> None:
    """A deployment that exceeds its request timeout is answered for by the gateway."""

    async def run() -> None:
        async with Scene(open_gateway, timeout_ms=300) as scene:
            await scene.route({"blue": 100})
            answer = await scene.post({"sleep": 1})
            assert (answer.status_code, answer.headers[BY_NAME]) == (408, "blue")
            assert answer.json()["error"]["code"] == "408"

    asyncio.run(run())


def test_more_than_the_limit_is_429_and_leaves_nothing_behind(open_gateway: OpenGateway) -> None:
    """Requests beyond the limit are refused at once, those within are served, and so is the next one."""

    async def run() -> None:
        async with Scene(open_gateway, limit=4) as scene:
            await scene.route({"blue": 100})
            answers = await asyncio.gather(*(scene.post({"sleep": 1}) for _ in range(10)))
            statuses = Counter(answer.status_code for answer in answers)
            assert statuses == {200: 4, 429: 6}
            assert (await scene.post()).status_code == 200

    asyncio.run(run())


def test_a_models_error_is_424_with_its_own_status_beside(open_gateway: OpenGateway) -> None:
    """An answer of the deployment that is not 200 becomes 424, its body kept and its status in a header."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            answer = await scene.post({"status": "400 Bad Request"})
            assert (answer.status_code, answer.headers["ms-azureml-model-error-statuscode"]) == (424, "400")
            assert (answer.json(), answer.headers[BY_NAME]) == ({"served": "blue"}, "blue")

    asyncio.run(run())


def test_flips_under_load_lose_and_misroute_nothing(open_gateway: OpenGateway) -> None:
    """While traffic flips twenty times, every request is answered by a deployment that had weight while it ran."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            load = Load(scene, [{"blue"}])
            clients = [asyncio.create_task(load.client()) for _ in range(8)]
            for number in range(20):
                live = "green" if number % 2 == 0 else "blue"
                load.plans.append({"blue", "green"})
                await scene.route({live: 100})
                load.plans.append({live})
                await asyncio.sleep(0.05 * (number % 3))
            load.over = True
            await asyncio.gather(*clients)
            assert (load.lost, load.wrong) == ([], [])
            assert min(load.served["blue"], load.served["green"]) > 20

    asyncio.run(run())


def test_instances_come_and_go_under_load(open_gateway: OpenGateway) -> None:
    """A deployment's cluster is replaced ten times, each time drained before its backend stops, and nothing is lost."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            load = Load(scene, [{"blue"}])
            clients = [asyncio.create_task(load.client()) for _ in range(8)]
            for revision in range(2, 12):
                async with Backend("blue") as another:
                    await scene.put("blue", (another.port,), revision)
                    await scene.route({"blue": 100})
                    await scene.gateway.retire(f"e/blue/{revision - 1}", within=5)
                    await scene.put("blue", (scene.blue.port,), revision + 100)
                    await scene.route({"blue": 100})
                    await scene.gateway.retire(f"e/blue/{revision}", within=5)
                await scene.put("blue", (scene.blue.port,), revision)
                await scene.route({"blue": 100})
                await scene.gateway.retire(f"e/blue/{revision + 100}", within=5)
            load.over = True
            await asyncio.gather(*clients)
            assert (load.lost, load.wrong) == ([], [])
            counts = await scene.gateway.counts()
            assert sum(counts[name].live for name in counts) == load.served["blue"]

    asyncio.run(run())


def test_retiring_waits_for_the_last_request(open_gateway: OpenGateway) -> None:
    """A request in flight comes to its end before its cluster is gone."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            slow = asyncio.create_task(scene.post({"sleep": 1}))
            await asyncio.sleep(0.2)
            await scene.route({"green": 100})
            await scene.gateway.retire("e/blue/1", within=5)
            assert slow.done()
            assert (await slow).json() == {"served": "blue"}

    asyncio.run(run())


def test_a_dead_instance_costs_nothing_while_another_lives(open_gateway: OpenGateway) -> None:
    """Requests whose connection is refused go to the other instance, also when that one has all the work."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            async with Backend("blue") as dead:
                ports = (dead.port, scene.blue.port)
            await scene.put("blue", ports, 2)
            await scene.route({"blue": 100})
            for _ in range(20):
                answers = await asyncio.gather(*(scene.post({"sleep": 0.2}) for _ in range(60)))
                assert Counter(answer.status_code for answer in answers) == {200: 60}


def test_a_deployment_without_any_living_instance_is_503(open_gateway: OpenGateway) -> None:
    """The refusal has the service's form, after some tries."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            async with Backend("blue") as dead:
                pass
            await scene.put("blue", (dead.port,), 2)
            await scene.route({"blue": 100})
            answer = await scene.post()
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "503")

    asyncio.run(run())


def test_a_gateway_that_ends_comes_back_as_it_was(open_gateway: OpenGateway) -> None:
    """Killed, it listens again on the same port with the same routes."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"green": 100})
            os.kill(scene.gateway.envoy.pid, signal.SIGKILL)
            answer: httpx2.Response | None = None
            while answer is None:
                try:
                    answer = await scene.post()
                except httpx2.TransportError:
                    await asyncio.sleep(0.1)
            assert answer.json() == {"served": "green"}
            await scene.route({"blue": 100})
            assert (await scene.post()).json() == {"served": "blue"}

    asyncio.run(run())


def test_a_change_that_cannot_be_written_changes_nothing(open_gateway: OpenGateway) -> None:
    """It is one clear error, requests go where they went, and the next change is as if it had not been."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            file = scene.gateway.envoy.folder / "routes.json"
            kept = file.rename(file.with_suffix(".kept"))
            file.mkdir()
            with pytest.raises(ServingError, match=r"routes\.json can't be written"):
                await scene.route({"green": 100})
            assert (await scene.post()).json() == {"served": "blue"}
            file.rmdir()
            kept.rename(file)
            await scene.gateway.add(Cluster("other/blue/1", (scene.blue.port,), 10))
            target = Target("other/blue/1", 1000)
            await scene.gateway.route("other", EndpointRoutes("other", KEYS, {"blue": target}, {}, {}))
            assert (await scene.post()).json() == {"served": "blue"}

    asyncio.run(run())


def test_keys_are_for_the_owner_alone(open_gateway: OpenGateway) -> None:
    """What holds the keys, and the admin interface that could show them, is closed to other users."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            kept = scene.gateway.envoy.folder
            assert kept.stat().st_mode & 0o077 == 0
            assert (kept / "routes.json").stat().st_mode & 0o077 == 0
            assert scene.gateway.envoy.admin_socket.parent.stat().st_mode & 0o077 == 0

    asyncio.run(run())
