"""A plan is turned into maps, and each pair of neighbours is judged before the first step runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.rules_page import DEPLOYMENT
from rollout.case import Case
from rollout.model import Step
from rollout.plan import apportion, candidate_of, maps
from rollout.rules.plan_moves import check_plan
from settings.load import from_config
from settings.plan import PlanStep

BLUE = Step({"blue": 100}, {})


def case(**endpoint: object) -> Case:
    """The endpoint diabetes with blue, green and teal."""
    config = {
        "azure-native:location": "westeurope",
        "workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
        "registry": {"name": "acrdev01"},
        "endpoints": {"diabetes": {"deployments": dict.fromkeys(("blue", "green", "teal"), DEPLOYMENT), **endpoint}},
    }
    stack = from_config(config)
    wanted = stack.endpoints["diabetes"]
    return Case(stack, "diabetes", wanted, None, wanted.traffic, wanted.mirror)


def test_steps_become_maps() -> None:
    """A mirror leaves the traffic where it is; a share takes from the others and ends the mirror."""
    steps = [PlanStep(mirror=10), PlanStep(traffic=10), PlanStep(traffic=100)]
    assert maps(steps, "green", {"blue": 100}) == [
        Step({"blue": 100}, {"green": 10}),
        Step({"blue": 90, "green": 10}, {}),
        Step({"green": 100}, {}),
    ]


def test_two_stable_deployments_keep_their_proportion() -> None:
    """What the candidate takes comes from both, in whole numbers."""
    assert maps([PlanStep(traffic=25)], "green", {"blue": 70, "teal": 30}) == [
        Step({"blue": 53, "green": 25, "teal": 22}, {})
    ]


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 100), min_size=1), st.integers(0, 100))
def test_shares_add_up(of: dict[str, int], total: int) -> None:
    """Whatever is split, the parts are the whole, and none is negative or more than a point off its proportion."""
    split = apportion(of, total)
    assert sum(split.values()) == total
    assert all(abs(split[name] - of[name] * total / sum(of.values())) < 1 for name in of)


@pytest.mark.parametrize(
    ("rollout", "live", "candidate"),
    [
        ({"candidate": "Green"}, {"blue": 100}, "green"),
        ({}, {"blue": 70, "teal": 30}, "green"),
        ({}, {"blue": 100}, None),
    ],
)
def test_the_candidate(rollout: dict[str, str], live: dict[str, int], candidate: str | None) -> None:
    """The named one, else the only one without traffic; two without traffic are no answer."""
    assert candidate_of(case(rollout=rollout).wanted, live) == candidate


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([Step({"blue": 90, "green": 10}, {}), Step({"blue": 50, "green": 50}, {}), Step({"green": 100}, {})], []),
        ([Step({"blue": 90, "green": 20}, {})], [("R112", "0")]),
        ([Step({"blue": 100}, {"green": 10}), Step({"blue": 90, "green": 10}, {"green": 10})], [("R112", "1")]),
        ([Step({"blue": 100}, {"green": 10, "teal": 10})], [("R112", "0")]),
        ([Step({"blue": 90, "gray": 10}, {})], [("R112", "0")]),
        ([Step({"blue": 90, "green": 10}, {}), Step({}, {})], [("R112", "1")]),
        ([Step({"blue": 90, "green": 10}, {}), Step({"green": 100}, {})], [("R113", "1")]),
    ],
)
def test_each_pair_is_a_legal_move(steps: list[Step], expected: list[tuple[str, str]]) -> None:
    """Sum, mirror, names, an endpoint left without traffic, and jumps above 50 percent are found at their step."""
    found = check_plan(case(), BLUE, steps)
    assert [(one.code, one.path.removeprefix("endpoints.diabetes.rollout.steps.")) for one in found] == expected


def test_the_largest_jump_is_the_plans_own() -> None:
    """`largestJump` bounds what one step may give a deployment."""
    jumps = [Step({"blue": 70, "green": 30}, {})]
    assert [one.code for one in check_plan(case(rollout={"largestJump": 20}), BLUE, jumps)] == ["R113"]
    assert check_plan(case(rollout={"largestJump": 30}), BLUE, jumps) == []
