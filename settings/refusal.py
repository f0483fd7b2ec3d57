"""A refusal: what is wrong with a stack file or a step, where, and what to type."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a stack file or a step is refused, or (as advice) one thing to know about it.

    `code` is stable (S… for settings, R… for rules, A… for advice); `path` is the key in the stack file.
    """

    code: str
    path: str
    got: str
    expected: str
    cure: str

    def __str__(self) -> str:
        return f"{self.code} {self.path}: {self.got}; expected {self.expected}. {self.cure}"

    def as_dict(self) -> dict[str, str]:
        """The five fields by name, for `--json`."""
        return {
            "code": self.code,
            "path": self.path,
            "got": self.got,
            "expected": self.expected,
            "cure": self.cure,
        }


class Refused(Exception):
    """Nothing was touched; `refusals` says all that is wrong."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        # A hook's refusals reach a person as the engine prints the exception: in the form of all others.
        super().__init__("\n".join(["refused:", *(f"  {refusal}" for refusal in refusals)]))
        self.refusals = tuple(refusals)
