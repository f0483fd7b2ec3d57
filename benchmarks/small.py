"""The real gateway before two small servers that cost next to nothing, each a process of its own."""

import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from localazure.serving.children import Children
from localazure.serving.contract import Limits
from localazure.serving.envoy import Envoy
from localazure.serving.gateway import Gateway
from localazure.serving.routes import EndpointRoutes, Target, scoring_uri
from localazure.serving.xds import Cluster

NAMES = ("blue", "green")
BEYOND = Limits(requests_per_second=1_000_000, bytes_per_second=1 << 40)  # looked at, never reached


@dataclass(frozen=True, slots=True)
class Small:
    """The gateway, where to score, and the two servers' ports by deployment."""

    gateway: Gateway
    uri: str
    ports: Mapping[str, int]

    async def route(self, traffic: Mapping[str, int]) -> None:
        """Set the weights; it returns when they are in force."""
        targets = {name: Target(f"bench/{name}/1", 5000) for name in NAMES}
        routes = EndpointRoutes("bench", ("first", "second"), targets, traffic, {}, None, BEYOND)
        await self.gateway.route("bench", routes)


@asynccontextmanager
async def small_servers() -> AsyncIterator[Small]:
    """All of it up, and down again."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        children = Children(folder / "processes")
        stack.callback(children.close)
        gateway = Gateway(Envoy(folder / "gateway", children, BEYOND.body_bytes))
        stack.push_async_callback(gateway.close)
        await gateway.start(0)
        ports = {name: stack.enter_context(small_server()) for name in NAMES}
        for name, port in ports.items():
            await gateway.add(Cluster(f"bench/{name}/1", (port,), 1000))
        yield Small(gateway, scoring_uri(gateway.envoy.port, "bench"), ports)


@contextmanager
def small_server() -> Iterator[int]:
    """Its port."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.small"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def serve() -> None:
    """One request after the other, each on a connection of its own: as a sync worker does."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            head, _, body = connection.recv(1 << 16).partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            while len(body) < length and (more := connection.recv(1 << 16)):
                body += more
            connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")


if __name__ == "__main__":
    serve()
