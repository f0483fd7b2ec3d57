"""Rules for the plan of a rollout, judged before its first step."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from rollout.case import Case
from rollout.model import Step
from rollout.plan import apportion, candidate_of, maps
from rollout.rules.plan_moves import illegal_moves, large_jumps
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


def step_is_small(case: Case) -> Iterator[Refusal]:
    """R115 Where an endpoint has a plan, no step gives the new deployment more than `largestJump` percent at once.

    Going back is always allowed: to a deployment that carried traffic before as it is now. Where that is not known, a
    jump is advised against (A115).

    Source: T13; the endpoint's own `rollout.largestJump` (50 where it is not set).
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {green: 100}
          rollout: {steps: [{traffic: 10}, {traffic: 50}, {traffic: 100}]}
        observed: {traffic: {blue: 100}, proven: [blue], deployments: {blue: {}, green: {}}}
    """
    if case.observed and case.observed.proven is not None:
        yield from _jumps(case, "R115")


def jump_is_meant(case: Case) -> Iterator[Refusal]:
    """A115 A jump beyond `largestJump` is fine when it goes back; where that is not known, a person has to look.

    Source: T13; the endpoint's own `rollout.largestJump`.
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {green: 100}
          rollout: {steps: [{traffic: 10}, {traffic: 50}, {traffic: 100}]}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {}}}
    """
    if case.observed and case.observed.proven is None:
        yield from _jumps(case, "A115")


def _jumps(case: Case, code: str) -> Iterator[Refusal]:
    plan = case.wanted.rollout
    for name, live, share in _forward(case):
        if plan and share - live > plan.largest_jump:
            got = f"{live} -> {share} percent at once"
            cure = f"Write a smaller share for {name}, as the plan's steps do, or raise rollout.largestJump."
            expected = f"at most {plan.largest_jump} more (rollout.largestJump)"
            yield Refusal(code, case.at("traffic", name), got, expected, cure)


def step_is_next(case: Case) -> Iterator[Refusal]:
    """A116 A step that the plan has before this one is left out.

    Source: the endpoint's own `rollout.steps`.
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {blue: 50, green: 50}
          rollout: {steps: [{traffic: 10}, {traffic: 50}, {traffic: 100}]}
        observed: {traffic: {blue: 100}, proven: [blue], deployments: {blue: {}, green: {}}}
    """
    plan = case.wanted.rollout
    if case.observed is None or case.observed.proven is None:
        return
    for name, live, share in _forward(case):
        shares = [step.traffic for step in plan.steps if step.traffic is not None] if plan else []
        skipped = [f"traffic {step}" for step in shares if live < step < share]
        mirrors = [f"mirror {step.mirror}" for step in plan.steps if step.mirror] if plan else []
        if mirrors and not live and not case.mirrored(name):
            skipped = [*mirrors, *skipped]
        if skipped:
            got = f"{name} {live} -> {share} percent, past {', '.join(skipped)}"
            cure = "Write the skipped step first, or go on if it was left out on purpose."
            yield Refusal("A116", case.at("traffic", name), got, "the plan's steps in their order", cure)


def _forward(case: Case) -> Iterator[tuple[str, int, int]]:
    """(name, share now, share in this step) of what a serving endpoint with a plan gives more, and is not proven."""
    if not case.serves or case.wanted.rollout is None:
        return
    proven = case.observed.proven or () if case.observed else ()
    for name, share in case.traffic.items():
        if share > case.live(name) and name not in proven:
            yield name, case.live(name), share


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


RULES = (candidate_is_a_deployment, steps_are_legal, steps_are_small, step_is_small)
ADVICE = (step_is_next, jump_is_meant)
