"""Which files an ignore file names, as azure-ai-ml reads it: `.amlignore`, else `.gitignore`, of the top folder only.

It reads patterns as git does, but one file at a time and the last one that fits wins: a `!` brings a file back also out
of a folder that is ignored (azure.ai.ml._utils._asset_utils.IgnoreFile, 1.35).
"""

from pathlib import Path
from typing import Self

from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from ops.messages import UserError

NAMES = (".amlignore", ".gitignore")


class Ignored:
    """The patterns of one folder; without an ignore file nothing is ignored."""

    def __init__(self, name: str = "", lines: tuple[str, ...] = ()) -> None:
        self.name = name
        self._patterns = [_pattern(name, number, line.strip()) for number, line in enumerate(lines, start=1)]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Raises UserError W014 for an ignore file that can't be read."""
        for name in NAMES:
            path = folder / name
            if path.is_file():
                try:
                    return cls(name, tuple(path.read_text(encoding="utf-8-sig").splitlines()))
                except UnicodeDecodeError:
                    raise UserError("W014", str(path), "not UTF-8", "text", "Save it as UTF-8.") from None
            if path.exists():
                raise UserError("W014", str(path), "no file", "a file of patterns", "Give it another name.")
        return cls()

    def says(self, path: str) -> bool | None:
        """True: ignored. False: brought back by a `!`. None: not named. A folder's path ends with a slash."""
        said = None
        for pattern in self._patterns:
            if pattern.include is not None and pattern.match_file(path) is not None:
                said = pattern.include
        return said


def _pattern(name: str, number: int, line: str) -> GitIgnoreSpecPattern:
    """Raises UserError W014 for what is no pattern, or what git and azure-ai-ml read differently."""
    try:
        pattern = GitIgnoreSpecPattern(line)
        means_nothing = pattern.include is None and line not in {"", "/"} and not line.startswith("#")
    except GitIgnorePatternError:
        means_nothing = True
    if means_nothing or line == "!/":
        cure = "Correct the line, or take it out."
        raise UserError("W014", f"{name} line {number}", repr(line), "a pattern as .gitignore has it", cure)
    return pattern
