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
