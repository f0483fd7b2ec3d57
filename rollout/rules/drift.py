"""The rule for a split that somebody made by hand: it is never overwritten without a word."""

from collections.abc import Iterator, Mapping

from rollout.case import Case
from rollout.model import Split
from rollout.words import shares
from settings.refusal import Refusal


def hand_made_split_stays(case: Case) -> Iterator[Refusal]:
    """R121 An `up` moves only what this stack applied: a split that somebody made by hand stays until it is named.

    What was applied stands in the endpoint's own tag (`rollout.applied`), else in the stack's output `applied`; so a
    refresh, `--target` and a run that was cut off change nothing about the answer.

    Source: T11; design decisions 6 and 15.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 50, green: 50}}
        observed: {traffic: {blue: 100}, applied: {traffic: {blue: 90, green: 10}}, deployments: {blue: {}, green: {}}}
    """
    seen = case.observed
    if seen is None or seen.applied is None:
        return
    applied = seen.applied
    if seen.split in (Split(case.traffic, case.mirror), applied) or may_overwrite(case):
        return
    cure = (
        f"Adopt it: 'rollout adopt {case.name}'; or overwrite it on purpose: write {case.at('overwrite')}: "
        f"{{traffic: {_flow(seen.traffic)}{', mirror: ' + _flow(seen.mirror) if seen.mirror else ''}}}, run "
        "'pulumi up', then remove the key."
    )
    for key, live, before in (
        ("traffic", seen.traffic, applied.traffic),
        ("mirror", seen.mirror, applied.mirror),
    ):
        if dict(live) != dict(before):
            got = f"live: {shares(live)}; this stack applied {shares(before)}. Someone shifted by hand, perhaps in an "
            yield Refusal("R121", case.at(key), f"{got}emergency", "what this stack applied", cure)


def may_overwrite(case: Case) -> bool:
    """Whether the stack file names what is live as what may be overwritten, and did not do so in an `up` before."""
    over, seen = case.wanted.overwrite, case.observed
    if over is None or seen is None:
        return False
    named = Split(over.traffic, over.mirror)
    return named == seen.split and named != seen.overwrote


def overwrite_is_over(case: Case) -> Iterator[Refusal]:
    """A121 An `overwrite` holds for one step: remove it once what it names is no longer live.

    Source: design decision 6.
    Example:
        endpoint:
          deployments: {blue: {}}
          traffic: {blue: 100}
          overwrite: {traffic: {blue: 50, green: 50}}
        observed: {traffic: {blue: 100}, applied: {traffic: {blue: 100}}, deployments: {blue: {}}}
    """
    over, seen = case.wanted.overwrite, case.observed
    if over is None or (seen and Split(over.traffic, over.mirror) == seen.split):
        return
    got = f"traffic {shares(over.traffic)}, mirror {shares(over.mirror)}, which is not live"
    yield Refusal("A121", case.at("overwrite"), got, "no such key", "Remove it.")


def _flow(of: Mapping[str, int]) -> str:
    """As it is written in a stack file."""
    return "{" + ", ".join(f"{name}: {of[name]}" for name in sorted(of)) + "}"


RULES = (hand_made_split_stays,)
ADVICE = (overwrite_is_over,)
