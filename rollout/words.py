"""A step in words, as the preview shows it: what is made, changed and removed, and where traffic goes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rollout.model import ObservedEndpoint, Split, Step

_NAMED = 10
"""So many endpoints that stay as they are get named; of more there is no line that anybody reads."""


@dataclass(frozen=True, slots=True)
class Told:
    """One endpoint's step: its `text`; `mark` is `+` made, `~` changed, `-` removed, `=` as it is.

    `moves`: what is live is shared out otherwise, which is so only once the engine has done it.
    """

    name: str
    text: str
    mark: str
    moves: bool = False

    @property
    def line(self) -> str:
        """The text behind its mark."""
        return f"{self.mark} {self.text}"


def in_words(name: str, observed: ObservedEndpoint | None, step: Step, edits: Sequence[str] = ()) -> str:
    """One line: `diabetes: blue 100 -> 90, green 0 -> 10, mirror none`; `edits` (`rollout.edits`) come first.

    >>> in_words("diabetes", ObservedEndpoint(traffic={"blue": 100}), Step({"blue": 90, "green": 10}, {}))
    'diabetes: blue 100 -> 90, green 0 -> 10, mirror none'
    >>> in_words("diabetes", ObservedEndpoint(traffic={"blue": 100}), Step({"blue": 100}, {}), ["REMOVED green"])
    'diabetes: REMOVED green; traffic stays blue 100'
    """
    return f"{name}: {'; '.join([*edits, _split(observed or ObservedEndpoint(), step, is_edited=bool(edits))])}"


def unchanged(splits: Mapping[str, Split]) -> str:
    """The endpoints that stay as they are, in one line.

    >>> unchanged({"fraud": Split({"blue": 100}), "churn": Split({"blue": 90, "green": 10}, {"teal": 5})})
    '= unchanged: churn (blue 90, green 10, mirror teal 5), fraud (blue 100)'
    """
    shown = [f"{name} ({live(splits[name])})" for name in sorted(splits)[:_NAMED]]
    more = [f"and {len(splits) - _NAMED} more"] if len(splits) > _NAMED else []
    return f"= unchanged: {', '.join([*shown, *more])}"


def live(split: Split) -> str:
    """How an endpoint's requests are shared out: `blue 90, green 10`, with its mirror where it has one."""
    return (shares(split.traffic) if split.traffic else "no traffic") + (
        f", mirror {shares(split.mirror)}" if split.mirror else ""
    )


def changed_first(told: Iterable[Told]) -> list[Told]:
    """What changes stands before what stays."""
    return sorted(told, key=lambda one: (one.mark == "=", one.name))


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


def _split(before: ObservedEndpoint, step: Step, *, is_edited: bool) -> str:
    if step.held_back or step.held_back_mirror:
        mirror = f", mirror {shares(step.held_back_mirror)}" if step.held_back_mirror else ""
        return f"held back: {shares(step.held_back)}{mirror}; it opens with the next 'pulumi up'"
    if is_edited and before.split == step.split and (step.traffic or step.mirror):
        return f"traffic stays {live(step.split)}"
    names = sorted(set(before.traffic) | set(step.traffic))
    moves = [_move(key, before.traffic.get(key, 0), step.traffic.get(key, 0)) for key in names]
    return ", ".join([*(moves or ["no traffic"]), _mirror(before.mirror, step.mirror)])


def _move(name: str, before: int, after: int) -> str:
    return f"{name} {before}" if before == after else f"{name} {before} -> {after}"


def _mirror(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    return f"mirror {shares(after)}" if before == after else f"mirror {shares(before)} -> {shares(after)}"
