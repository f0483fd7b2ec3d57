"""From looks to a verdict: take in what is new, then say what all of it shows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rollout.gates.evidence import Evidence, Tally
from rollout.gates.foresight import missing_requests
from rollout.gates.looks import Counts, Look
from rollout.gates.metrics import FAULTS, Test, add_look, fails_at, passes_at, tests_of, well_evidence
from rollout.gates.sequential import evidence as evidence_of
from rollout.gates.verdict import Verdict, together
from settings.gates import Gates

BREAKER_REQUESTS, BREAKER_SHARE = 20, 0.5
WELL_SHARE = 0.25
_NEVER = 1 << 62


def take_in(kept: Evidence, gates: Gates, looks: Sequence[Look], step: str) -> Evidence:
    """The evidence with the looks that come after it; looks that it has already only tell how slow the old one was.

    `looks` are whole minutes, each at most once; `step` is the live split as text.
    """
    ordered = sorted(looks, key=lambda look: look.begin)
    if not kept.until:  # what was before the new one's first request only tells how slow the old one was
        kept = replace(kept, until=next((look.begin for look in ordered if look.new.requests), _NEVER))
    now = kept if kept.step == step else replace(kept, step=step, step_requests=0)
    for index, look in enumerate(ordered):
        if look.begin >= now.until:
            now = _add(now, tests_of(gates), look, ordered[:index])
    return replace(now, until=0) if now.until == _NEVER else now


def judge(seen: Evidence, gates: Gates) -> Verdict:
    """What the evidence says of the plan's metrics, smoke and the like apart."""
    tests = tests_of(gates)
    if not tests:
        return (
            Verdict("pass", "no metric is asked for") if gates.is_judging else Verdict("error", "nothing to judge by")
        )
    numbers = _numbers(seen, gates, tests)
    if seen.old_tripped:
        return Verdict("cancelled", f"the old deployment breaks: {seen.old_tripped}", numbers=numbers)
    if seen.tripped:
        return Verdict("fail", seen.tripped, numbers=numbers)
    limit = fails_at(gates, tests)
    found = [_one(seen, gates, test, limit) for test in tests if not test.dry_run]
    if gates.requests > seen.step_requests:
        found.append(_too_few(seen, gates.requests - seen.step_requests))
    said = together(found) if found else Verdict("pass", "all metrics are dry runs")
    return replace(said, numbers=numbers)


def _add(now: Evidence, tests: Sequence[Test], look: Look, before: Sequence[Look]) -> Evidence:
    tallies = {test.name: add_look(now.tallies.get(test.name, Tally()), test, look, before) for test in tests}
    new, old = look.new.requests, look.old.requests
    broken = not _is_well(look.old) and old >= BREAKER_REQUESTS
    return replace(
        now,
        until=look.begin + 60,
        tallies={**now.tallies, **tallies},
        requests=now.requests + new,
        old_requests=now.old_requests + old,
        minutes=now.minutes + bool(new or old),
        step_requests=now.step_requests + new,
        tripped=now.tripped or ("" if broken else _trips(now.subject.new, look.new)),
        old_tripped=now.old_tripped or _trips(", ".join(now.subject.old), look.old),
    )


def _trips(who: str, counts: Counts) -> str:
    """The circuit breaker, for what needs no test: most of a minute's requests failed."""
    bad = counts.faults.get("error", 0)
    if counts.requests < BREAKER_REQUESTS or bad < BREAKER_SHARE * counts.requests:
        return ""
    return f"{bad:,} of {counts.requests:,} requests of {who} failed within a minute"


def _is_well(counts: Counts) -> bool:
    return counts.faults.get("error", 0) < WELL_SHARE * max(1, counts.requests)


def _one(seen: Evidence, gates: Gates, test: Test, limit: float) -> Verdict:
    tally = seen.tallies.get(test.name, Tally())
    said = _words(seen, test, tally)
    if tally.peak >= limit:
        if test.kind == "below" and evidence_of(tally.aside) >= limit:
            return Verdict("cancelled", f"both deployments break the limit: {said}")
        return Verdict("fail", f"{said} (evidence {tally.peak:,.1f}, fails at {limit:g})")
    enough = passes_at(gates)
    if well_evidence(test, tally) >= enough:
        return Verdict("pass", said)
    if test.kind == "againstOld" and not tally.old and tally.new:
        return Verdict("inconclusive", f"{test.metric}: nothing to compare with, the old deployment answered nothing")
    if not tally.new:
        return Verdict("inconclusive", f"{test.metric}: no request of {seen.subject.new} yet")
    return Verdict("inconclusive", said, _still(seen, missing_requests(test, tally, enough)))


def _too_few(seen: Evidence, lacking: int) -> Verdict:
    reason = f"{seen.step_requests:,} requests of {seen.subject.new} in this step"
    return Verdict("inconclusive", reason, _still(seen, lacking))


def _still(seen: Evidence, lacking: int | None) -> str:
    """`190 more requests, about 4 min`."""
    if lacking is None:
        return "it comes no nearer to a pass as it goes on now"
    rate = seen.requests / seen.minutes if seen.minutes else 0
    return f"{lacking:,} more requests" + (f", about {max(1, round(lacking / rate)):,} min" if rate else "")


def _words(seen: Evidence, test: Test, tally: Tally) -> str:
    new, old = (_share(*pair) for pair in ((tally.new_bad, tally.new), (tally.old_bad, tally.old)))
    names = seen.subject.new, "+".join(seen.subject.old) or "the old one"
    if test.kind == "below" and test.metric in FAULTS:
        return f"{test.metric} of {names[0]} {new}, limit {test.bound:.2%}"
    if test.kind == "below":
        return f"{test.metric} of {names[0]}: {new} took {test.bound:g} ms or longer, {test.allowed:.0%} may"
    what = test.metric if test.metric in FAULTS else f"slower than the old {test.metric}"
    return f"{what}: {names[0]} {new}, {names[1]} {old}, {test.bound:g} times the odds allowed"


def _share(bad: int, all_: int) -> str:
    return f"{bad / all_:.2%} ({bad:,} of {all_:,})" if all_ else "nothing"


def _numbers(seen: Evidence, gates: Gates, tests: Sequence[Test]) -> dict[str, Any]:
    limit = fails_at(gates, tests)
    return {
        "requests": {"new": seen.requests, "old": seen.old_requests, "step": seen.step_requests},
        "minutes": seen.minutes,
        "tests": {test.name: _numbers_of(test, seen.tallies.get(test.name, Tally()), gates, limit) for test in tests},
    }


def _numbers_of(test: Test, tally: Tally, gates: Gates, limit: float) -> dict[str, Any]:
    return {
        "limit": test.bound,
        "new": {"requests": tally.new, "bad": tally.new_bad},
        "old": {"requests": tally.old, "bad": tally.old_bad},
        "evidenceWorse": round(evidence_of(tally.worse), 4),
        "peak": round(tally.peak, 4),
        "failsAt": limit,
        "evidenceWell": round(well_evidence(test, tally), 4),
        "passesAt": passes_at(gates),
        "dryRun": test.dry_run,
    }
