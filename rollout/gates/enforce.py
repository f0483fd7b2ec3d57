"""Plain `pulumi up` behind gates: a step forward needs a recorded pass of the step that is live now."""

from rollout.gates.evidence import subject_of
from rollout.gates.recorded import Recorded, judged_digest
from rollout.gates.step import gates_now
from rollout.model import ObservedEndpoint, Step
from settings.endpoint import Endpoint
from settings.gates import Gates, seconds_of
from settings.refusal import Refusal

FOLDER = ".rollout"
"""What commands keep beside the stack file: the trail, and verdicts with their evidence."""
RECORDS = "SAFE_ROLLOUT_RECORDS"
"""The variable that names another folder than `.rollout` beside the stack file."""


def gated(wanted: Endpoint, live: ObservedEndpoint, step: Step) -> str | None:
    """The deployment whose share or mirror grows from a step that can be judged; None where no gate is asked.

    To begin (nothing of it is live yet) nothing can have been seen; to go back is always allowed: with less of it, and
    to a deployment that carried traffic before as it is now.
    """
    plan = wanted.rollout
    if plan is None or plan.gates is None or not plan.gates.enforce or plan.gates.dry_run or not live.serves:
        return None
    for name in sorted({*step.traffic, *step.mirror}):
        is_live = live.traffic.get(name, 0) or live.mirror.get(name, 0)
        more = step.traffic.get(name, 0) > live.traffic.get(name, 0)
        more = more or step.mirror.get(name, 0) > live.mirror.get(name, 0)
        if is_live and more and name not in (live.proven or ()):
            return name
    return None


def guard_gate(
    name: str, wanted: Endpoint, live: ObservedEndpoint, step: Step, recorded: Recorded | None, now: float
) -> list[Refusal]:
    """R118 Where gates are enforced, a step forward has a pass on record: of these revisions, of what is live, fresh.

    Asked by the engine's hook before each update of an endpoint, in a preview too. `now` in seconds since 1970;
    `recorded` is what `rollout gate` wrote last (null: nothing). A verdict holds for `validFor`.

    Source: argo-rollouts #1411 (the check failed, the rollout went on: the verdict is read again right before acting).
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          rollout: {steps: [{traffic: 10}, {traffic: 50}], gates: {errors: {below: 1}, enforce: true}}
        observed: {traffic: {blue: 90, green: 10}, proven: [blue], deployments: {blue: {}, green: {}}}
        step: {traffic: {blue: 50, green: 50}, mirror: {}}
        recorded: null
    """
    new = gated(wanted, live, step)
    plan = wanted.rollout
    gates = gates_now(plan, live, new) if plan and new else None
    if new is None or gates is None:
        return []
    path = f"endpoints.{name}.rollout.gates"
    cure = f"Type: rollout gate {name}; then run it again. To go back to the old one needs no gate."
    lacks = _lacks(name, new, live, gates, recorded, now)
    return [Refusal("R118", path, lacks, f"a pass for {new}", cure)] if lacks else []


def judged_deployments(wanted: Endpoint, live: ObservedEndpoint) -> ObservedEndpoint:
    """What is live with the stack file's deployments alone, as far as Azure shows them: those are the subject."""
    kept = {name: seen for name, seen in live.deployments.items() if name in wanted.deployments}
    return ObservedEndpoint(traffic=live.traffic, mirror=live.mirror, deployments=kept)


def _lacks(name: str, new: str, live: ObservedEndpoint, gates: Gates, recorded: Recorded | None, now: float) -> str:
    """Why the recorded verdict does not do; empty where it does."""
    if recorded is None:
        return "no verdict is recorded"
    if recorded.judged != judged_digest(subject_of(name, new, live.deployments), gates, live.split):
        return "the recorded verdict is of other revisions, other gates or another split"
    age = now - recorded.at
    if not -60 <= age <= seconds_of(gates.valid_for):
        return f"the recorded verdict is {max(0, age) / 60:,.0f} min old, and holds for {gates.valid_for}"
    if recorded.kind != "pass":
        still = f" ({recorded.missing})" if recorded.missing else ""
        return f"the verdict is {recorded.kind}: {recorded.reason}{still}"
    return ""


def record_name(stack: str, endpoint: str) -> str:
    """The file, in the folder `.rollout`, that holds an endpoint's verdict and evidence."""
    return f"{stack.rpartition('/')[2]}.{endpoint}.gate.json"
