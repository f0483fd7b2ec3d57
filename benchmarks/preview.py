"""How long the preview of a traffic shift takes beside an empty program's: `python -m benchmarks.preview`.

Same engine, same environment, byte code cached, in turns; medians and their ratio. Also the memory of the local Azure.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.stack import empty_project, local_stack, register, write
from ops.engine import Engine, PulumiError

ROUNDS = 9
TARGET = 2.0
MEMORY_TARGET_MB = 200


def main() -> None:
    """Print both medians, the ratio, and the local Azure's memory."""
    with local_stack() as (engine, ready), tempfile.TemporaryDirectory() as folder:
        write(engine, {})
        engine.up()
        assets = register(engine)
        write(engine, endpoints(assets, {"blue": 100}))
        engine.up()
        engine.up()
        write(engine, endpoints(assets, {"blue": 90, "green": 10}))
        empty = empty_project(engine, Path(folder) / "empty")
        shift, nothing = in_turns(engine.preview, empty.preview)
        refused, accepted = in_turns(lambda: refusal(engine, assets), lambda: acceptance(engine, assets))
        print(f"preview of an empty program   {nothing:6.2f} s")
        print(f"preview of a traffic shift    {shift:6.2f} s   {shift / nothing:.2f}x (target {TARGET:.1f}x)")
        print(
            f"preview of a refused shift    {refused:6.2f} s   {refused / accepted:.2f}x an accepted one (target 1.3x)"
        )
        memory = resident_mb(ready.pid)
        print(f"memory of the local Azure     {memory:6.0f} MB  (target {MEMORY_TARGET_MB} MB)")


def acceptance(engine: Engine, assets: dict[str, Any]) -> None:
    """Preview a shift that is allowed."""
    write(engine, endpoints(assets, {"blue": 90, "green": 10}))
    engine.preview()


def refusal(engine: Engine, assets: dict[str, Any]) -> None:
    """Preview a shift that is refused. Raises AssertionError when it is not."""
    write(engine, endpoints(assets, {"blue": 80, "green": 10}))
    try:
        engine.preview()
    except PulumiError:
        return
    raise AssertionError("a sum of 90 percent was not refused")


def endpoints(assets: dict[str, Any], traffic: dict[str, int]) -> dict[str, Any]:
    """One endpoint with two deployments of the sample's two models."""
    models = sorted(assets["models"].values())
    common = {"environment": assets["environment"], "code": assets["code"], "instanceType": "Standard_DS3_v2"}
    deployments = {
        name: {**common, "model": model, "instanceCount": 1}
        for name, model in zip(("blue", "green"), models, strict=True)
    }
    return {"safe-rollout:endpoints": {"diabetes": {"deployments": deployments, "traffic": traffic}}}


def in_turns(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each, called in turns after one warm-up of each."""
    seconds: list[tuple[float, float]] = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        first()
        between = time.perf_counter()
        second()
        seconds.append((between - began, time.perf_counter() - between))
    return statistics.median(a for a, _ in seconds[1:]), statistics.median(b for _, b in seconds[1:])


def resident_mb(pid: int) -> float:
    """Resident memory of one process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
