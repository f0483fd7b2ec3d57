"""Observed and wanted decide the step, or all refusals at once."""

from collections.abc import Mapping

from rollout.model import Decision, ObservedEndpoint, Step
from settings.endpoint import Endpoint
from settings.stack import Stack


def decide(stack: Stack, observed: Mapping[str, ObservedEndpoint]) -> dict[str, Decision]:
    """A decision for each endpoint of the stack, by name; an endpoint absent from `observed` is not there yet."""
    return {name: _decide(stack.endpoints[name], observed.get(name)) for name in sorted(stack.endpoints)}


def to_read(wanted: Endpoint, observed: ObservedEndpoint | None) -> list[str]:
    """The deployments whose state matters for this step: those that newly get traffic or a mirror."""
    if observed is None:
        return []
    named = set(wanted.traffic) | set(wanted.mirror)
    return sorted(named - set(observed.traffic) - set(observed.mirror))


def _decide(wanted: Endpoint, observed: ObservedEndpoint | None) -> Decision:
    if _holds_back(wanted, observed):
        return Decision(Step(traffic={}, mirror={}, held_back=wanted.traffic))
    return Decision(Step(traffic=wanted.traffic, mirror=wanted.mirror))


def _holds_back(wanted: Endpoint, observed: ObservedEndpoint | None) -> bool:
    """Traffic opens in an `up` after the one that makes the deployment; until an endpoint serves, that is held back."""
    if observed is None:
        return bool(wanted.traffic)
    return not observed.serves and any(name not in observed.deployments for name in wanted.traffic)
