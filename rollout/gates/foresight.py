"""What a plan can find and what it can't, said before its first step; and what a verdict still needs. Pure.

Reckoned for an old deployment without errors, which is when a comparison finds most: a look without errors then has the
factor 1, evidence only grows, and how many looks had how many errors is all that counts, so the chance is exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import comb, exp, log, log1p

from rollout.gates.evidence import Tally
from rollout.gates.metrics import FAULTS, FLOOR, MARGIN, Test
from rollout.gates.sequential import GRID, START, Table, Track, evidence, shifted_odds, versus

_MOST = 10_000_000
_LARGEST = 300


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a step sees of the new deployment, how likely it finds what is sought, and what it would need."""

    requests: int
    chance: float
    needed: int
    minutes: float


def prospect(
    requests: float, per_minute: float, old_to_new: float, tolerance: float, share: float, limit: float
) -> Prospect:
    """Of a step with so many requests of the new deployment, looked at each minute.

    A busy minute is cut into several looks and a quiet one joined to its neighbours: neither changes much.
    """
    new = max(1, min(_LARGEST, round(per_minute)))
    old = max(1, round(new * old_to_new))
    found = chance(int(requests / new), new, old, share, limit, tolerance)
    needed = new * looks_needed(new, old, share, limit, tolerance)
    return Prospect(round(requests), found, needed, needed / per_minute)


@lru_cache(maxsize=256)
def chance(looks: int, new: int, old: int, share: float, limit: float = 20.0, tolerance: float = 1.0) -> float:
    """How likely it is found that the new deployment fails with `share` (0 to 1), in so many looks of such requests."""
    probabilities = _errors_in_a_look(new, share)
    tracks = {errors: versus(START, Table(new, errors, old, 0), tolerance) for errors in probabilities if errors}
    unseen = 0.0
    states: Mapping[tuple[int, ...], Track] = {(0,) * len(tracks): START}
    while states:
        further: dict[tuple[int, ...], Track] = {}
        for state, track in states.items():
            unseen += _multinomial(looks, state, probabilities)
            last = max((place for place, count in enumerate(state) if count), default=0)
            for place, more in enumerate(tracks.values()):
                if place >= last and sum(state) < looks:
                    raised = tuple(one + other for one, other in zip(track, more, strict=True))
                    if evidence(raised) < limit:
                        further[(*state[:place], state[place] + 1, *state[place + 1 :])] = raised
        states = further
    return max(0.0, 1 - unseen)


def looks_needed(
    new: int, old: int, share: float, limit: float = 20.0, tolerance: float = 1.0, wanted: float = 0.9
) -> int:
    """After how many looks it is found with the chance that is `wanted`."""
    most = 1
    while chance(most, new, old, share, limit, tolerance) < wanted:
        most *= 2
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if chance(middle, new, old, share, limit, tolerance) >= wanted else (middle, most)
    return most


def missing_requests(test: Test, tally: Tally, passes_at: float) -> int | None:
    """About how many more requests of the new deployment a pass needs, going on as so far; None: it never comes."""
    new = tally.new_bad / tally.new if tally.new else 0.0
    if test.kind == "below":
        tracks = [(tally.well, [_growth(new, test.allowed, ratio) for ratio in GRID])]
    else:
        tracks = [(tally.well, [_slope(test, tally, ratio) for ratio in GRID])]
        if test.metric in FAULTS:
            tracks.append((tally.aside, [_growth(new, FLOOR, ratio) for ratio in GRID]))

    def passes(requests: int) -> bool:
        ahead = [[at + requests * slope for at, slope in zip(*each, strict=True)] for each in tracks]
        return sum(map(evidence, ahead)) / len(ahead) >= passes_at

    most = 1
    while not passes(most):
        most *= 2
        if most > _MOST:
            return None
    least = most // 2
    while most - least > max(1, most // 50):
        middle = (least + most) // 2
        least, most = (least, middle) if passes(middle) else (middle, most)
    return most


def _growth(share: float, limit: float, ratio: float) -> float:
    """How the evidence of being below a limit grows with each request, at this share of bad ones."""
    other = shifted_odds(limit, 1 / ratio)
    return share * log(other / limit) + (1 - share) * (log1p(-other) - log1p(-limit))


def _slope(test: Test, tally: Tally, ratio: float) -> float:
    """How the evidence of a comparison grows with each request of the new deployment, at the shares so far."""
    if not tally.new or not tally.old:
        return 0.0
    per_new, null = tally.old / tally.new, MARGIN * test.bound
    both = log((null + per_new) / (null / ratio + per_new))  # of one more bad request, whosever it is
    return (tally.new_bad * (both - log(ratio)) + tally.old_bad * both) / tally.new


def _errors_in_a_look(requests: int, share: float) -> dict[int, float]:
    """How likely each number of errors is; the last one stands for itself and all above."""
    found: dict[int, float] = {}
    left = 1.0
    for errors in range(requests + 1):
        found[errors] = comb(requests, errors) * share**errors * (1 - share) ** (requests - errors)
        left -= found[errors]
        if errors and left < 1e-4:
            found[errors] += max(0.0, left)
            break
    return found


def _multinomial(looks: int, state: tuple[int, ...], probabilities: Mapping[int, float]) -> float:
    """How likely it is that so many looks have 1, 2, ... errors, and all others none."""
    none = looks - sum(state)
    if none < 0:
        return 0.0
    if probabilities[0] <= 0 and none:
        return 0.0
    text, left = none * log(probabilities[0]) if none else 0.0, looks
    chance = 1.0
    for count, probability in zip(state, [probabilities[errors] for errors in probabilities if errors], strict=True):
        chance *= comb(left, count) * probability**count
        left -= count
    return chance * exp(text)
