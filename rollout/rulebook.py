"""All rules in the order in which a person reads them."""

from collections.abc import Callable, Iterator

from rollout.case import Case
from rollout.rules import changes, mirror, opening, removal, traffic
from settings.refusal import Refusal

EndpointRule = Callable[[Case], Iterator[Refusal]]

RULES: tuple[EndpointRule, ...] = (
    *traffic.RULES,
    *mirror.RULES,
    *opening.RULES,
    *changes.RULES,
    *removal.RULES,
)
ADVICE: tuple[EndpointRule, ...] = (*mirror.ADVICE, *opening.ADVICE)
