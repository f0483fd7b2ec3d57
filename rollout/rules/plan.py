"""Rules for the plan that `rollout next` follows, judged before its first step."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from rollout.case import Case
from rollout.model import Step
from rollout.plan import apportion, candidate_of, illegal_moves, large_jumps, maps
from settings.refusal import Refusal

_NEWCOMER = "candidate"


def candidate_is_a_deployment(case: Case) -> Iterator[Refusal]:
    """R111 The candidate that a plan names is a deployment of its endpoint.

    Source: T6.
    Example:
        endpoint: {deployments: {blue: {}}, rollout: {candidate: green, steps: [{traffic: 10}]}}
    """
    plan = case.wanted.rollout
    if plan and plan.candidate and plan.candidate.lower() not in case.wanted.deployments:
        expected = f"one of {', '.join(sorted(case.wanted.deployments)) or 'the deployments; there are none'}"
        cure = "Add it to deployments with no traffic, or leave candidate out: the one without traffic is meant."
        yield Refusal("R111", case.at("rollout", "candidate"), plan.candidate, expected, cure)


def steps_are_legal(case: Case) -> Iterator[Refusal]:
    """R112 Each step of a plan is a legal move from the one before, by the rules for traffic and mirror.

    Source: T8, T10.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 100}, rollout: {steps: [{mirror: 60}]}}
    """
    for judged, start, steps in _planned(case):
        yield from illegal_moves(judged, start, steps)


def steps_are_small(case: Case) -> Iterator[Refusal]:
    """R113 No step of a plan gives a deployment more than `largestJump` percent at once (50 where it is not set).

    Source: T13 (capacity follows a shift, it does not precede it); the endpoint's own `rollout.largestJump`.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 100}, rollout: {steps: [{traffic: 80}]}}
    """
    for judged, start, steps in _planned(case):
        yield from large_jumps(judged, start, steps)


@lru_cache(maxsize=1)
def _planned(case: Case) -> list[tuple[Case, Step, list[Step]]]:
    """The plan from its beginning, when the candidate has no traffic yet; a stand-in where it is not there yet."""
    plan, wanted = case.wanted.rollout, case.wanted
    if not plan or not plan.steps or not wanted.deployments:
        return []
    live = case.observed.traffic if case.observed and case.serves else case.traffic
    candidate = candidate_of(wanted, live) or _NEWCOMER
    stable = _stable(case, live, candidate)
    if not stable:
        return []
    return [(_with(case, {candidate, *stable}), Step(stable, {}), maps(plan.steps, candidate, stable))]


def _with(case: Case, names: set[str]) -> Case:
    """The case as it is when the plan runs: all of `names` are deployments, and the endpoint is not closed."""
    wanted = case.wanted
    if names <= wanted.deployments.keys() and not wanted.closed:
        return case
    any_deployment = next(iter(wanted.deployments.values()))
    known = {**dict.fromkeys(names, any_deployment), **wanted.deployments}
    return replace(case, wanted=wanted.model_copy(update={"deployments": known, "closed": False}))


def _stable(case: Case, live: Mapping[str, int], candidate: str) -> dict[str, int]:
    """How the traffic is split without the candidate; an arbitrary other deployment where nothing else is live."""
    others = {name: share for name, share in live.items() if name != candidate}
    if others:
        return apportion(others, 100)
    idle = sorted(case.wanted.deployments.keys() - {candidate})
    return dict.fromkeys(idle[:1], 100)


RULES = (candidate_is_a_deployment, steps_are_legal, steps_are_small)
