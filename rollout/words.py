"""A step in words, as the preview shows it."""

from collections.abc import Mapping

from rollout.model import ObservedEndpoint, Step


def in_words(name: str, observed: ObservedEndpoint | None, step: Step) -> str:
    """One line: `diabetes: blue 100 -> 90, green 0 -> 10, mirror none`.

    >>> in_words("diabetes", ObservedEndpoint(traffic={"blue": 100}), Step({"blue": 90, "green": 10}, {}))
    'diabetes: blue 100 -> 90, green 0 -> 10, mirror none'
    """
    if step.held_back or step.held_back_mirror:
        mirror = f", mirror {shares(step.held_back_mirror)}" if step.held_back_mirror else ""
        return f"{name}: held back: {shares(step.held_back)}{mirror}; it opens with the next 'pulumi up'"
    before = observed or ObservedEndpoint()
    names = sorted(set(before.traffic) | set(step.traffic))
    moves = [_move(key, before.traffic.get(key, 0), step.traffic.get(key, 0)) for key in names]
    mirror = _mirror(before.mirror, step.mirror)
    return f"{name}: {', '.join([*moves, mirror]) if moves else f'no traffic, {mirror}'}"


def shares(of: Mapping[str, int]) -> str:
    """A map of shares in words: `blue 90, green 10`, or `none`."""
    return ", ".join(f"{name} {of[name]}" for name in sorted(of)) or "none"


def serving_in_words(live: Mapping[str, ObservedEndpoint], *, for_kubernetes: bool = False) -> list[str]:
    """The endpoints that serve: `diabetes (blue 90, green 10)`; `for_kubernetes`: only those that run on a cluster."""
    return [
        f"{name} ({shares(seen.traffic)})"
        for name, seen in sorted(live.items())
        if (seen.traffic or seen.mirror) and (not for_kubernetes or seen.on_kubernetes)
    ]


def _move(name: str, before: int, after: int) -> str:
    return f"{name} {before}" if before == after else f"{name} {before} -> {after}"


def _mirror(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    return f"mirror {shares(after)}" if before == after else f"mirror {shares(before)} -> {shares(after)}"
