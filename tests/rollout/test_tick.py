"""The table of `rollout tick`, walked: no ticks, crashes, hand shifts and verdicts lose traffic or skip a gate."""

from dataclasses import dataclass
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.model import Split
from rollout.tick import TABLE, Do, Kind, Stand, decide, stand_of
from settings.endpoint import Endpoint
from tests.rollout.tick_world import ONE, World, by_hand, fail, other_release

STEPS = [{"mirror": 10}, {"traffic": 10}, {"traffic": 50}, {"traffic": 100}]
PLANS = st.sampled_from([STEPS, STEPS[1:], [{"traffic": 5}, {"traffic": 100}], [{"mirror": 50}]])
HALF, TEN, MIRROR = (
    Split({"blue": 50, "green": 50}),
    Split({"blue": 90, "green": 10}),
    Split({"blue": 100}, {"green": 10}),
)


@dataclass(frozen=True)
class Said:
    """A verdict."""

    kind: Kind = "pass"
    reason: str = "as scripted"
    missing: str = ""


def world_with(steps: list[dict[str, int]] = STEPS, **plan: object) -> World:
    """Blue serves, green waits; the stack file and everything else agree."""
    old = {"deployments": {"blue": ONE}, "traffic": {"blue": 100}}
    world = World(Endpoint.model_validate({**old, "rollout": {"steps": steps, "largestJump": 100, **plan}}))
    for _ in range(3):
        tick(world)
    assert world.live == Split({"blue": 100})
    both = Endpoint.model_validate({**old, "deployments": {"blue": ONE, "green": {**ONE, "model": "azureml:m:2"}}})
    world.file = world.file.model_copy(update={"deployments": both.deployments})
    tick(world)
    assert world.there == {"blue": "Succeeded", "green": "Succeeded"}
    return world


def tick(world: World, verdict: Said = Said(), effects: int | None = None) -> Do:
    """One tick, killed after so many effects; what it did."""
    action = world.due(verdict)
    for _ in islice(world.effects(action), effects):
        assert sum(world.live.traffic.values()) in (0, 100)
        assert world.live.traffic.keys() | world.live.mirror.keys() <= world.there.keys()
    return action.do


def test_each_stand_has_its_row() -> None:
    """And a row that asks for a verdict has an action for all five."""
    assert TABLE.keys() == {*Stand}
    kinds = {"pass", "fail", "inconclusive", "error", "cancelled"}
    assert all(row.keys() == kinds for row in TABLE.values() if not isinstance(row, Do))


def test_a_whole_rollout() -> None:
    """Begin, each step after its verdict, the old one removed, then nothing."""
    world = world_with(keep="1h")
    splits = []
    for _ in range(6):
        tick(world)
        splits.append(world.live)
    assert splits[:4] == [MIRROR, TEN, HALF, Split({"green": 100})]
    assert world.there == {"green": "Succeeded"}
    assert len(world.asked) == 4  # the beginning needs no verdict
    assert (tick(world), stand_of(world.scene)) == (Do.NOTHING, Stand.SETTLED)


@pytest.mark.parametrize("kind", ["fail", "inconclusive", "error", "cancelled"])
@pytest.mark.parametrize("ticks", [1, 2, 3])
def test_only_a_pass_goes_on(kind: Kind, ticks: int) -> None:
    """In each step: a fail goes back for good, all others leave what is live."""
    world = world_with()
    for _ in range(ticks):
        tick(world)
    before = world.live
    for _ in range(4):
        tick(world, Said(kind))
    assert world.live == (Split({"blue": 100}) if kind == "fail" else before)
    if kind == "fail":
        assert stand_of(world.scene) is Stand.SETTLED
        assert "taken back" in decide(world.scene, None).reason
        other_release(world)
        tick(world)
        tick(world)
        assert world.live == MIRROR


def test_a_judge_that_was_not_asked_holds() -> None:
    """What needs a verdict and has none never goes on."""
    world = world_with()
    tick(world)
    assert decide(world.scene, None).do is Do.HOLD


@pytest.mark.parametrize(
    ("stand", "do"),
    [
        (Stand.MOVED, Do.STOP),
        (Stand.SICK, Do.STOP),
        (Stand.BROKEN, Do.ABORT),
        (Stand.SKIPPING, Do.STOP),
        (Stand.EDITED, Do.APPLY),
        (Stand.UNFIT, Do.STOP),
        (Stand.BUSY, Do.HOLD),
    ],
)
def test_what_is_not_the_plans_own(stand: Stand, do: Do) -> None:
    """A shift by hand, sick deployments, a stack file that skips, goes back, or is being applied."""
    world = world_with()
    if stand is not Stand.UNFIT:
        tick(world)
        tick(world)
    if stand is Stand.MOVED:
        by_hand(world, HALF)
    if stand in (Stand.SICK, Stand.BROKEN, Stand.UNFIT):
        fail(world, "blue" if stand is Stand.SICK else "green")
    if stand is Stand.BUSY:
        world.there["green"] = "Updating"
    if stand in (Stand.SKIPPING, Stand.EDITED):
        share = 100 if stand is Stand.SKIPPING else 5
        split = {"blue": 100 - share, "green": share} if share < 100 else {"green": 100}
        world.file = world.file.model_copy(update={"traffic": split})
    assert stand_of(world.scene) is stand
    assert world.due(Said()).do is do


VERDICTS = st.sampled_from(["pass", "pass", "pass", "fail", "inconclusive", "error", "cancelled"]).map(Said)
TICKS = st.tuples(st.just("tick"), VERDICTS, st.sampled_from([None, None, 0, 1, 2, 3]))
SPLITS = st.sampled_from([HALF, TEN, MIRROR, Split({"blue": 100}), Split({"green": 100})])
HANDS = st.tuples(st.just("hand"), SPLITS, st.none())
BREAKS = st.tuples(st.just("fail"), st.sampled_from(["blue", "green"]), st.none())
EDITS = st.tuples(st.just("file"), SPLITS, st.none())


@given(PLANS, st.lists(st.one_of(TICKS, TICKS, TICKS, HANDS, BREAKS, EDITS), max_size=14))
def test_no_walk_loses_traffic_or_skips_a_gate(
    steps: list[dict[str, int]], events: list[tuple[str, object, int]]
) -> None:
    """The new one gets more only by its first step, or after a pass; what was taken back stays away."""
    world, back = world_with(steps, keep="1h"), False
    for what, of, effects in events:
        back = back and what != "file"  # a person may bring it in again
        if what == "hand" and isinstance(of, Split):
            by_hand(world, of)
        elif what == "fail":
            fail(world, str(of))
        elif what == "file" and isinstance(of, Split) and of.traffic.keys() <= world.file.deployments.keys():
            world.file = world.file.model_copy(update={"traffic": dict(of.traffic), "mirror": dict(of.mirror)})
        elif isinstance(of, Said):
            back = _walk_one(world, of, effects, back)
    _comes_to_rest(world)


def _walk_one(world: World, verdict: Said, effects: int | None, back: bool) -> bool:
    """One tick; returns whether green is taken back by now."""
    before, action = world.live, world.due(verdict)
    was_done = world.scene.way.done
    for _ in islice(world.effects(action), effects):
        assert sum(world.live.traffic.values()) == 100
        assert world.live.traffic.keys() | world.live.mirror.keys() <= world.there.keys()
        gains = world.live.traffic.get("green", 0) > before.traffic.get("green", 0)
        if gains and "green" not in (world.kept.proven or () if world.kept else ()):
            assert not was_done or verdict.kind == "pass", action
            assert action.do in (Do.NEXT, Do.APPLY), action
            assert not back, action
        back = back or (action.do is Do.ABORT and "green" not in world.scene.asked.traffic)
    return back


def _comes_to_rest(world: World) -> None:
    """With good verdicts it ends: what is live is what the stack file says, or a person is asked."""
    world.there = dict.fromkeys(world.there, "Succeeded")
    for _ in range(12):
        if tick(world) in (Do.NOTHING, Do.STOP):
            break
    do, stand = tick(world), stand_of(world.scene)
    assert do in (Do.NOTHING, Do.STOP), (do, stand, world)
    assert stand in (Stand.MOVED, Stand.SKIPPING, Stand.UNCLEAR) or world.live == world.scene.asked
