"""Observed and wanted decide the step, or all refusals at once."""

from collections.abc import Mapping

from rollout.case import Case
from rollout.model import Decision, ObservedEndpoint, Step
from rollout.rulebook import ADVICE, RULES, STACK_ADVICE, STACK_RULES
from rollout.rules.opening import ready
from settings.endpoint import Endpoint
from settings.refusal import Refusal
from settings.stack import Stack


def decide(stack: Stack, observed: Mapping[str, ObservedEndpoint]) -> dict[str, Decision]:
    """A decision for each endpoint of the stack, by name; an endpoint absent from `observed` is not there yet.

    An endpoint that Azure has and the stack file does not is not judged here: `protect` and the engine guard it.
    """
    return {name: _decide(_case(stack, name, observed.get(name))) for name in sorted(stack.endpoints)}


def judge(stack: Stack) -> list[Refusal]:
    """What refuses the stack as a whole: counts, quota and what else is no single endpoint's matter."""
    return [refusal for rule in STACK_RULES for refusal in rule(stack)]


def counsel(stack: Stack) -> list[Refusal]:
    """Advice on the stack as a whole: it warns and refuses nothing."""
    return [advice for rule in STACK_ADVICE for advice in rule(stack)]


def to_read(wanted: Endpoint, observed: ObservedEndpoint | None) -> list[str]:
    """The deployments whose state matters for this step: all that carry a share before or after, where one moves."""
    if observed is None or (wanted.traffic, wanted.mirror) == (observed.traffic, observed.mirror):
        return []
    live = (set(observed.traffic) | set(observed.mirror)) & set(wanted.deployments)
    return sorted(live | set(wanted.traffic) | set(wanted.mirror))


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
