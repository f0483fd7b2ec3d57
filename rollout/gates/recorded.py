"""A verdict that was recorded: of what, when, and whether it still holds. Pure: the time is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from rollout.gates.evidence import Subject, digest_of
from rollout.gates.verdict import Kind
from rollout.model import Split
from settings.gates import Gates


@dataclass(frozen=True, slots=True)
class Recorded:
    """A verdict with its time (seconds since 1970) and the digest of what was judged."""

    kind: Kind
    reason: str
    at: float
    judged: str
    missing: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `recorded_from` reads it back."""
        told = {"verdict": self.kind, "reason": self.reason, "missing": self.missing, "at": self.at}
        return {**told, "judged": self.judged, "numbers": dict(self.numbers)}


def recorded_from(raw: Mapping[str, Any]) -> Recorded | None:
    """What was recorded; None where nothing was, or nothing that can be read."""
    try:
        if raw["verdict"] not in get_args(Kind):
            return None
        at, judged = float(raw["at"]), str(raw["judged"])
        return Recorded(raw["verdict"], str(raw["reason"]), at, judged, str(raw["missing"]), dict(raw["numbers"]))
    except (KeyError, TypeError, ValueError):
        return None


def judged_digest(subject: Subject, gates: Gates, split: Split) -> str:
    """What a verdict is of: both revisions, the gates as they were, and the step that was live."""
    return digest_of([subject.digest, gates.model_dump(mode="json"), dict(split.traffic), dict(split.mirror)])


def step_text(split: Split) -> str:
    """A split as text.

    >>> step_text(Split({"blue": 90, "green": 10}, {}))
    'blue=90 green=10'
    """
    parts = [f"{name}={share}" for name, share in sorted(split.traffic.items())]
    return " ".join([*parts, *(f"mirror:{name}={share}" for name, share in sorted(split.mirror.items()))])
