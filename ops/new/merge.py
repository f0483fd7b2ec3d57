"""A three-way merge of a project's files: what they were made from, what is there, what the newer template has."""

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ops.messages import UserError

What = Literal["new", "updated", "merged", "conflict", "removed", "left", "same"]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file: its new text, None where it goes, or where nothing is written."""

    path: str
    what: What
    text: str | None = None


def changes(base: Mapping[str, str], current: Mapping[str, str], newer: Mapping[str, str]) -> list[Change]:
    """What an update does to each file, by path. Raises UserError N007 where git is not there to merge.

    A file that a person has taken away stays away; one that the template no longer has goes unless it was edited.
    """
    return [
        _change(path, base.get(path), current.get(path), newer.get(path)) for path in sorted({*base, *current, *newer})
    ]


def _change(path: str, base: str | None, current: str | None, newer: str | None) -> Change:
    if newer is None:
        return Change(path, "removed") if current is not None and current == base else Change(path, "left")
    if current is None:
        return Change(path, "new", newer) if base is None else Change(path, "left")
    if current == newer or newer == base:
        return Change(path, "same")
    if current == base:
        return Change(path, "updated", newer)
    text, has_conflict = merged(base or "", current, newer)
    return Change(path, "conflict" if has_conflict else "merged", text)


def merged(base: str, current: str, newer: str) -> tuple[str, bool]:
    """The merge of two texts that come from one, as git makes it, and whether it has marks of a conflict in it."""
    with tempfile.TemporaryDirectory(prefix="rollout-") as folder:
        files = {name: Path(folder) / name for name in ("yours", "before", "newer")}
        for file, text in zip(files.values(), (current, base, newer), strict=True):
            file.write_text(text, encoding="utf-8", newline="")
        labels = [part for name in files for part in ("-L", name)]
        command = ["git", "merge-file", "-p", *labels, *map(str, files.values())]
        try:
            told = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            cure = "Install git, then run this again; nothing was touched."
            raise UserError("N007", "git", "not on PATH", "git, which merges your edits", cure) from None
    # The exit code is the number of conflicts, or above 127 where git itself failed.
    if told.returncode > 127:
        said = told.stderr.decode(errors="replace").strip()
        raise UserError("N007", "git merge-file", said, "a merge", "Nothing was touched.")
    return told.stdout.decode(), told.returncode > 0
