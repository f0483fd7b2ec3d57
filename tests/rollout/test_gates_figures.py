"""What docs/gates.md claims of the gates, by seeded simulation; SAFE_ROLLOUT_GATES sets how many rollouts."""

import os

import numpy as np
import pytest

from benchmarks.gates import WORLDS, World, false_alarms, plain_test, stopped_at, whole_plan
from rollout.gates.foresight import chance, looks_needed
from rollout.gates.quantile import interval
from settings.gates import Gates

ROLLOUTS = int(os.environ.get("SAFE_ROLLOUT_GATES", "100"))
LOOKS = 500 if ROLLOUTS > 100 else 100


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_few_good_releases_are_stopped(world: World) -> None:
    """At most 5 of 100, with bursts too, where 1.5 times the odds are tolerated, as the docs say one should."""
    assert false_alarms(ROLLOUTS, world, LOOKS, tolerance=1.5) <= 0.05


@pytest.mark.parametrize("name", [name for name in WORLDS if "bursts" not in name])
def test_without_bursts_nothing_need_be_tolerated(name: str) -> None:
    """Equal shares, moving ones and rare errors: at most 5 of 100 at a tolerance of 1."""
    assert false_alarms(ROLLOUTS, WORLDS[name], LOOKS) <= 0.05


def test_looking_again_and_again_with_a_plain_test_stops_many() -> None:
    """What no other tool corrects for: a 5 percent test at each of 100 looks stops more than 10 of 100."""
    random = np.random.default_rng(2)
    stops = sum(plain_test(World(20, 180).looks(random, 100)) for _ in range(ROLLOUTS))
    assert stops > 0.1 * ROLLOUTS


def test_a_bad_release_is_found() -> None:
    """2 percent instead of none: 90 of 100 within 360 requests; 3 instead of 1: half within 550."""
    random = np.random.default_rng(3)
    found = [stopped_at(World(20, 180, 0.02, 0.0).looks(random, 18)) for _ in range(ROLLOUTS)]
    assert sum(each is not None for each in found) >= 0.85 * ROLLOUTS
    found = [stopped_at(World(20, 180, 0.03).looks(random, 27)) for _ in range(ROLLOUTS)]
    assert sum(each is not None for each in found) >= 0.45 * ROLLOUTS


def test_a_whole_plan_stops_a_bad_release_in_its_mirror() -> None:
    """At 600 requests a minute no user sees an error of a release that fails 2 percent."""
    random, gates = np.random.default_rng(6), Gates.model_validate({"errors": {"againstOld": 1}})
    ends = [whole_plan(random, gates, 600, 0.02, 0.0) for _ in range(ROLLOUTS // 10)]
    assert ends == [("mirror", 0)] * (ROLLOUTS // 10)


def test_what_is_foretold_is_what_is_simulated() -> None:
    """The exact chance of a step, and the requests that it needs, are those of the simulation."""
    assert round(100 * chance(15, 6, 54, 0.02)) == 11
    assert 6 * looks_needed(6, 54, 0.02) == 336
    random = np.random.default_rng(7)
    for looks in (20, 40):
        found = sum(stopped_at(World(6, 54, 0.02, 0.0).looks(random, looks)) is not None for _ in range(10 * ROLLOUTS))
        assert abs(found / (10 * ROLLOUTS) - chance(looks, 6, 54, 0.02)) < 0.06


def test_an_interval_holds_at_all_looks_together() -> None:
    """The true p95 is outside at any of 20 looks in at most 5 of 100 series."""
    random, wrong = np.random.default_rng(8), 0
    for _ in range(ROLLOUTS // 2):
        durations: dict[int, int] = {}
        outside = False
        for _ in range(20):
            for value in random.integers(0, 1000, 20).tolist():
                durations[value] = durations.get(value, 0) + 1
            low, high = interval(durations, 0.95)
            outside = outside or not low <= 950 <= high
        wrong += outside
    assert wrong <= 0.05 * (ROLLOUTS // 2)
