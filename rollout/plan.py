"""A rollout's plan: which deployment it brings in, and the maps that its steps go through."""

from collections.abc import Mapping, Sequence

from rollout.model import Step
from settings.endpoint import Endpoint
from settings.plan import PlanStep


def candidate_of(wanted: Endpoint, live: Mapping[str, int]) -> str | None:
    """The deployment that the plan brings in: as named, else the only one without live traffic, else None."""
    if wanted.rollout and wanted.rollout.candidate:
        return wanted.rollout.candidate.lower()
    idle = wanted.deployments.keys() - live.keys()
    return idle.pop() if len(idle) == 1 else None


def maps(steps: Sequence[PlanStep], candidate: str, stable: Mapping[str, int]) -> list[Step]:
    """The maps that the steps go through, when all traffic but the candidate's is split as in `stable`.

    >>> for step in maps([PlanStep(mirror=10), PlanStep(traffic=10)], "green", {"blue": 100}):
    ...     print(dict(step.traffic), dict(step.mirror))
    {'blue': 100} {'green': 10}
    {'blue': 90, 'green': 10} {}
    """
    traffic, result = dict(stable), []
    for step in steps:
        if step.traffic is not None:
            split = {**apportion(stable, 100 - step.traffic), candidate: step.traffic}
            traffic = {name: split[name] for name in sorted(split) if split[name]}
        result.append(Step(traffic, {candidate: step.mirror} if step.mirror else {}))
    return result


def apportion(of: Mapping[str, int], total: int) -> dict[str, int]:
    """`total` percent split like `of`, in whole numbers that add up (largest remainders, then by name).

    >>> apportion({"blue": 50, "teal": 50}, 75)
    {'blue': 38, 'teal': 37}
    """
    if len(of) == 1:
        return dict.fromkeys(of, total)
    whole = sum(of.values())
    split = {name: weight * total // whole for name, weight in sorted(of.items())}
    by_remainder = sorted(split, key=lambda name: (-(of[name] * total % whole), name))
    for name in by_remainder[: total - sum(split.values())]:
        split[name] += 1
    return split
