"""Verdicts: five kinds kept apart, evidence carried from look to look and step to step."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from rollout.gates.evidence import Evidence, Subject, evidence_from, subject_of
from rollout.gates.judge import judge, take_in
from rollout.gates.looks import Counts, Fault, Look, fault_of
from rollout.gates.verdict import Verdict, as_dry_run, together
from rollout.model import ObservedDeployment
from rollout.pauses import judge_pause
from settings.gates import Gates, StepGates
from settings.plan import PlanStep

SUBJECT = Subject("diabetes", "green", {"blue": "1", "green": "2"})
ERRORS = {"errors": {"againstOld": 1.0}}


def gates(**of: Any) -> Gates:
    """From keys of the stack file."""
    return Gates.model_validate(of)


def counts(requests: int, durations: Mapping[int, int] | None = None, **faults: int) -> Counts:
    """So many requests, of which so many are faults."""
    found: dict[Fault, int] = {"ok": requests - sum(faults.values()), **faults}  # type: ignore[dict-item]
    return Counts(found, durations or {})


def looks(many: int, new: Counts, old: Counts, begin: int = 0) -> list[Look]:
    """So many minutes of the same."""
    return [Look(begin + 60 * minute, new, old) for minute in range(many)]


def said(by: Gates, seen: list[Look], step: str = "10", kept: Evidence | None = None) -> Verdict:
    """The verdict on these looks."""
    return judge(take_in(kept or Evidence(SUBJECT), by, seen, step), by)


@pytest.mark.parametrize(
    ("status", "model", "fault"),
    [
        (200, 200, "ok"),
        (424, 500, "error"),
        (424, None, "error"),
        (424, 400, "refused"),
        (408, None, "error"),
        (429, None, "throttled"),
        (502, None, "error"),
        (500, None, "error"),
        (401, None, "caller"),
        (413, None, "caller"),
    ],
)
def test_statuses_have_an_owner(status: int, model: int | None, fault: Fault) -> None:
    """A model's exception is 424; its own 4xx, too many requests and callers' faults are apart."""
    assert fault_of(status, model) == fault


def test_no_data_is_inconclusive() -> None:
    """It holds, and says that nothing came."""
    verdict = said(gates(**ERRORS), [])
    assert (verdict.kind, verdict.reason) == ("inconclusive", "errors: no request of green yet")


def test_a_bad_one_fails_and_stays_failed() -> None:
    """Good minutes afterwards do not wash it off."""
    by = gates(**ERRORS)
    bad = looks(10, counts(60, error=2), counts(540))
    assert said(by, bad).kind == "fail"
    seen = take_in(Evidence(SUBJECT), by, bad, "10")
    assert said(by, looks(500, counts(60), counts(540, error=1), begin=600), kept=seen).kind == "fail"


def test_a_good_one_passes_where_nothing_fails() -> None:
    """Nothing can be compared then, but the share is shown to be small; until then it says what is missing."""
    by = gates(**ERRORS)
    early = said(by, looks(10, counts(30), counts(270)))
    assert early.kind == "inconclusive"
    assert early.missing.endswith("min")
    assert said(by, looks(20, counts(30), counts(270))).kind == "pass"


def test_what_is_missing_comes_true() -> None:
    """After as many requests as were said to be missing, it passes."""
    by = gates(errors={"below": 1})
    first = said(by, looks(4, counts(50), counts(450)))
    missing = int(first.missing.split(" ")[0])
    assert said(by, looks(4 + -(-missing // 50), counts(50), counts(450))).kind == "pass"
    assert said(by, looks(3 + missing // 50, counts(50), counts(450))).kind != "fail"


def test_a_limit_is_broken_by_both() -> None:
    """Then the new one is not blamed: it is cancelled."""
    by = gates(errors={"below": 1})
    assert said(by, looks(20, counts(60, error=3), counts(540))).kind == "fail"
    assert said(by, looks(20, counts(60, error=3), counts(540, error=27))).kind == "cancelled"


def test_an_old_one_that_breaks_ends_the_rollout() -> None:
    """With a reason that names it, whether the new one works or breaks with it; the new one is not blamed."""
    for new in (counts(60), counts(60, error=40)):
        verdict = said(gates(**ERRORS), looks(1, new, counts(540, error=300)))
        assert (verdict.kind, "blue" in verdict.reason) == ("cancelled", True)


def test_the_blatant_needs_no_test() -> None:
    """Half of 20 requests in a minute is enough, 19 requests are not; a dry run decides nothing."""
    assert said(gates(**ERRORS), looks(1, counts(20, error=10), counts(180))).kind == "fail"
    assert said(gates(**ERRORS), looks(1, counts(19, error=19), counts(180))).kind == "inconclusive"
    dry = as_dry_run(said(gates(**ERRORS), looks(1, counts(20, error=10), counts(180))))
    assert (dry.kind, "it would be fail" in dry.reason) == ("pass", True)


def test_refused_inputs_and_overload_are_no_errors() -> None:
    """They have gates of their own, which compare as errors do."""
    seen = looks(20, counts(60, refused=6, throttled=6), counts(540))
    assert said(gates(**ERRORS), seen).kind == "pass"
    for metric in ("refused", "throttled"):
        assert said(gates(**{metric: {"againstOld": 2}}), seen).kind == "fail"


def test_a_slower_one_fails() -> None:
    """By a limit in milliseconds, and against the old one's own quantile."""
    fast, slow = {100: 50, 120: 9, 140: 1}, {200: 50, 320: 9, 340: 1}
    seen = looks(20, counts(60, slow), counts(600, {each: 10 * many for each, many in fast.items()}))
    same = looks(60, counts(60, fast), counts(600, {each: 10 * many for each, many in fast.items()}))
    assert said(gates(p95={"below": 300}), seen).kind == "fail"
    assert said(gates(p99={"againstOld": 1}), seen).kind == "fail"
    assert said(gates(p95={"below": 300}), same).kind == "pass"
    assert said(gates(p99={"againstOld": 1}), same).kind != "fail"


def test_evidence_goes_on_from_step_to_step() -> None:
    """Two halves are as much as the whole, also over JSON; only the requests of the step begin anew."""
    by = gates(**ERRORS, requests=100)
    halves = looks(10, counts(60, error=1), counts(540, error=1))
    kept = take_in(Evidence(SUBJECT), by, halves, "mirror")
    read = evidence_from(json.loads(json.dumps(kept.as_dict())), SUBJECT)
    assert read == kept
    after = take_in(read, by, [*halves, *looks(10, counts(60, error=1), counts(540, error=1), begin=600)], "10")
    whole = take_in(Evidence(SUBJECT), by, looks(20, counts(60, error=1), counts(540, error=1)), "10")
    assert after.tallies == whole.tallies
    assert (after.requests, after.step_requests) == (1200, 600)


def test_a_new_revision_begins_anew() -> None:
    """Another model under the same name has no evidence; another instance count is no revision."""
    blue, green = ObservedDeployment(model="m:1"), ObservedDeployment(model="m:2")
    before = subject_of("diabetes", "green", {"blue": blue, "green": green})
    kept = take_in(Evidence(before), gates(**ERRORS), looks(3, counts(60), counts(540)), "10").as_dict()
    more = ObservedDeployment(model="m:2", instance_count=5)
    assert evidence_from(kept, subject_of("diabetes", "green", {"blue": blue, "green": more})).requests == 180
    other = ObservedDeployment(model="m:3")
    assert evidence_from(kept, subject_of("diabetes", "green", {"blue": blue, "green": other})).requests == 0


@pytest.mark.parametrize("raw", [None, {}, [], {"version": 0}, {"version": 1, "subject": {"x": 1}}])
def test_evidence_that_cannot_be_read_is_none(raw: Any) -> None:
    """It begins anew: what is missing is seen again, what was passed is not believed."""
    assert evidence_from(raw, SUBJECT) == Evidence(SUBJECT)


def test_a_step_waits_for_its_requests() -> None:
    """A pass needs them too; what is missing is told with the minutes that it takes."""
    by = StepGates.model_validate({"errors": {"below": 5}}).over(gates(**ERRORS, requests=1000))
    verdict = said(by, looks(10, counts(60), counts(540)))
    assert (verdict.kind, verdict.missing) == ("inconclusive", "400 more requests, about 7 min")


def test_alpha_is_shared() -> None:
    """Two tests that decide fail at 40 each; dry ones take no share."""
    numbers = said(gates(errors={"below": 1, "againstOld": 1}), []).numbers["tests"]
    assert {each["failsAt"] for each in numbers.values()} == {40}
    dry = said(gates(errors={"below": 1}, refused={"below": 1, "dryRun": True}), []).numbers["tests"]
    assert {each["failsAt"] for each in dry.values()} == {20}


def test_the_gravest_verdict_counts() -> None:
    """A failure is certain whatever else is missing; nothing at all is no pass."""
    kinds = ["pass", "inconclusive", "error", "cancelled", "fail"]
    for index, kind in enumerate(kinds):
        assert together(Verdict(each, each) for each in kinds[: index + 1]).kind == kind  # type: ignore[arg-type]
    assert together([]).kind == "inconclusive"
    assert judge(Evidence(SUBJECT), gates(requests=5)).kind == "error"


def test_a_pause_waits_beside_the_gates() -> None:
    """With gates a step without a pause is theirs alone, and they count its requests; a pause still has to pass."""
    assert judge_pause(PlanStep(traffic=10), 0.0, "diabetes", gated=True).kind == "pass"
    assert judge_pause(PlanStep(traffic=10), 0.0, "diabetes").kind == "inconclusive"
    counted = PlanStep(traffic=10, pause="1m", requests=900)
    assert judge_pause(counted, 61.0, "diabetes", gated=True).kind == "pass"
    assert judge_pause(counted, 59.0, "diabetes", gated=True).missing == "1 s more"
    assert judge_pause(PlanStep(traffic=10, pause="approval"), 0.0, "diabetes", gated=True).kind == "inconclusive"
