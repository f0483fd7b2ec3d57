"""The sequential tests: exact in the mean, whatever the totals, and the interval of a quantile."""

from math import comb, exp, inf, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.gates.quantile import interval, quantile
from rollout.gates.sequential import (
    CAP,
    GRID,
    START,
    Table,
    above,
    below,
    evidence,
    shifted_odds,
    versus,
    versus_turned,
)

SIZES = st.integers(1, 60)
NO_CAP = inf


@settings(deadline=None)
@given(SIZES, SIZES, st.data(), st.sampled_from([1.0, 1.5, 3.0]))
def test_the_mean_is_one_where_the_odds_are_as_tolerated(new: int, old: int, data: st.DataObject, ratio: float) -> None:
    """Given a look's totals, each factor's mean is 1 at the tolerated odds ratio, and not more below it."""
    bad = data.draw(st.integers(0, new + old))
    for actual in {ratio, 1.0}:
        weights = {
            k: comb(new, k) * comb(old, bad - k) * actual**k for k in range(max(0, bad - old), min(new, bad) + 1)
        }
        means = [0.0] * len(GRID)
        for k, weight in weights.items():
            track = versus(START, Table(new, k, old, bad - k), ratio, NO_CAP)
            means = [mean + weight / sum(weights.values()) * exp(one) for mean, one in zip(means, track, strict=True)]
        assert all(isclose(mean, 1, rel_tol=1e-6) if actual == ratio else mean <= 1 + 1e-6 for mean in means)


@settings(deadline=None)
@given(st.integers(1, 80), st.floats(0.001, 0.6), st.floats(0.1, 1.0))
def test_a_limits_mean_is_at_most_one_where_it_is_kept(requests: int, limit: float, part: float) -> None:
    """Each factor's mean is 1 at the limit, and not more below it; turned round, not more above it."""
    for test, share in ((above, limit * part), (below, shifted_odds(limit, 1 / part))):
        means = [0.0] * len(GRID)
        for bad in range(requests + 1):
            chance = comb(requests, bad) * share**bad * (1 - share) ** (requests - bad)
            track = test(START, requests, bad, limit, NO_CAP)
            means = [mean + chance * exp(one) for mean, one in zip(means, track, strict=True)]
        assert all(mean <= 1 + 1e-6 for mean in means)


@settings(deadline=None)
@given(st.lists(st.tuples(SIZES, SIZES, st.floats(0, 1), st.floats(0, 1)), max_size=12))
def test_no_look_counts_more_than_the_cap(looks: list[tuple[int, int, float, float]]) -> None:
    """One look multiplies the evidence by at most CAP, so two bad minutes never reach 20."""
    track = START
    for new, old, new_part, old_part in looks:
        table = Table(new, round(new * new_part), old, round(old * old_part))
        raised = versus(track, table)
        assert evidence(raised) <= CAP * evidence(track) * (1 + 1e-9)
        track = raised
    worst = versus(versus(START, Table(900, 900, 8100, 0)), Table(900, 900, 8100, 0))
    assert evidence(worst) < CAP**2 + 1e-9


def test_many_requests_do_not_underflow() -> None:
    """300,000 requests with 4,000 bad ones have finite evidence for either side."""
    table = Table(30_000, 400, 270_000, 3_600)
    for track in (versus(START, table), versus_turned(START, table, 3.0)):
        assert all(-inf < each < inf for each in track)


def test_without_errors_there_is_no_evidence() -> None:
    """A comparison of nothing with nothing says nothing; a limit that is kept 380 times over 1 percent is shown."""
    assert versus(START, Table(100, 0, 900, 0)) == START
    track = START
    for _ in range(19):
        track = below(track, 20, 0, 0.01)
    assert evidence(track) >= 20


@pytest.mark.parametrize(("share", "first"), [(0.99, 305), (0.95, 64), (0.9, 33), (0.5, 7)])
def test_an_interval_has_an_upper_end_from_so_many_requests_on(share: float, first: int) -> None:
    """p99 has none before 305 requests: the slowest of fewer may be below it."""
    assert interval(dict.fromkeys(range(first - 1), 1), share)[1] == inf
    assert interval(dict.fromkeys(range(first), 1), share)[1] < inf


def test_a_quantile_is_in_its_interval() -> None:
    """The empirical quantile is inside, and more requests make it narrower."""
    few, many = (dict.fromkeys(range(1000), size) for size in (1, 10))
    narrow, wide = interval(many, 0.95), interval(few, 0.95)
    assert wide[0] < narrow[0] < (quantile(few, 0.95) or 0) <= narrow[1] < wide[1]
    assert quantile({}, 0.5) is None
