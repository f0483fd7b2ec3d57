"""The gateway beside nginx and beside going direct, and traffic changes under load: `python benchmarks/gateway.py`.

Real Envoy, real inference servers, nginx where it is installed (Debian: `apt-get install nginx-light`). Rounds of all
alternate in one run, so what the machine does besides hits all. Gateway and nginx check a key and split 90/10; direct
is one of the two servers. Printed: p50/p99 in milliseconds and requests a second of each, what is added to direct, the
requests a second per core of the gateway's and of nginx's processor time, and what was lost or misrouted by changes of
traffic while 500 requests a second were sent.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import nginx
from localazure.serving.contract import DeploymentPlan, Limits, RoutePlan
from localazure.serving.local import LocalServing, open_serving

SCORE = """
import json, os

def init():
    pass

def run(raw):
    return {"deployment": os.environ["DEPLOYMENT"], "rows": len(json.loads(raw)["data"])}
"""
CONDA = "dependencies: [python=3.11, pip, {pip: [azureml-inference-server-http]}]"
BODY = b'{"data": [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]]}'
ROUNDS = 7
ROUND_SECONDS = 2.0
RATE = 500
CHANGES = 40
NAMES = ("blue", "green")
SPLIT = {"blue": 90, "green": 10}


class Connection:
    """A keep-alive HTTP/1.1 connection with no more than this benchmark needs; opened again when the server closes."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer first\r\n"
            f"content-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
        ).encode()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self) -> tuple[int, dict[str, str], bytes]:
        """One request: status, headers and body. Raises OSError or IncompleteReadError when there is no answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(self._head + BODY)
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines if line)
            body = await reader.readexactly(int(headers["content-length"]))
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            raise
        if headers.get("connection") == "close":
            await self.close()
        return int(first.split()[1]), headers, body

    async def close(self) -> None:
        """End it."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


@dataclass
class Samples:
    """Latencies in seconds of all rounds, and requests a second of each."""

    latencies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def milliseconds(self, percent: int) -> float:
        """A percentile of the latencies."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1] * 1000


async def measure(uri: str, clients: int, into: Samples) -> None:
    """One round of `clients` connections that each send the next request when they have the answer to the last."""
    connections = [Connection(uri) for _ in range(clients)]
    begin = time.perf_counter()
    before = len(into.latencies)

    async def send(connection: Connection) -> None:
        while (sent := time.perf_counter()) < begin + ROUND_SECONDS:
            status, _, _ = await connection.post()
            if status != 200:
                raise SystemExit(f"{uri} answered {status}")
            into.latencies.append(time.perf_counter() - sent)
        await connection.close()

    await asyncio.gather(*(send(connection) for connection in connections))
    into.rates.append((len(into.latencies) - before) / (time.perf_counter() - begin))


def processor_seconds(pid: int) -> float:
    """User and system time of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Way:
    """One way to score, and what it took. `pid`: the router's process, None where there is no router."""

    name: str
    uri: str
    pid: int | None = None
    samples: Samples = field(default_factory=Samples)
    spent: float = 0.0

    async def go(self, clients: int) -> None:
        """One round."""
        begin = processor_seconds(self.pid) if self.pid else 0.0
        await measure(self.uri, clients, self.samples)
        self.spent += processor_seconds(self.pid) - begin if self.pid else 0.0

    def line(self, direct: Samples) -> str:
        """Its row; what a router adds is told beside."""
        p50, p99 = self.samples.milliseconds(50), self.samples.milliseconds(99)
        rate = statistics.median(self.samples.rates)
        text = f"  {self.name:8} p50 {p50:7.3f} ms   p99 {p99:7.3f} ms   {rate:7.0f} requests/s"
        if self.pid is None:
            return text
        requests = len(self.samples.latencies)
        return (
            f"{text}   added p50 {p50 - direct.milliseconds(50):+.3f}, p99 {p99 - direct.milliseconds(99):+.3f} ms   "
            f"{requests / self.spent:,.0f} requests/s per core ({self.spent / requests * 1e6:.0f} us each)"
        )


async def compare(serving: LocalServing, folder: Path, clients: int) -> None:
    """Direct, through the gateway and through nginx, round by round."""
    ports = {name: serving.ports("bench", name)[0] for name in NAMES}
    direct = Way("direct", f"http://127.0.0.1:{ports['blue']}/score")
    ways = [direct, Way("gateway", serving.scoring_uri("bench"), serving.gateway_pid)]
    with contextlib.ExitStack() as stack:
        if found := nginx.program():
            other = stack.enter_context(nginx.splitting(found, folder, "first", SPLIT, ports))
            ways.append(Way("nginx", other.uri, other.pid))
        for _ in range(ROUNDS):
            for way in ways:
                await way.go(clients)
    print(f"\n{clients} connection{'s' if clients > 1 else ''}, {ROUNDS} rounds of {ROUND_SECONDS:.0f} s each")
    for way in ways:
        print(way.line(direct.samples))
    if not found:
        print("  nginx    skipped: it is not installed here (Debian: apt-get install nginx-light)")


@dataclass
class Load:
    """Steady requests and what became of them. `allowed` are the deployments that may answer now."""

    uri: str
    allowed: set[str]
    served: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    misrouted: int = 0
    over: bool = False

    async def send(self, every: float) -> None:
        """One connection's share: a request each `every` seconds."""
        connection = Connection(self.uri)
        due = time.perf_counter()
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


async def change_under_load(serving: LocalServing) -> None:
    """Flip all traffic between the two deployments again and again."""
    load = Load(serving.scoring_uri("bench"), {"blue"})
    clients = [asyncio.create_task(load.send(16 / RATE)) for _ in range(16)]
    took = []
    begin = time.perf_counter()
    for number in range(CHANGES):
        live = NAMES[(number + 1) % 2]
        load.allowed.add(live)
        start = time.perf_counter()
        await serving.apply_routes(routes({live: 100}))
        took.append(time.perf_counter() - start)
        load.allowed.intersection_update({live})
        await asyncio.sleep(0.2)
    load.over = True
    await asyncio.gather(*clients)
    rate = load.served.total() / (time.perf_counter() - begin)
    print(f"\n{CHANGES} changes of all traffic at {rate:.0f} requests/s (wanted: {RATE})")
    print(f"  {load.served.total()} requests, {load.lost} lost, {load.misrouted} misrouted")
    print(f"  a change takes {statistics.median(took) * 1000:.0f} ms (median; longest {max(took) * 1000:.0f} ms)")


def routes(traffic: dict[str, int]) -> RoutePlan:
    """Both deployments by name, and these weights."""
    return RoutePlan("bench", "Key", ("first", "second"), NAMES, traffic, {})


async def run(cache: Path) -> None:
    """Bring the two deployments up, measure, take them down."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        (state / "code").mkdir()
        (state / "code" / "score.py").write_text(SCORE)
        any_rate = Limits(requests_per_second=0, bytes_per_second=0)
        serving = await open_serving(state / "state", cache, 0, Path(sys.executable).parent / "uv", any_rate)
        try:
            for name in NAMES:
                plan = DeploymentPlan(
                    "bench",
                    name,
                    1,
                    state / "code",
                    "score.py",
                    state,
                    CONDA,
                    "",
                    {"DEPLOYMENT": name},
                    max_concurrent=100,
                )
                await serving.apply_deployment(plan)
            await serving.apply_routes(routes(SPLIT))
            for clients in (1, 16):
                await compare(serving, state / f"nginx-{clients}", clients)
            await serving.apply_routes(routes({"blue": 100}))
            await change_under_load(serving)
        finally:
            await serving.close()


if __name__ == "__main__":
    home = os.environ.get("SAFE_ROLLOUT_CACHE") or Path(
        os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "safe-rollout"
    )
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cache", type=Path, default=Path(home))
    asyncio.run(run(parser.parse_args().cache))
