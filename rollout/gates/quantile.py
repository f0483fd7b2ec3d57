"""Quantiles of durations, and an interval of one that holds at every look at once (for reports)."""

from collections.abc import Mapping
from math import inf, lgamma, log

from settings.gates import QUANTILES

WEIGHT = 1.0
"""How many requests the mixture's prior is worth: with 1, p99 has an upper end from 305 requests on."""


def quantile(durations: Mapping[int, int], share: float) -> int | None:
    """The smallest duration that this share of the requests do not exceed; None where there is none.

    >>> quantile({10: 98, 50: 1, 900: 1}, 0.99)
    50
    """
    left = share * sum(durations.values()) - 1e-9
    for duration, count in sorted(durations.items()):
        left -= count
        if left <= 0:
            return duration
    return None


def interval(durations: Mapping[int, int], share: float, alpha: float = 0.05) -> tuple[float, float]:
    """Where the quantile is, with probability 1 - alpha, at all looks together; its end is inf where too few were seen.

    Beta-binomial mixture over the share of requests below each duration (arXiv 1810.08240, 1906.09712).
    """
    total = sum(durations.values())
    low, high, below = 0.0, inf, 0
    for duration, count in sorted(durations.items()):
        if below < share * total and not _keeps(below + count, total, share, alpha):
            low = float(duration)
        below += count
        if high == inf and below > share * total and not _keeps(below, total, share, alpha):
            high = float(duration)
    return low, high


def summary(durations: Mapping[int, int]) -> dict[str, dict[str, float | None]]:
    """p50, p95 and p99 with their intervals, for a report; an end that is not known yet is None.

    >>> summary({10: 98, 50: 2})["p50"]
    {'value': 10, 'low': 0.0, 'high': 10.0}
    """
    found: dict[str, dict[str, float | None]] = {}
    for name in ("p50", "p95", "p99") if durations else ():
        low, high = interval(durations, QUANTILES[name])
        value = quantile(durations, QUANTILES[name])
        found[name] = {"value": value, "low": low, "high": None if high == inf else high}
    return found


def _keeps(below: int, total: int, share: float, alpha: float) -> bool:
    """Whether `below` of `total` requests may lie below the quantile."""
    a, b = WEIGHT * share, WEIGHT * (1 - share)
    mixed = _beta(a + below, b + total - below) - _beta(a, b)
    return mixed - below * log(share) - (total - below) * log(1 - share) < -log(alpha)


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
