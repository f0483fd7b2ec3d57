"""How a preview grows: the prod stack and 10, 100 and 300 endpoints, beside an empty program (`-m benchmarks.scale`).

Two deployments an endpoint; same engine, same environment, in turns; medians, ratios, the largest process's memory.
"""

import resource
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.stack import empty_project, local_stack, write
from ops.engine import Engine
from ops.paths import CHECKOUT

ROUNDS = 3
TARGETS = {"prod": 2.2, "100 endpoints": 5.0, "300 endpoints": 10.0}
DEPLOYMENT = {
    "model": "azureml:diabetes-ridge:1",
    "environment": "azureml:scoring:1",
    "code": "azureml:scoring-code:1",
    "instanceType": "Standard_DS3_v2",
    "instanceCount": 1,
}


def main() -> None:
    """Print each preview's median seconds and its ratio to the empty program's."""
    with local_stack() as (engine, _), tempfile.TemporaryDirectory() as folder:
        write(engine, {})
        engines = {"empty program": empty_project(engine, Path(folder) / "empty"), "prod": prod(engine)}
        for count in (10, 100, 300):
            engines[f"{count} endpoints"] = of(engine, Path(folder), count)
        seconds = {name: statistics.median(times) for name, times in in_turns(engines).items()}
    for name, took in seconds.items():
        target = f"  (target {TARGETS[name]:.1f}x)" if name in TARGETS else ""
        print(f"{name:<15} {took:6.2f} s  {took / seconds['empty program']:5.2f}x{target}")
    slope = (seconds["300 endpoints"] - seconds["100 endpoints"]) / 200
    print(f"growth: {slope * 1000:.1f} ms an endpoint from 100 to 300, ", end="")
    print(f"{(seconds['100 endpoints'] - seconds['10 endpoints']) / 90 * 1000:.1f} ms from 10 to 100")
    print(f"memory of the largest process: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


def prod(engine: Engine) -> Engine:
    """The committed prod stack file, on the local Azure."""
    path = engine_file(engine, "prod")
    path.write_text((CHECKOUT / "Pulumi.prod.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return replace(engine, config_file=path)


def of(engine: Engine, folder: Path, count: int) -> Engine:
    """A stack file with so many endpoints, two deployments each."""
    endpoints: Mapping[str, Any] = {
        f"endpoint-{number:03d}": {"deployments": {"blue": DEPLOYMENT, "green": DEPLOYMENT}, "traffic": {"blue": 100}}
        for number in range(count)
    }
    sized = replace(engine, config_file=folder / f"Pulumi.{count}.yaml")
    limits = {"safe-rollout:mostEndpoints": count, "safe-rollout:mostDeployments": 2 * count}
    write(sized, {**limits, "safe-rollout:endpoints": endpoints})
    return sized


def engine_file(engine: Engine, name: str) -> Path:
    """A stack file of this name beside the engine's own."""
    assert engine.config_file is not None
    return engine.config_file.with_name(f"Pulumi.{name}.yaml")


def in_turns(engines: Mapping[str, Engine]) -> dict[str, list[float]]:
    """Seconds of each engine's preview, by name, in turns; one warm-up of all is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(ROUNDS + 1):
        for name, engine in engines.items():
            began = time.perf_counter()
            engine.preview(diff=False)
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
