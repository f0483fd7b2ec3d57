"""What judging ends in: five verdicts that are never taken for one another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal["pass", "fail", "inconclusive", "error", "cancelled"]

# The first one that any gate says is what all of them say together.
_ORDER: tuple[Kind, ...] = ("fail", "cancelled", "error", "inconclusive", "pass")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict with its reason in a sentence.

    pass          what was asked is shown
    fail          the new deployment is worse than is allowed
    inconclusive  too little was seen: hold; `missing` says what is still needed ("190 more requests, about 4 min")
    error         it could not be judged: a source is out of reach, or answers what can't be read
    cancelled     it is no longer the new deployment's matter: the old one breaks too
    `numbers` is JSON: what was judged, with limits and evidence.
    """

    kind: Kind
    reason: str
    missing: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"verdict": self.kind, "reason": self.reason, "missing": self.missing, "numbers": dict(self.numbers)}


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of them, with the numbers of all; none at all is inconclusive.

    >>> together([Verdict("pass", "a"), Verdict("inconclusive", "b", "9 more requests")]).kind
    'inconclusive'
    """
    found = list(verdicts)
    if not found:
        return Verdict("inconclusive", "nothing was judged")
    kind = next(kind for kind in _ORDER if any(one.kind == kind for one in found))
    same = [one for one in found if one.kind == kind]
    numbers = {name: value for one in found for name, value in one.numbers.items()}
    missing = "; ".join(one.missing for one in same if one.missing)
    return Verdict(kind, "; ".join(one.reason for one in same), missing, numbers)


def as_dry_run(verdict: Verdict) -> Verdict:
    """It reports what it would be, and decides nothing."""
    if verdict.kind == "pass":
        return verdict
    return Verdict("pass", f"dry run, it would be {verdict.kind}: {verdict.reason}", numbers=verdict.numbers)


assert set(_ORDER) == set(get_args(Kind))
