"""Which gates hold now: the plan's, as the live step has them otherwise."""

from rollout.model import ObservedEndpoint
from settings.gates import Gates
from settings.plan import PlanStep, RolloutPlan


def live_step(plan: RolloutPlan, seen: ObservedEndpoint, candidate: str) -> PlanStep | None:
    """The plan's step that is live; None where the live split is none of the plan's."""
    share, mirror = seen.traffic.get(candidate, 0), seen.mirror.get(candidate, 0)
    for step in plan.steps:
        if (share and step.traffic == share) or (not share and mirror and step.mirror == mirror):
            return step
    return None


def gates_now(plan: RolloutPlan, seen: ObservedEndpoint, candidate: str) -> Gates | None:
    """The gates that the live step has to pass; None where the plan has none.

    >>> plan = RolloutPlan.model_validate(
    ...     {"steps": [{"traffic": 10, "requests": 900}], "gates": {"errors": {"below": 1}, "requests": 50}}
    ... )
    >>> gates_now(plan, ObservedEndpoint(traffic={"blue": 90, "green": 10}), "green").requests
    900
    """
    if plan.gates is None:
        return None
    step = live_step(plan, seen, candidate)
    if step is None:
        return plan.gates
    gates = step.gates.over(plan.gates) if step.gates else plan.gates
    return gates if step.requests is None else gates.model_copy(update={"requests": step.requests})
