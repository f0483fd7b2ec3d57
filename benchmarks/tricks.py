"""What each trick of components/speed saves: `python -m benchmarks.tricks`.

Previews of a shift and of the prod stack, with all tricks, without each one, and without all; in turns. Told are CPU
seconds of the engine with all its children (a busy machine counts for nothing) and seconds of the clock, as medians.
"""

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.preview import endpoints
from benchmarks.scale import prod
from benchmarks.stack import local_stack, register, write
from components.speed import TRICKS, VARIABLE
from ops.engine import Engine, PulumiError

ROUNDS = 3
WAYS = ("", *TRICKS, "all")


def main() -> None:
    """Print a table for each of the three previews."""
    with local_stack() as (engine, _):
        write(engine, {})
        engine.up()
        assets = register(engine)
        write(engine, endpoints(assets, {"blue": 100}))
        engine.up()
        engine.up()
        write(engine, endpoints(assets, {"blue": 90, "green": 10}))
        show("a shift", measured(lambda way: without(engine, way).preview()))
        write(engine, endpoints(assets, {"blue": 80, "green": 10}))
        show("a refused shift", measured(lambda way: refused(without(engine, way))))
        of_prod = prod(engine)
        show("the first preview of prod", measured(lambda way: without(of_prod, way).preview()))


def without(engine: Engine, way: str) -> Engine:
    """The engine with these tricks turned off."""
    return replace(engine, environment={**engine.environment, VARIABLE: way})


def refused(engine: Engine) -> None:
    """A preview that is refused; it raises where it is not."""
    try:
        engine.preview()
    except PulumiError:
        return
    raise AssertionError("a sum of 90 percent was not refused")


def measured(preview: Callable[[str], object]) -> Mapping[str, tuple[float, float]]:
    """Median (CPU seconds, seconds) of each way, after a first round that does not count."""
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS + 1):
        for way in WAYS:
            cpu, clock = children(), time.perf_counter()
            preview(way)
            taken[way].append((children() - cpu, time.perf_counter() - clock))
    medians = {}
    for way, times in taken.items():
        cpus, clocks = zip(*times[1:], strict=True)
        medians[way] = (statistics.median(cpus), statistics.median(clocks))
    return medians


def children() -> float:
    """CPU seconds of all ended children and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(what: str, medians: Mapping[str, tuple[float, float]]) -> None:
    """One table."""
    cpu, clock = medians[""]
    print(f"\n{what}: {cpu:.2f} s of CPU, {clock:.2f} s, with all tricks")
    for way in WAYS[1:]:
        name = f"without {way}"
        print(f"  {name:<20} {medians[way][0] / cpu:5.2f}x of the CPU, {medians[way][1] / clock:5.2f}x of the time")


if __name__ == "__main__":
    main()
