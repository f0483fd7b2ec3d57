"""Observed and wanted decide the step, or all refusals at once."""

from collections.abc import Mapping

from rollout.case import Case
from rollout.model import Decision, ObservedEndpoint, Step
from rollout.rulebook import ADVICE, RULES, STACK_RULES
from rollout.rules.opening import ready
from settings.endpoint import Endpoint
from settings.refusal import Refusal
from settings.stack import Stack


def decide(stack: Stack, observed: Mapping[str, ObservedEndpoint]) -> dict[str, Decision]:
    """A decision for each endpoint of the stack, by name; an endpoint absent from `observed` is not there yet.

    An endpoint that Azure has and the stack file does not is not judged here: `protect` and the engine guard it.
    """
    cases = (Case(stack, name, stack.endpoints[name], observed.get(name)) for name in sorted(stack.endpoints))
    return {case.name: _decide(case) for case in cases}


def judge(stack: Stack) -> list[Refusal]:
    """What refuses the stack as a whole: counts, quota and what else is no single endpoint's matter."""
    return [refusal for rule in STACK_RULES for refusal in rule(stack)]


def to_read(wanted: Endpoint, observed: ObservedEndpoint | None) -> list[str]:
    """The deployments whose state matters for this step: those that newly get traffic or a mirror."""
    if observed is None:
        return []
    return sorted((set(wanted.traffic) - set(observed.traffic)) | (set(wanted.mirror) - set(observed.mirror)))


def _decide(case: Case) -> Decision:
    refusals = tuple(refusal for rule in RULES for refusal in rule(case))
    advice = tuple(refusal for rule in ADVICE for refusal in rule(case))
    return Decision(None if refusals else _step(case), refusals, advice)


def _step(case: Case) -> Step:
    """The maps to PUT: as wanted, or none of them as long as an endpoint that serves nothing waits for a deployment."""
    wanted = case.wanted
    if case.serves or all(ready(case, name) for _, name in case.opening()):
        return Step(traffic=wanted.traffic, mirror=wanted.mirror)
    return Step(traffic={}, mirror={}, held_back=wanted.traffic, held_back_mirror=wanted.mirror)
