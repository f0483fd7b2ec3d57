"""All rules in the order in which a person reads them."""

from collections.abc import Callable, Iterator

from rollout.case import Case
from rollout.rules import (
    attached,
    capacity,
    changes,
    cluster,
    drift,
    endpoint,
    estate,
    estate_advice,
    gates,
    kubernetes,
    mirror,
    names,
    network,
    opening,
    places,
    plan,
    pool_fit,
    quota,
    ranges,
    removal,
    requests,
    scale,
    subnets,
    traffic,
    watching,
    workspace,
)
from settings.refusal import Refusal
from settings.stack import Stack

EndpointRule = Callable[[Case], Iterator[Refusal]]
StackRule = Callable[[Stack], Iterator[Refusal]]

RULES: tuple[EndpointRule, ...] = (
    *names.RULES,
    *drift.RULES,
    *traffic.RULES,
    *mirror.RULES,
    *opening.RULES,
    *changes.RULES,
    *removal.RULES,
    *endpoint.RULES,
    *requests.RULES,
    *scale.RULES,
    *quota.RULES,
    *kubernetes.RULES,
    *network.RULES,
    *plan.RULES,
    *gates.RULES,
    *workspace.RULES,
    *cluster.RULES,
    *attached.RULES,
    *watching.RULES,
    *estate.RULES,
)
ADVICE: tuple[EndpointRule, ...] = (
    *drift.ADVICE,
    *plan.ADVICE,
    *gates.ADVICE,
    *mirror.ADVICE,
    *opening.ADVICE,
    *requests.ADVICE,
    *scale.ADVICE,
    *capacity.ADVICE,
    *quota.ADVICE,
    *estate_advice.ADVICE,
)
STACK_RULES: tuple[StackRule, ...] = (
    *names.STACK_RULES,
    *quota.STACK_RULES,
    *kubernetes.STACK_RULES,
    *places.STACK_RULES,
    *network.STACK_RULES,
    *workspace.STACK_RULES,
    *subnets.STACK_RULES,
    *cluster.STACK_RULES,
    *pool_fit.STACK_RULES,
    *attached.STACK_RULES,
    *ranges.STACK_RULES,
    *watching.STACK_RULES,
    *estate.STACK_RULES,
)
STACK_ADVICE: tuple[StackRule, ...] = (*estate_advice.STACK_ADVICE,)
