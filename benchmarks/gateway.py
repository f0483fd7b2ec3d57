"""The gateway beside nginx and beside going direct, and traffic changes under load: `python -m benchmarks.gateway`.

Real Envoy, nginx where it is installed (Debian: `apt-get install nginx-light`). Rounds of all alternate in one run, so
what the machine does besides hits all. Gateway and nginx check a key and split 90/10; the gateway also looks at its
limits, counts and turns a model's errors into 424; direct is one of the two servers. Load and servers are processes of
their own.

Before real inference servers: p50/p99 in milliseconds, what is added to direct, and requests a second, which are those
of the servers. Before small servers, with as many requests as it takes: what the gateway and nginx take of a processor
for each request. That is processor time, so it depends less on what else runs than times do.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localazure.serving.contract import DeploymentPlan, RoutePlan
from localazure.serving.local import open_serving

from benchmarks import nginx
from benchmarks.changes import change_under_load
from benchmarks.load import Answer, Load
from benchmarks.small import BEYOND, NAMES, small_servers

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
MANY = 32  # connections that keep a router busy
REAL_RATE = 100  # requests a second that the inference servers reach on a busy machine


def processor_seconds(pid: int) -> float:
    """User and system time of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Way:
    """One way to score, and what it took in each round. `pid`: the router's process, None where there is no router."""

    name: str
    uri: str
    pid: int | None = None
    latencies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)  # microseconds of processor time per request

    async def go(self, clients: int) -> None:
        """One round of `clients` connections that each send the next request when they have the answer to the last."""
        begin = processor_seconds(self.pid) if self.pid else 0.0
        with Load(self.uri, clients) as load:
            await asyncio.sleep(ROUND_SECONDS)
            answers = await asyncio.to_thread(load.answers)
        if wrong := {each.status for each in answers} - {200}:
            raise SystemExit(f"{self.uri} answered {sorted(wrong)}")
        self.latencies += [each.answered - each.sent for each in answers]
        self.rates.append(len(answers) / _lasted(answers))
        if self.pid:
            self.spent.append((processor_seconds(self.pid) - begin) / len(answers) * 1e6)

    def milliseconds(self, percent: int) -> float:
        """A percentile of all rounds' latencies."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1] * 1000

    def line(self, direct: "Way") -> str:
        """Its row; what a router adds is told beside."""
        p50, p99 = self.milliseconds(50), self.milliseconds(99)
        text = (
            f"  {self.name:8} p50 {p50:7.3f} ms   p99 {p99:7.3f} ms   {statistics.median(self.rates):7.0f} requests/s"
        )
        if not self.spent:
            return text
        spent = statistics.median(self.spent)
        return (
            f"{text}   added p50 {p50 - direct.milliseconds(50):+.3f}, p99 {p99 - direct.milliseconds(99):+.3f} ms   "
            f"{1e6 / spent:,.0f} requests/s per core ({spent:.0f} us each, least {min(self.spent):.0f})"
        )


def _lasted(answers: list[Answer]) -> float:
    return max(each.answered for each in answers) - min(each.sent for each in answers)


async def compare(ports: Mapping[str, int], uri: str, pid: int, clients: int, servers: str) -> None:
    """Direct, through the gateway and through nginx, round by round."""
    direct = Way("direct", f"http://127.0.0.1:{ports['blue']}/score")
    ways = [direct, Way("gateway", uri, pid)]
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        if found := nginx.program():
            other = stack.enter_context(nginx.splitting(found, Path(folder) / "nginx", "first", SPLIT, ports))
            ways.append(Way("nginx", other.uri, other.pid))
        for _ in range(ROUNDS):
            for way in ways:
                await way.go(clients)
    connections = f"{clients} connection{'s' if clients > 1 else ''}"
    print(f"\n{connections}, {servers} servers, {ROUNDS} rounds of {ROUND_SECONDS:.0f} s each")
    for way in ways:
        print(way.line(direct))
    if not found:
        print("  nginx    skipped: it is not installed here (Debian: apt-get install nginx-light)")


def routes(traffic: dict[str, int]) -> RoutePlan:
    """Both deployments by name, and these weights."""
    return RoutePlan("bench", "Key", ("first", "second"), NAMES, traffic, {})


async def before_small_servers() -> None:
    """What the routers cost."""
    async with small_servers() as small:
        await small.route(SPLIT)
        await compare(small.ports, small.uri, small.gateway.envoy.pid, MANY, "small")


async def before_real_servers(cache: Path) -> None:
    """Bring the two deployments up, measure, take them down."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        (state / "code").mkdir()
        (state / "code" / "score.py").write_text(SCORE)
        serving = await open_serving(state / "state", cache, 0, Path(sys.executable).parent / "uv", BEYOND)
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
            ports = {name: serving.ports("bench", name)[0] for name in NAMES}
            uri = serving.scoring_uri("bench")
            for clients in (1, 16):
                await compare(ports, uri, serving.gateway_pid, clients, "inference")
            await change_under_load(uri, lambda live: serving.apply_routes(routes({live: 100})), REAL_RATE)
        finally:
            await serving.close()


async def run(cache: Path) -> None:
    """All of it, and how busy the machine was."""
    await before_small_servers()
    await before_real_servers(cache)
    print(f"\n{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}")


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
