"""A step by the time that it has: how long it is live, beside its `pause`. No data is inconclusive and holds."""

import math

from rollout.gates.verdict import Verdict
from settings.gates import seconds_of
from settings.plan import PlanStep


def judge_pause(step: PlanStep, seconds: float | None, endpoint: str, gated: bool = False) -> Verdict:
    """The verdict on a step that is live for so many seconds (None: Azure does not say).

    `gated`: gates judge it too, and count its requests; then a step without a pause is theirs alone.

    >>> judge_pause(PlanStep(traffic=10, pause="10m"), 540.0, "diabetes").missing
    '60 s more'
    """
    person = f"a person's word: rollout next {endpoint} --up"
    if step.pause is None and gated:
        return Verdict("pass", "no pause is asked for")
    if step.pause is None:
        return Verdict("inconclusive", "the step has no pause and no gates: nothing says when it is over", person)
    if step.pause == "approval":
        return Verdict("inconclusive", "the step waits for approval", person)
    if step.requests and not gated:
        return Verdict("inconclusive", "nothing counts the step's requests", person)
    if seconds is None:
        return Verdict("inconclusive", "Azure does not say since when the step is live", person)
    rest = seconds_of(step.pause) - seconds
    if rest > 0:
        return Verdict("inconclusive", f"live for {seconds:.0f} s of {step.pause}", f"{math.ceil(rest)} s more")
    return Verdict("pass", f"live for {step.pause}, as the plan asks")
