"""`rollout check --markdown`: the verdict as a pull request's comment, the engine's diff folded beneath."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ops.check.verdict import Verdict
from rollout.words import unchanged

LIMIT = 65_000
"""Bytes; GitHub takes 65,536 characters, and Azure DevOps more."""
_FOLD = 2_000
"""Bytes kept for what is folded, however much is said before it."""
_IDS = re.compile(r"^ *\[(?:id|urn|provider)=.*\n", re.MULTILINE)
_RESOURCES = re.compile(r"^ {4}(?:[-+~]|\+-|<-)? ?(\d+ (?:to \w+|unchanged|changed))$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the engine says of the step; it knows more than the check does, and may refuse what that allows."""

    text: str
    is_refused: bool = False

    @property
    def diff(self) -> str:
        """Without the ids, URNs and providers under each resource's line: a reviewer knows it by its name."""
        return _IDS.sub("", self.text)


def comment(said: Verdict, stack: str, preview: Preview) -> str:
    """Words, refusals and warnings, then the diff; under the limit, whatever there is to say.

    The first line is a mark by which a pipeline finds its comment of before.
    """
    diff = preview.diff
    verdict = "refused, nothing was touched" if preview.is_refused or not said.ok else "allowed"
    parts = [f"<!-- rollout check {stack} -->", f"### Step of `{stack}`: {verdict}"]
    changed = [one.line for one in said.told if one.mark != "="]
    staying = {one.name: said.observed[one.name].split for one in said.told if one.mark == "="}
    lines = [*changed, *([unchanged(staying)] if staying else [])]
    warnings = [*said.advice, *(one for decision in said.decisions.values() for one in decision.advice)]
    notes = [f"not read: what the stack applied last ({said.unread})"] if said.unread else []
    for title, texts in (
        ("Refused", map(str, said.all_refusals)),
        ("", lines),
        ("Worth knowing", [*map(str, warnings), *notes]),
    ):
        if block := fenced(texts, LIMIT - _FOLD - sum(map(_size, parts)) - 200):
            parts += [f"**{title}**", block] if title else [block]
    counts = ", ".join(_RESOURCES.findall(diff)) or "what the engine says"
    unfolded = " open" if preview.is_refused and said.ok else ""
    opening = f"<details{unfolded}><summary>pulumi preview --diff: {counts}</summary>"
    room = LIMIT - sum(map(_size, parts)) - _size(opening) - 200
    return "\n\n".join([*parts, opening, fenced(diff.splitlines(), room) or "It says nothing.", "</details>"]) + "\n"


def fenced(texts: Iterable[str], room: int) -> str:
    """The lines as they are, cut at `room` bytes; nothing in them is Markdown, whoever wrote it. '' where none are."""
    lines = [line.rstrip() for text in texts for line in text.splitlines()]
    if not lines:
        return ""
    runs = re.findall("`+", "\n".join(lines))
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    kept, left = list[str](), room - 2 * len(fence) - 80
    for line in lines:
        left -= _size(line) + 1
        if left < 0:
            break
        kept.append(line)
    cut = len(lines) - len(kept)
    more = [f"... {cut} more lines; 'pulumi preview --diff' shows all"] if cut else []
    return "\n".join([f"{fence}text", *kept, *more, fence])


def _size(text: str) -> int:
    return len(text.encode()) + 2
