"""The tests that a plan's gates ask for, and what one look is to each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rollout.gates.evidence import Tally
from rollout.gates.looks import Counts, Fault, Look, joined
from rollout.gates.quantile import quantile
from rollout.gates.sequential import Table, above, below, evidence, versus, versus_turned
from settings.gates import QUANTILES, Gates

FAULTS: dict[str, Fault] = {"errors": "error", "throttled": "throttled", "refused": "refused"}
MARGIN = 3.0
"""A comparison passes when the new one is shown to be less than this many times as bad as is tolerated."""
FLOOR = 0.01
"""... or when the share is shown to be below this: where nothing fails, nothing can be compared."""
BASELINE_LOOKS = 10
BASELINE_LEAST = 20


@dataclass(frozen=True, slots=True)
class Test:
    """One limit of one metric. `bound`: a share (0 to 1), milliseconds, or how many times the old one's odds."""

    __test__ = False  # no test of pytest's
    metric: str
    kind: Literal["below", "againstOld"]
    bound: float
    dry_run: bool

    @property
    def name(self) -> str:
        """Another bound is another test, with evidence of its own."""
        return f"{self.metric}.{self.kind}={self.bound:g}"

    @property
    def allowed(self) -> float:
        """The share of bad requests that a limit allows."""
        return 1 - QUANTILES[self.metric] if self.metric in QUANTILES else self.bound


def tests_of(gates: Gates) -> tuple[Test, ...]:
    """All of them, by metric; percent have become shares."""
    found = []
    for metric, gate in gates.metrics.items():
        if gate.below is not None:
            bound = float(gate.below) if metric in QUANTILES else gate.below / 100
            found.append(Test(metric, "below", bound, gate.dry_run))
        if gate.against_old is not None:
            found.append(Test(metric, "againstOld", gate.against_old, gate.dry_run))
    return tuple(found)


def fails_at(gates: Gates, tests: Sequence[Test]) -> float:
    """The evidence that fails: the share of false alarms is divided among the tests that decide."""
    return 100 / gates.false_alarm_percent * max(1, sum(not test.dry_run for test in tests))


def passes_at(gates: Gates) -> float:
    """The evidence that passes; all have to pass, so nothing is divided."""
    return 100 / gates.false_alarm_percent


def add_look(tally: Tally, test: Test, look: Look, before: Sequence[Look]) -> Tally:
    """The tally with one look more; `before` are the looks that went before it, newest last."""
    table = _table(test, look, before)
    if table is None or not (table.new or table.old):
        return tally
    if test.kind == "below":
        worse = above(tally.worse, table.new, table.new_bad, test.allowed)
        well = below(tally.well, table.new, table.new_bad, test.allowed)
        aside = above(tally.aside, table.old, table.old_bad, test.allowed)
    else:
        worse = versus(tally.worse, table, test.bound)
        well = versus_turned(tally.well, table, MARGIN * test.bound)
        aside = below(tally.aside, table.new, table.new_bad, FLOOR) if test.metric in FAULTS else tally.aside
    counted = (tally.new + table.new, tally.new_bad + table.new_bad, tally.old + table.old)
    peak = max(tally.peak, evidence(worse))
    return replace(Tally(worse, well, aside, peak, *counted), old_bad=tally.old_bad + table.old_bad)


def well_evidence(test: Test, tally: Tally) -> float:
    """How much speaks for the new one. Two ways to show it are averaged, so that both together err no oftener."""
    if test.kind == "againstOld" and test.metric in FAULTS:
        return (evidence(tally.well) + evidence(tally.aside)) / 2
    return evidence(tally.well)


def _table(test: Test, look: Look, before: Sequence[Look]) -> Table | None:
    """Bad and all of a look; None where there is nothing to measure the durations by yet."""
    if test.metric in FAULTS:
        fault = FAULTS[test.metric]
        bad = [side.faults.get(fault, 0) for side in (look.new, look.old)]
        return Table(look.new.requests, bad[0], look.old.requests, bad[1])
    slow = test.bound if test.kind == "below" else _baseline(test, before)
    if slow is None:
        return None
    return Table(look.new.timed, look.new.slower(slow), look.old.timed, look.old.slower(slow))


def _baseline(test: Test, before: Sequence[Look]) -> float | None:
    """Slower than the old one's own quantile over its last looks, fixed before this look."""
    old: Counts = joined(look.old for look in before[-BASELINE_LOOKS:])
    if old.timed < BASELINE_LEAST:
        return None
    found = quantile(old.durations, QUANTILES[test.metric])
    return None if found is None else found + 1.0
