"""Backends, a gateway and scoring code for the tests of the serving side."""

import asyncio
import contextlib
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import TracebackType

import pytest

from localazure.serving.children import Children
from localazure.serving.envoy import Envoy
from localazure.serving.gateway import Gateway
from tests.serving.endpoint import World

CONDA = """
name: model-env
channels: [conda-forge]
dependencies:
- python=3.11
- pip
- pip:
  - azureml-inference-server-http==1.5.1
"""

SCORE = """
import json
import os
import time

NAME = os.environ["DEPLOYMENT"]


def init():
    print("init of", NAME)
    if NAME == "broken":
        raise ValueError("this model cannot be read")


def run(raw):
    wanted = json.loads(raw)
    time.sleep(wanted.get("sleep", 0))
    if wanted.get("crash"):
        os._exit(3)
    if wanted.get("fail"):
        raise ValueError("this input cannot be scored")
    return {"deployment": NAME, "pid": os.getpid(), "variables": dict(os.environ) if wanted.get("variables") else {}}
"""


class Backend:
    """A server that answers as a sync worker does: its name, then the end of the connection."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.requests: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self.port = 0
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Backend":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._answer(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._exchange(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = json.loads(await reader.readexactly(int(self.headers.get("content-length", 0))) or b"{}")
        self.requests[first.split()[1]] += 1
        await asyncio.sleep(body.get("sleep", 0))
        text = json.dumps({"served": self.name}).encode()
        status = body.get("status", "200 OK")
        head = f"HTTP/1.1 {status}\r\ncontent-length: {len(text)}\r\nserver: model\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + text)
        await writer.drain()


@pytest.fixture
def open_gateway(tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Gateway]]:
    """A real Envoy with no endpoint, on any free port."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Gateway]:
        children = Children(tmp_path / "processes")
        gateway = Gateway(Envoy(tmp_path / "gateway", children, 1_000_000))
        try:
            await gateway.start(0)
            yield gateway
        finally:
            await gateway.close()
            children.close()

    return opened


@pytest.fixture
def code_dir(tmp_path: Path) -> Path:
    """A code folder whose score.py tells who it is and does what the request asks."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "score.py").write_text(SCORE)
    return folder


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of environments, empty at first."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def uv() -> Path:
    """The uv of this project's environment."""
    return Path(sys.executable).parent / "uv"


@pytest.fixture(scope="session")
def conda_file() -> str:
    """The smallest conda file that can be served."""
    return CONDA


@pytest.fixture
def world(tmp_path: Path, cache: Path, uv: Path, code_dir: Path, conda_file: str) -> World:
    """Endpoint e has nothing yet."""
    return World(tmp_path / "state", cache, uv, code_dir, conda_file)
