"""Changes of all traffic while 500 requests a second are sent: what is lost, what is misrouted, what a change takes.

The real gateway before two small servers that cost next to nothing, so that a busy machine reaches that rate; the same
changes before real inference servers are part of `benchmarks.gateway`.
"""

import asyncio
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.connection import Connection
from localazure.serving.children import Children
from localazure.serving.envoy import Envoy
from localazure.serving.gateway import Gateway
from localazure.serving.routes import EndpointRoutes, Target, scoring_uri
from localazure.serving.xds import Cluster

NAMES = ("blue", "green")
RATE = 500
CONNECTIONS = 50
CHANGES = 40
BODY_BYTES = 1_000_000


@dataclass
class Load:
    """Steady requests and what became of them. `allowed` are the deployments that may answer now."""

    uri: str
    allowed: set[str]
    served: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    misrouted: int = 0
    over: bool = False

    async def send(self, every: float, after: float) -> None:
        """One connection's share: a request each `every` seconds, the first `after` some."""
        connection = Connection(self.uri)
        due = time.perf_counter() + after - every
        while not self.over:
            due += every
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            before = set(self.allowed)
            try:
                status, headers, _ = await connection.post()
            except (OSError, asyncio.IncompleteReadError):
                self.lost += 1
                continue
            name = headers.get("azureml-model-deployment", "nobody")
            self.served[name] += 1
            self.lost += status != 200
            self.misrouted += name not in before | self.allowed
        await connection.close()


async def change_under_load(uri: str, route: Callable[[str], Awaitable[None]], rate: int = RATE) -> None:
    """Move all traffic from one deployment to the other again and again; `route` makes one the live one."""
    load = Load(uri, {"blue"})
    sends = (load.send(CONNECTIONS / rate, number / rate) for number in range(CONNECTIONS))
    clients = [asyncio.create_task(send) for send in sends]
    took = []
    begin = time.perf_counter()
    for number in range(CHANGES):
        live = NAMES[(number + 1) % 2]
        load.allowed.add(live)
        start = time.perf_counter()
        await route(live)
        took.append(time.perf_counter() - start)
        load.allowed.intersection_update({live})
        await asyncio.sleep(0.2)
    load.over = True
    await asyncio.gather(*clients)
    reached = load.served.total() / (time.perf_counter() - begin)
    print(f"\n{CHANGES} changes of all traffic at {reached:.0f} requests/s (wanted: {rate})")
    print(f"  {load.served.total()} requests, {load.lost} lost, {load.misrouted} misrouted")
    print(f"  a change takes {statistics.median(took) * 1000:.0f} ms (median; longest {max(took) * 1000:.0f} ms)")


@asynccontextmanager
async def small_server(name: str) -> AsyncIterator[int]:
    """Answers its name, and ends the connection as a sync worker does; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            text = f'{{"deployment": "{name}"}}'.encode()
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(text) + text)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def run() -> None:
    """The gateway and its two servers up, the changes, all down again."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        children = Children(folder / "processes")
        stack.callback(children.close)
        gateway = Gateway(Envoy(folder / "gateway", children, BODY_BYTES))
        stack.push_async_callback(gateway.close)
        await gateway.start(0)
        targets = {}
        for name in NAMES:
            port = await stack.enter_async_context(small_server(name))
            await gateway.add(Cluster(f"bench/{name}/1", (port,), 1000))
            targets[name] = Target(f"bench/{name}/1", 5000)

        async def route(live: str) -> None:
            await gateway.route("bench", EndpointRoutes("bench", ("first", "second"), targets, {live: 100}, {}))

        await route("blue")
        await change_under_load(scoring_uri(gateway.envoy.port, "bench"), route)


def main() -> None:
    """Print what was lost and misrouted."""
    asyncio.run(run())


if __name__ == "__main__":
    main()
