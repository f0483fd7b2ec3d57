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
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import nginx
from benchmarks.changes import NAMES, change_under_load
from benchmarks.connection import Connection
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
ROUNDS = 7
ROUND_SECONDS = 2.0
SPLIT = {"blue": 90, "green": 10}


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
            uri = serving.scoring_uri("bench")
            await change_under_load(uri, lambda live: serving.apply_routes(routes({live: 100})))
        finally:
            await serving.close()


def main() -> None:
    """Print the rows."""
    home = os.environ.get("SAFE_ROLLOUT_CACHE") or Path(
        os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "safe-rollout"
    )
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cache", type=Path, default=Path(home))
    asyncio.run(run(parser.parse_args().cache))


if __name__ == "__main__":
    main()
