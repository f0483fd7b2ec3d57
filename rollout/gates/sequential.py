"""Tests that are exact at every look, however often and whenever one looks.

Each look multiplies the evidence by a factor whose mean is at most 1 where the null is true, so by Ville's inequality
the evidence of a good release gets to 1/alpha in at most alpha of all rollouts. The factor is that of a likelihood
ratio: conditional on the look's totals for new against old (Fisher's noncentral hypergeometric distribution, so the
common rate may be any and may move), binomial for a limit. The evidence is the mean over a grid of alternatives.

Sources: Rapid Regression Detection in Software Deployments through Sequential Testing (arXiv 2205.14762); safe tests
for 2x2 tables (arXiv 2106.02693). The conditional form and the cap are this project's, proven by simulation in
tests/rollout/test_sequential.py and docs/gates.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, lgamma, log, log1p

GRID = (1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
CAP = 3.0
"""The most that one look may multiply the evidence by: no burst of two minutes can stop a rollout."""
Track = tuple[float, ...]
START: Track = (0.0,) * len(GRID)


@dataclass(frozen=True, slots=True)
class Table:
    """Requests and bad ones of the new deployment and of the old one, in one look."""

    new: int
    new_bad: int
    old: int
    old_bad: int


def versus(track: Track, table: Table, tolerance: float = 1.0, cap: float = CAP) -> Track:
    """Evidence, as logarithms by the grid, that the new one's odds of bad are more than `tolerance` times the old's."""
    return _add(track, (_odds_factor(table, tolerance, tolerance * ratio) for ratio in GRID), cap)


def versus_turned(track: Track, table: Table, margin: float, cap: float = CAP) -> Track:
    """Evidence that they are less than `margin` times the old one's."""
    return _add(track, (_odds_factor(table, margin, margin / ratio) for ratio in GRID), cap)


def above(track: Track, requests: int, bad: int, limit: float, cap: float = CAP) -> Track:
    """Evidence that the share of bad requests is above `limit` (0 to 1)."""
    return _add(track, (_share_factor(requests, bad, limit, ratio) for ratio in GRID), cap)


def below(track: Track, requests: int, bad: int, limit: float, cap: float = CAP) -> Track:
    """Evidence that the share of bad requests is below `limit`."""
    return _add(track, (_share_factor(requests, bad, limit, 1 / ratio) for ratio in GRID), cap)


def evidence(track: Sequence[float]) -> float:
    """The mean of the grid's products: 1 before the first look.

    >>> evidence(START)
    1.0
    """
    highest = max(track)
    return exp(min(highest, 700.0)) * sum(exp(each - highest) for each in track) / len(track)


def shifted_odds(share: float, ratio: float) -> float:
    """The share whose odds are `ratio` times those of `share`.

    >>> round(shifted_odds(0.01, 3), 4)
    0.0294
    """
    return share * ratio / (1 - share + share * ratio)


def _add(track: Track, factors: Iterable[float], cap: float) -> Track:
    most = log(cap)
    return tuple(before + min(factor, most) for before, factor in zip(track, factors, strict=True))


def _odds_factor(table: Table, null: float, alternative: float) -> float:
    """The logarithm of the likelihood ratio of the look, given its totals: 0 in the mean where the null is true."""
    bad = table.new_bad + table.old_bad
    if not bad or not table.new or not table.old:
        return 0.0
    found = table.new_bad * log(alternative / null)
    return found + _total(table.new, table.old, bad, null) - _total(table.new, table.old, bad, alternative)


def _share_factor(requests: int, bad: int, limit: float, ratio: float) -> float:
    other = shifted_odds(limit, ratio)
    return bad * log(other / limit) + (requests - bad) * (log1p(-other) - log1p(-limit))


@lru_cache(maxsize=4096)
def _total(new: int, old: int, bad: int, ratio: float) -> float:
    """log of sum over k of C(new, k) C(old, bad - k) ratio^k, brought together at once: two sums would underflow."""
    terms, highest, slope = [], -inf, log(ratio)
    for k in range(max(0, bad - old), min(new, bad) + 1):
        term = _choose(new, k) + _choose(old, bad - k) + k * slope
        terms.append(term)
        highest = max(highest, term)
    return highest + log(sum(exp(term - highest) for term in terms))


def _choose(of: int, some: int) -> float:
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
