"""Observed and wanted decide the step, or all refusals at once."""

from collections.abc import Mapping

from rollout.applied import is_edited
from rollout.case import Case
from rollout.model import AppliedEndpoint, Decision, ObservedEndpoint, Step
from rollout.rulebook import ADVICE, RULES, STACK_ADVICE, STACK_RULES
from rollout.rules import standing
from rollout.rules.opening import ready
from rollout.rules.standing import Standing
from settings.refusal import Refusal
from settings.stack import Stack


def decide(stack: Stack, observed: Mapping[str, ObservedEndpoint]) -> dict[str, Decision]:
    """A decision for each endpoint of the stack, by name; an endpoint absent from `observed` is not there yet.

    An endpoint that Azure has and the stack file does not is not judged here: `judge_standing` does.
    """
    return {name: _decide(_case(stack, name, observed.get(name))) for name in sorted(stack.endpoints)}


def judge(stack: Stack) -> list[Refusal]:
    """What refuses the stack as a whole: counts, quota and what else is no single endpoint's matter."""
    return [refusal for rule in STACK_RULES for refusal in rule(stack)]


def judge_standing(case: Standing) -> list[Refusal]:
    """What would take away the ground under endpoints that serve; nothing of the engine's own doing is needed."""
    return [refusal for rule in (*standing.RULES, *standing.EARLY) for refusal in rule(case)]


def counsel(stack: Stack) -> list[Refusal]:
    """Advice on the stack as a whole: it warns and refuses nothing."""
    return [advice for rule in STACK_ADVICE for advice in rule(stack)]


def to_read(stack: Stack, name: str, observed: ObservedEndpoint, kept: AppliedEndpoint | None) -> list[str]:
    """The deployments that this step concerns: where a share moves, where settings differ from those applied last.

    `kept` is what was applied last; of what it does not know, all are read.
    """
    wanted = stack.endpoints[name]
    concerned = {
        each
        for each, deployment in wanted.deployments.items()
        if is_edited(wanted.kind, each, deployment, kept) or f"endpoints.{name}.{each}" in stack.adopt
    }
    if (wanted.traffic, wanted.mirror) != (observed.traffic, observed.mirror):
        live = (set(observed.traffic) | set(observed.mirror)) & set(wanted.deployments)
        concerned |= live | set(wanted.traffic) | set(wanted.mirror)
    return sorted(concerned)


def _case(stack: Stack, name: str, observed: ObservedEndpoint | None) -> Case:
    wanted = stack.endpoints[name]
    return Case(stack, name, wanted, observed, wanted.traffic, wanted.mirror)


def _decide(case: Case) -> Decision:
    refusals = [refusal for rule in RULES for refusal in rule(case)]
    advice = [refusal for rule in ADVICE for refusal in rule(case)]
    return Decision(None if refusals else _step(case), tuple(refusals), tuple(advice))


def _step(case: Case) -> Step:
    """The maps to PUT: as wanted, or none of them as long as an endpoint that serves nothing waits for a deployment."""
    if case.serves or all(ready(case, name) for _, name in case.opening()):
        return Step(traffic=case.traffic, mirror=case.mirror)
    return Step(traffic={}, mirror={}, held_back=case.traffic, held_back_mirror=case.mirror)
