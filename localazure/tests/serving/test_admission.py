"""Who and how much is let in, by the real Envoy: tokens, requests and bytes a second, the length of a body."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from localazure.clock import MODES, TurnableClock
from localazure.identity.keys import TokenKeys
from localazure.identity.routes import Identity
from localazure.serving.contract import Limits, Reading, TokenCheck
from localazure.serving.routes import BY_NAME

from .scene import OpenGateway, Scene
from .test_gateway import Load

pytestmark = pytest.mark.slow

ISSUER = "https://issuer.example/"
KEY = ec.generate_private_key(ec.SECP256R1())


def check(*audiences: str) -> TokenCheck:
    """Tokens of KEY for these audiences."""
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k", "alg": "ES256"}
    return TokenCheck(json.dumps({"keys": [public]}), ISSUER, audiences)


def token(key: ec.EllipticCurvePrivateKey = KEY, lasts: float = 60, **claims: Any) -> str:
    """A token for the audience `one` that lasts so many seconds."""
    wanted = {"iss": ISSUER, "aud": "one", "exp": int(time.time() + lasts), **claims}
    return jwt.encode(wanted, key, "ES256", headers={"kid": "k"})


async def status(scene: Scene, bearer: str, endpoint: str = "one", named: str | None = None) -> int:
    """What a request with this token gets; a refusal has the service's form, 401 and 403 name no deployment."""
    headers = {"authorization": f"Bearer {bearer}"} | ({BY_NAME: named} if named else {})
    answer = await scene.post(headers=headers, endpoint=endpoint)
    if answer.status_code != httpx2.codes.OK:
        assert answer.json()["error"]["code"] == str(answer.status_code)
        assert BY_NAME not in answer.headers or answer.status_code not in (401, 403)
    return answer.status_code


def test_a_token_opens_its_own_endpoint_only(open_gateway: OpenGateway) -> None:
    """401 without a good token, 403 with one for another endpoint, by name too; and none reaches the deployment."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.admit("one", check("one"))
            await scene.admit("two", check("two", "both"))
            good = token()
            assert await status(scene, good) == 200
            assert await status(scene, good, named="green") == 200
            assert "authorization" not in scene.green.headers
            assert await status(scene, good, named="red") == 404
            assert await status(scene, good, "two") == 403
            assert await status(scene, token(aud="both"), "two") == 200
            other = ec.generate_private_key(ec.SECP256R1())
            bad = [token(other), token(iss="https://other/"), f"{good[:-4]}AAAA", "no-token", "first"]
            assert [await status(scene, each) for each in bad] == [401] * len(bad)
            unnamed = await scene.client.post(
                f"http://127.0.0.1:{scene.gateway.envoy.port}/one/score?access_token={good}",
                headers={"authorization": ""},
            )
            assert unnamed.status_code == 401
            swagger = f"http://127.0.0.1:{scene.gateway.envoy.port}/one/swagger.json"
            assert (await scene.client.get(swagger)).status_code == 401

    asyncio.run(run())


def test_a_token_is_refused_when_it_has_expired(open_gateway: OpenGateway) -> None:
    """It opens the endpoint until its time is over, and not a minute longer."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.admit("one", check("one"))
            short = token(lasts=2)
            assert await status(scene, short) == 200
            assert await status(scene, token(lasts=-5)) == 401
            while await status(scene, short) == 200:
                assert jwt.decode(short, options={"verify_signature": False})["exp"] + 3 > time.time()
                await asyncio.sleep(0.1)

    asyncio.run(run())


def test_a_token_expires_by_the_clock_that_is_turned(open_gateway: OpenGateway) -> None:
    """On a clock that is turned, or goes faster than the wall's, a token is refused when it is over by that clock."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            hour = token(lasts=3600)
            for ahead, pace, expected in ((0, 1, 200), (3000, 1, 200), (3700, 1, 401), (0, 60, 200)):
                wall = time.time()
                await scene.admit("one", replace(check("one"), clock=Reading(wall + ahead, wall, pace)))
                assert await status(scene, hour) == expected
            short = token(lasts=300)
            while await status(scene, short) == 200:
                assert time.time() < wall + 60
                await asyncio.sleep(0.1)
            await scene.admit("one", replace(check("one"), clock=Reading(time.time() + 3700, time.time(), 1)))
            assert await status(scene, "no-token") == 401
            answer = await scene.post(headers={"authorization": f"Bearer {hour}"}, endpoint="one")
            assert answer.json() == {"error": {"code": "401", "message": "the token has expired"}}

    asyncio.run(run())


def test_the_local_authoritys_tokens_open_what_they_are_for(open_gateway: OpenGateway, tmp_path: Path) -> None:
    """An endpoint's own token opens it alone, an Entra token for Azure ML each AADToken endpoint; on a turned clock."""

    async def run() -> None:
        turned = datetime.now(UTC) + timedelta(hours=5)
        keys = TokenKeys(tmp_path / "identity", "https://127.0.0.1:8443/adfs/", TurnableClock(MODES["instant"], turned))
        identity = Identity("https://127.0.0.1:8443", "https://127.0.0.1:8490/a", "tenant", "client", "secret", keys)
        hour = timedelta(hours=1)
        async with Scene(open_gateway) as scene:
            await scene.admit("one", identity.token_check("one", "AMLToken"))
            await scene.admit("two", identity.token_check("two", "AADToken"))
            own = identity.endpoint_token("one", hour)
            assert (await status(scene, own), await status(scene, own, "two")) == (200, 403)
            for audience in ("https://ml.azure.com", "https://ml.azure.local"):
                entra = keys.sign(audience, "client", hour)
                assert (await status(scene, entra), await status(scene, entra, "two")) == (403, 200)
            assert await status(scene, keys.sign("https://management.azure.com", "client", hour), "two") == 403
            assert await status(scene, keys.sign("https://ml.azure.com", "client", timedelta(hours=-6)), "two") == 401

    asyncio.run(run())


def test_endpoints_with_keys_and_with_tokens_stand_side_by_side(open_gateway: OpenGateway) -> None:
    """A key opens no token endpoint and a token no key endpoint, also after one of them has gone."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.admit("one", check("one"))
            await scene.admit("two")
            assert (await status(scene, "first", "two"), await status(scene, token(), "two")) == (200, 401)
            assert (await status(scene, "first"), await status(scene, token())) == (401, 200)
            await scene.gateway.route("one", None)
            assert (await status(scene, token()), await status(scene, "first", "two")) == (404, 200)

    asyncio.run(run())


def test_a_token_endpoint_is_closed_after_the_gateway_came_back(open_gateway: OpenGateway) -> None:
    """A gateway that is started again has its token checks from its first request on."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.admit("one", check("one"))
            os.kill(scene.gateway.envoy.pid, signal.SIGKILL)
            answers: set[int] = set()
            while 401 not in answers:
                try:
                    answers.add((await scene.post(endpoint="one")).status_code)
                except httpx2.TransportError:
                    await asyncio.sleep(0.05)
            assert answers == {401}

    asyncio.run(run())


def test_more_requests_a_second_than_the_limit_are_429(open_gateway: OpenGateway) -> None:
    """A burst takes what is there, by name or not; another endpoint has its own, of which refused callers use none."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            limits = Limits(requests_per_second=5, bytes_per_second=0)
            await scene.admit("one", None, limits)
            await scene.admit("two", None, limits)
            named = [{BY_NAME: ("blue", "green")[number % 2]} for number in range(40)]
            answers = await asyncio.gather(*(scene.post(headers=each, endpoint="one") for each in named))
            counted = Counter(answer.status_code for answer in answers)
            assert counted.keys() == {200, 429}
            assert 5 <= counted[200] <= 20
            refused = next(answer for answer in answers if answer.status_code == 429)
            assert refused.json()["error"]["code"] == "429"
            assert {await status(scene, "no key", "two") for _ in range(10)} == {401}
            assert await status(scene, "first", "two") == 200

    asyncio.run(run())


def test_bytes_are_slowed_to_the_limit_of_the_endpoint(open_gateway: OpenGateway) -> None:
    """Two bodies of 100 kB at 100 kB/s take two seconds together, though they go to two deployments."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.admit("one", None, Limits(requests_per_second=0, bytes_per_second=102_400))
            await scene.admit("two")
            body = {"data": "x" * 102_400}
            began = time.monotonic()
            answers = await asyncio.gather(*(scene.post(body, {BY_NAME: name}, "one") for name in ("blue", "green")))
            took = time.monotonic() - began
            assert [answer.status_code for answer in answers] == [200, 200]
            assert took > 1.0  # a full bucket is spent at once
            assert (await scene.post(body, endpoint="two")).status_code == 200

    asyncio.run(run())


def test_a_body_that_is_too_long_is_413(open_gateway: OpenGateway) -> None:
    """With a length told and without, and the deployment sees nothing of it."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            answer = await scene.post({"data": "x" * 1_100_000})
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "413")

            async def parts() -> Any:
                for _ in range(11):
                    yield b"x" * 100_000

            uri = f"http://127.0.0.1:{scene.gateway.envoy.port}/e/score"
            assert (await scene.client.post(uri, content=parts())).status_code == 413
            assert scene.blue.requests.total() == 0
            assert (await scene.post({"data": "x" * 900_000})).status_code == 200

    asyncio.run(run())


def test_endpoints_that_come_and_go_cost_others_no_request(open_gateway: OpenGateway) -> None:
    """Token checks and limits of another endpoint change ten times under load, and no connection is lost."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            load = Load(scene, [{"blue"}])
            clients = [asyncio.create_task(load.client()) for _ in range(8)]
            for number in range(10):
                await scene.admit("one", check("one"), Limits(requests_per_second=100 + number))
                assert await status(scene, token()) == 200
                await scene.gateway.route("one", None)
                assert await status(scene, token()) == 404
            load.over = True
            await asyncio.gather(*clients)
            assert (load.lost, load.wrong) == ([], [])
            assert load.served["blue"] > 50

    asyncio.run(run())
