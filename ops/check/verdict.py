"""What `rollout check` says, for one stack file or for many pairs, as values and as JSON."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from ops.check.observed import observed_from
from rollout.assets import Assets
from rollout.decide import counsel, decide, judge, judge_standing
from rollout.edits import tell
from rollout.model import Applied, Decision, ObservedEndpoint, Step
from rollout.rules.standing import Standing
from rollout.words import Told
from settings.load import from_config, from_file
from settings.refusal import Refusal, Refused
from settings.stack import Stack

_KEYS = {"stack", "file", "observed"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about one stack file: `refusals` and `advice` of the whole, and a decision for each endpoint."""

    refusals: tuple[Refusal, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    observed: Mapping[str, ObservedEndpoint] = field(default_factory=dict)
    unread: str | None = None
    advice: tuple[Refusal, ...] = ()
    stack: Stack | None = None
    applied: Applied = field(default_factory=Applied)
    assets: Assets = field(default_factory=dict)
    uses: tuple[str, ...] = ()

    @property
    def told(self) -> list[Told]:
        """Each endpoint's step in words, what changes first; none where the whole is refused."""
        if self.stack is None or self.refusals:
            return []
        steps = {name: decision.step for name, decision in self.decisions.items() if decision.step}
        return tell(self.stack, steps, self.observed, self.applied, self.assets)

    @property
    def ok(self) -> bool:
        """Whether nothing is refused; advice refuses nothing."""
        return not self.all_refusals

    @property
    def all_refusals(self) -> tuple[Refusal, ...]:
        """The stack's refusals, then those of its endpoints."""
        return (*self.refusals, *(one for decision in self.decisions.values() for one in decision.refusals))

    def as_dict(self) -> dict[str, Any]:
        """`{"endpoints": {name: {"step", "refusals", "warnings"}}, "refusals": [...], "ok": bool}`.

        Beside these `uses`, what is read and never changed, and `warnings` on the stack as a whole, where there are
        any; `stateUnread` says why what the stack applied last is not known, where it was looked for.
        """
        endpoints = {name: _decision_as_dict(decision) for name, decision in self.decisions.items()}
        more: dict[str, Any] = {"warnings": [one.as_dict() for one in self.advice]} if self.advice else {}
        if self.uses:
            more["uses"] = [*self.uses]
        if self.unread:
            more["stateUnread"] = self.unread
        return {"endpoints": endpoints, "refusals": [one.as_dict() for one in self.refusals], **more, "ok": self.ok}


def verdict(
    stack: Stack, observed: Mapping[str, ObservedEndpoint], standing: Standing | None = None, unread: str | None = None
) -> Verdict:
    """All that the rules say about a stack file, beside what is observed; Azure tells no names apart by their case.

    `standing` is what the stack applied last; `unread` says why that is not known.
    """
    by_name = {name.lower(): endpoint for name, endpoint in observed.items()}
    seen = {name: by_name[name.lower()] for name in stack.endpoints if name.lower() in by_name}
    whole = (*judge(stack), *(judge_standing(standing) if standing else ()))
    applied = standing.applied if standing else Applied()
    return Verdict(whole, decide(stack, seen), seen, unread, tuple(counsel(stack)), stack, applied)


def verdicts(lines: Iterable[str]) -> Iterator[Verdict]:
    """A verdict for each JSON line `{"stack": {...} | "file": path, "observed": {...}}`, in order."""
    for number, line in enumerate(lines, start=1):
        try:
            yield _pair(line, number)
        except Refused as refused:
            yield Verdict(refused.refusals)


def _pair(line: str, number: int) -> Verdict:
    cure = 'Write one JSON object a line: {"stack": {...}, "observed": {...}} or {"file": "Pulumi.dev.yaml"}.'
    try:
        pair = from_json(line.encode(errors="surrogateescape"))  # bytes that are no UTF-8 are told as what they are
    except ValueError as error:
        raise Refused([Refusal("S006", f"line {number}", str(error), "a JSON object", cure)]) from None
    if not isinstance(pair, dict) or ("stack" in pair) == ("file" in pair) or not pair.keys() <= _KEYS:
        got = f"keys {', '.join(map(str, pair)) or 'none'}" if isinstance(pair, dict) else "no object"
        raise Refused([Refusal("S006", f"line {number}", got, "stack or file, and observed", cure)])
    if not isinstance(pair.get("file", ""), str):
        raise Refused([Refusal("S006", f"line {number}", "file is no text", "a stack file's path", cure)])
    stack = _from_file(pair["file"]) if "file" in pair else _from_map(pair["stack"], number, cure)
    return verdict(stack, observed_from(pair.get("observed", {})))


@functools.lru_cache(maxsize=1024)
def _from_file(path: str) -> Stack:
    return from_file(Path(path))


def _from_map(stack: Any, number: int, cure: str) -> Stack:
    config = stack.get("config", stack) if isinstance(stack, dict) else None
    if not isinstance(config, dict):
        raise Refused([Refusal("S006", f"line {number}", "no map", "the stack file as a map", cure)])
    return from_config(config)


def _decision_as_dict(decision: Decision) -> dict[str, Any]:
    return {
        "step": _step_as_dict(decision.step) if decision.step else None,
        "refusals": [one.as_dict() for one in decision.refusals],
        "warnings": [one.as_dict() for one in decision.advice],
    }


def _step_as_dict(step: Step) -> dict[str, Any]:
    maps = {"traffic": dict(step.traffic), "mirror": dict(step.mirror), "heldBack": dict(step.held_back)}
    return {**maps, "heldBackMirror": dict(step.held_back_mirror)} if step.held_back_mirror else maps
