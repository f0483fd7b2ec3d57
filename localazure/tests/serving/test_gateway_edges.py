"""The gateway at its edges: what is no scoring request, and what is asked before endpoints are back."""

import asyncio
import json

import pytest

from .scene import OpenGateway, Scene

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"CONNECT 127.0.0.1:22 HTTP/1.1", b"405"),
        (b"OPTIONS * HTTP/1.1", b"404"),
        (b"GET http://other.example/none/score HTTP/1.1", b"404"),
    ],
)
def test_what_is_no_scoring_is_answered(open_gateway: OpenGateway, line: bytes, status: bytes) -> None:
    """At once, with an error's body: it is no proxy, and the server as a whole has no options."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            reader, writer = await asyncio.open_connection("127.0.0.1", scene.gateway.envoy.port)
            writer.write(line + b"\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.split()[1] == status
            assert json.loads(body)["error"]["message"]

    asyncio.run(run())


def test_endpoints_that_come_back_are_503(open_gateway: OpenGateway) -> None:
    """Callers try again; once all are back, what is not there is 404."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.gateway.expect(coming_back=True)
            waiting = await scene.post()
            assert (waiting.status_code, waiting.json()["error"]["code"]) == (503, "503")
            await scene.gateway.expect(coming_back=False)
            assert (await scene.post()).status_code == 404

    asyncio.run(run())


def test_a_browsers_preflight_fails(open_gateway: OpenGateway) -> None:
    """It sends no key, so it is 401, and nothing allows the page anything: the service has no CORS of its own."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            page = {"origin": "https://evil.example"}
            asks = page | {"access-control-request-method": "POST", "authorization": ""}
            uri = f"http://127.0.0.1:{scene.gateway.envoy.port}/e/score"
            refused = await scene.client.options(uri, headers=asks)
            scored = await scene.post(headers=page)
            assert (refused.status_code, scored.status_code) == (401, 200)
            assert scene.blue.requests.total() == 1
            for answer in (refused, scored):
                assert [name for name in answer.headers if name.startswith("access-control-")] == []

    asyncio.run(run())


def test_clients_that_never_finish_cost_others_nothing(open_gateway: OpenGateway) -> None:
    """200 connections that send half a head or half a body: a score is answered as before."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            head = b"POST /e/score HTTP/1.1\r\nhost: a\r\nauthorization: Bearer first\r\ncontent-length: 100\r\n"
            writers = []
            for number in range(200):
                _, writer = await asyncio.open_connection("127.0.0.1", scene.gateway.envoy.port)
                writer.write(head if number % 2 else head + b"\r\n{")
                writers.append(writer)
            assert [(await scene.post()).status_code for _ in range(5)] == [200] * 5
            for writer in writers:
                writer.close()

    asyncio.run(run())
