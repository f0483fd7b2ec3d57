"""Where an endpoint stands on its plan, and what was live before."""

import pytest

from rollout.model import AppliedEndpoint, ObservedDeployment, ObservedEndpoint, Split
from rollout.way import way_back, way_of
from settings.endpoint import Endpoint

ONE = {"model": "azureml:m:1", "environment": "azureml:e:1", "instanceType": "Standard_DS3_v2"}
STEPS = [{"mirror": 10}, {"traffic": 10}, {"traffic": 50}, {"traffic": 100}]
Shares = dict[str, int]


def endpoint(*names: str, **plan: object) -> Endpoint:
    """An endpoint with these deployments and a plan."""
    return Endpoint.model_validate({"deployments": dict.fromkeys(names, ONE), "rollout": {"steps": STEPS, **plan}})


def seen(traffic: Shares, mirror: Shares | None = None, proven: tuple[str, ...] | None = ("blue",)) -> ObservedEndpoint:
    """As Azure shows it, with blue, green and teal there."""
    there = dict.fromkeys(("blue", "green", "teal"), ObservedDeployment())
    return ObservedEndpoint(traffic=traffic, mirror=mirror or {}, deployments=there, proven=proven)


@pytest.mark.parametrize(
    ("traffic", "mirror", "done", "after"),
    [
        ({"blue": 100}, {}, 0, ({"blue": 100}, {"green": 10})),
        ({"blue": 100}, {"green": 5}, 0, ({"blue": 100}, {"green": 10})),
        ({"blue": 100}, {"green": 10}, 1, ({"blue": 90, "green": 10}, {})),
        ({"blue": 90, "green": 10}, {}, 2, ({"blue": 50, "green": 50}, {})),
        ({"blue": 70, "green": 30}, {}, 2, ({"blue": 50, "green": 50}, {})),
        ({"blue": 50, "green": 50}, {}, 3, ({"green": 100}, {})),
    ],
)
def test_the_step_follows_from_what_is_live(
    traffic: Shares, mirror: Shares, done: int, after: tuple[Shares, Shares]
) -> None:
    """Steps count as live up to the first that gives more; the rest of the split keeps its proportions."""
    way = way_of(endpoint("blue", "green"), seen(traffic, mirror), None)
    assert (way.candidate, way.done) == ("green", done)
    assert way.next is not None
    assert (way.next.traffic, way.next.mirror) == after


def test_the_old_one_is_no_candidate_when_it_is_idle() -> None:
    """After the last step blue waits, but it is proven: a rollout back to it does not begin."""
    way = way_of(endpoint("blue", "green"), seen({"green": 100}, proven=("blue", "green")), None)
    assert (way.candidate, way.next, way.why) == (None, None, "no new deployment waits")
    named = way_of(endpoint("blue", "green", candidate="green"), seen({"green": 100}), None)
    assert (named.candidate, named.done, named.next) == ("green", 4, None)


@pytest.mark.parametrize(
    ("names", "proven", "why"),
    [
        (("blue", "green", "teal"), ("blue",), "green, teal wait; name one of them: rollout.candidate"),
        (("blue", "green"), None, "what the stack applied last is not known"),
    ],
)
def test_who_comes_in_is_never_guessed(names: tuple[str, ...], proven: tuple[str, ...] | None, why: str) -> None:
    """Two that wait, or a state that can't be read: a person names it."""
    assert way_of(endpoint(*names), seen({"blue": 100}, proven=proven), None).why.startswith(why)


BLUE, GREEN, HALF = Split({"blue": 100}), Split({"green": 100}), Split({"blue": 50, "green": 50})


@pytest.mark.parametrize(
    ("live", "kept", "past", "back"),
    [
        (seen({"blue": 50, "green": 50}), None, (), BLUE),
        (seen({"blue": 100}, {"green": 10}), None, (), BLUE),
        (
            seen({"blue": 40, "teal": 40, "green": 20}, proven=("blue", "teal")),
            None,
            (),
            Split({"blue": 50, "teal": 50}),
        ),
        (seen({"blue": 50, "green": 50}, proven=("blue", "green")), AppliedEndpoint(HALF, candidate="green"), (), BLUE),
        (seen({"green": 100}, proven=("blue", "green")), None, (GREEN, HALF, BLUE, Split({"teal": 100})), BLUE),
        (seen({"green": 100}, proven=("blue", "green")), None, (), BLUE),
        (seen({"blue": 50, "green": 50}, proven=("blue", "green")), None, (HALF, BLUE), BLUE),
        (seen({"green": 100}, proven=None), None, (Split({"gone": 100}),), None),
        (seen({"blue": 50, "green": 50}, proven=None), None, (), None),
    ],
)
def test_the_way_back(
    live: ObservedEndpoint, kept: AppliedEndpoint | None, past: tuple[Split, ...], back: Split
) -> None:
    """Without the new deployment; else the last split that had none of what is live; else nothing is guessed."""
    assert way_back(live, kept, None, past) == back


def test_the_same_command_twice_does_not_bring_the_bad_one_back() -> None:
    """Blue is live again and green was taken back: history knows green 100, and it is barred."""
    live = seen({"blue": 100}, proven=("blue", "green"))
    assert way_back(live, None, None, (GREEN, HALF)) == GREEN
    assert way_back(live, None, None, (GREEN, HALF), {"green"}) is None


def test_a_split_made_by_hand_goes_back_to_what_was_applied() -> None:
    """What this stack applied last is the last good split."""
    live = seen({"blue": 50, "green": 50}, proven=("blue", "green"))
    hand = ObservedEndpoint(traffic=live.traffic, deployments=live.deployments, proven=live.proven, applied=BLUE)
    assert way_back(hand, None, None, ()) == BLUE
