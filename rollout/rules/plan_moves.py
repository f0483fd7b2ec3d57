"""A plan's steps, checked before the first one runs: each adjacent pair of maps must be a legal move."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rollout.case import Case
from rollout.model import ObservedDeployment, ObservedEndpoint, Step
from rollout.rules import mirror, traffic
from rollout.words import shares
from settings.plan import RolloutPlan
from settings.refusal import Refusal

_MOVES = (*traffic.RULES, *mirror.RULES)
_THERE = ObservedDeployment()


def check_plan(case: Case, start: Step, steps: Sequence[Step]) -> list[Refusal]:
    """All that is wrong with going from `start` through `steps`; each refusal's path names its step, from 0."""
    return [*illegal_moves(case, start, steps), *large_jumps(case, start, steps)]


def illegal_moves(case: Case, start: Step, steps: Sequence[Step]) -> Iterator[Refusal]:
    """R112: each step is judged by the rules for traffic and mirror, with the one before as what is live."""
    there = dict.fromkeys(case.wanted.deployments, _THERE)
    before = start
    for index, after in enumerate(steps):
        live = ObservedEndpoint(traffic=before.traffic, mirror=before.mirror, deployments=there)
        move = Case(case.stack, case.name, case.wanted, live, after.traffic, after.mirror)
        for refusal in [refusal for rule in _MOVES for refusal in rule(move)]:
            key = refusal.path.removeprefix(case.at(""))
            yield replace(refusal, code="R112", path=_path(case, index), got=f"{key}: {refusal.got}")
        before = after


def large_jumps(case: Case, start: Step, steps: Sequence[Step]) -> Iterator[Refusal]:
    """R113: no deployment of a serving endpoint gains more than the plan's `largest_jump` percent in one step."""
    largest = case.wanted.rollout.largest_jump if case.wanted.rollout else RolloutPlan().largest_jump
    before = start
    for index, after in enumerate(steps):
        for name, share in after.traffic.items() if before.traffic else ():
            gain = share - before.traffic.get(name, 0)
            if gain > largest:
                got = f"{name} gains {gain} percent at once ({shares(before.traffic)} -> {shares(after.traffic)})"
                cure = "Put a smaller step between, or raise rollout.largestJump."
                yield Refusal("R113", _path(case, index), got, f"at most {largest} (rollout.largestJump)", cure)
        before = after


def _path(case: Case, index: int) -> str:
    return case.at("rollout", "steps", str(index))
