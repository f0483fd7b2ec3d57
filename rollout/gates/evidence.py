"""What was seen so far, as a small value that goes from look to look and from step to step, bound to what was judged.

A new revision of either deployment is another subject, and begins anew.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from rollout.gates.sequential import START, Track
from rollout.model import ObservedDeployment

VERSION = 1
_REVISION = ("model", "environment", "code", "scoring_script", "instance_type", "variables", "id")


@dataclass(frozen=True, slots=True)
class Subject:
    """Which deployment is judged against which; `revisions` are digests of what they run, by name."""

    endpoint: str
    new: str
    revisions: Mapping[str, str]

    @property
    def old(self) -> tuple[str, ...]:
        """All but the new one."""
        return tuple(sorted(self.revisions.keys() - {self.new}))

    @property
    def digest(self) -> str:
        """Changes with any of it."""
        return digest_of(asdict(self))


@dataclass(frozen=True, slots=True)
class Tally:
    """One test so far: evidence by the grid that the new one is worse and that it is well, with what was counted.

    `aside` is of the old one for a limit, of a floor for a comparison. `peak` is the most that `worse` has been.
    """

    worse: Track = START
    well: Track = START
    aside: Track = START
    peak: float = 1.0
    new: int = 0
    new_bad: int = 0
    old: int = 0
    old_bad: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All tests of one subject up to `until` (seconds since 1970, the end of the last look).

    `requests` are the new deployment's, in this `step` (a split as text) and in all; `minutes` had some of either.
    `tripped` and `old_tripped` say what a look was that needs no test.
    """

    subject: Subject
    until: int = 0
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    requests: int = 0
    old_requests: int = 0
    minutes: int = 0
    step: str = ""
    step_requests: int = 0
    tripped: str = ""
    old_tripped: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `evidence_from` reads it back."""
        return {"version": VERSION, **asdict(self)}


def evidence_from(raw: Any, subject: Subject) -> Evidence:
    """What was kept of this subject; nothing yet where it is of another one, of another version or can't be read."""
    fresh = Evidence(subject)
    try:
        if raw["version"] != VERSION or Subject(**raw["subject"]) != subject:
            return fresh
        known = {each.name for each in fields(Evidence)} - {"subject", "tallies"}
        tallies = {str(name): _tally(kept) for name, kept in raw["tallies"].items()}
        return replace(fresh, tallies=tallies, **{name: raw[name] for name in known})
    except (KeyError, TypeError, ValueError, AttributeError):
        return fresh


def subject_of(endpoint: str, new: str, deployments: Mapping[str, ObservedDeployment]) -> Subject:
    """From what Azure shows; an instance count is no part of a revision."""
    revisions = {name: digest_of([getattr(seen, key) for key in _REVISION]) for name, seen in deployments.items()}
    return Subject(endpoint, new, dict(sorted(revisions.items())))


def digest_of(value: Any) -> str:
    """Twelve characters that change with the value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=dict).encode()).hexdigest()[:12]


def _tally(kept: Mapping[str, Any]) -> Tally:
    worse, well, aside = (tuple(map(float, kept[name])) for name in ("worse", "well", "aside"))
    if any(len(track) != len(START) for track in (worse, well, aside)):
        raise ValueError("another grid")
    new, new_bad, old, old_bad = (int(kept[name]) for name in ("new", "new_bad", "old", "old_bad"))
    return Tally(worse, well, aside, float(kept["peak"]), new, new_bad, old, old_bad)
