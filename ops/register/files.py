"""The files of a model or a code folder: one list, for its version and for its upload.

It is what azure-ai-ml would upload (ignore files obeyed, links followed), less what a person uploads by accident only.
A link is followed inside the folder; what leaves the folder, ends nowhere, goes round in a circle or is no file is
refused, and so are the usual names of secrets: all at once.
"""

import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from ops.messages import UserError
from ops.register.ignored import NAMES, Ignored

LEFT_OUT = frozenset(
    {
        *(".git", ".hg", ".svn", ".venv", "__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache"),
        *(".ruff_cache", ".hypothesis", ".tox", ".nox", ".idea", ".vscode", ".DS_Store"),
    }
)
"""What tools leave in a folder; so is a folder that is a virtual environment, whatever its name."""
VENV_MARK = "pyvenv.cfg"
SECRET_FOLDERS = frozenset({".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker"})
SECRET_FILES = (
    *(".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".pypirc", ".npmrc", ".git-credentials", ".htpasswd"),
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "*.pem", "*.key", "*.pfx", "*.p12", "*.jks", "*.keystore"),
    *("*.ppk", "*.kdbx", "*.publishsettings", "credentials", "credentials.json", "service_account*.json"),
    *("accesstokens.json", "msal_token_cache*", "kubeconfig"),
)
"""Usual names of files with secrets, in lower case."""
EXAMPLES = ("*.example", "*.sample", "*.template")
SHOWN = 5
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Listing:
    """`files`: relative path in the upload and file, sorted by path. `left_out`: what is not uploaded, to be told."""

    files: tuple[tuple[str, Path], ...]
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Walk:
    """One walk below `root`, a real path."""

    root: Path
    ignored: Ignored
    files: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def folder(self, folder: Path, relative: str, above: tuple[Path, ...]) -> None:
        """All in `folder`, a real path, which the upload has at `relative`; `above` are the folders that lead to it."""
        for path in sorted(folder.iterdir()):
            name, shown = path.name, f"{relative}{path.name}"
            is_folder = path.is_dir()
            place = os.path.relpath(path, self.root)  # azure-ai-ml matches where a linked folder's files really are
            said = self.ignored.says(place)
            if problem := _odd_name(name):
                self.refused.append(f"{shown!r} {problem}")
            elif name in LEFT_OUT or (is_folder and (path / VENV_MARK).is_file()):
                self._leave_out(f"{shown}/" if is_folder else shown)
            elif is_folder:
                self._enter(path, shown, above)
            elif said is not True:
                self._take(path, shown, brought_back=said is False)

    def _enter(self, path: Path, shown: str, above: tuple[Path, ...]) -> None:
        real = path.resolve()
        ignored = self.ignored.says(f"{shown}/") is True
        if not real.is_relative_to(self.root):
            problem = f"'{shown}' is a link that leaves the folder"
        elif real in above:
            problem = f"'{shown}' is a link to a folder that it is in"
        else:
            self.folder(real, f"{shown}/", (*above, real))
            return
        if not ignored:
            self.refused.append(problem)

    def _take(self, path: Path, shown: str, brought_back: bool) -> None:
        if not path.exists():
            self.refused.append(f"'{shown}' is a link to nothing")
            return
        real = path.resolve()
        if not real.is_relative_to(self.root):
            self.refused.append(f"'{shown}' is a link that leaves the folder")
        elif not stat.S_ISREG(real.stat().st_mode):
            self.refused.append(f"'{shown}' is no file (a pipe, socket or device)")
        elif not brought_back and any(map(is_secret, (shown, real.relative_to(self.root).as_posix()))):
            self.secrets.append(shown)
        else:
            self.files[shown] = real
        if len(self.files) > MOST:
            raise too_many(self.root)

    def _leave_out(self, shown: str) -> None:
        if self.ignored.says(shown) is not True:
            self.left_out.append(shown)


def list_files(source: Path) -> Listing:
    """The files that an upload of `source`, a file or a folder, has. Raises UserError W003, W014 to W016."""
    source = source.resolve()
    if not source.is_dir():
        _check_file(source)
        return Listing(((source.name, source),))
    walk = _Walk(source, Ignored.of(source))
    try:
        walk.folder(source, "", (source,))
    except RecursionError:
        raise too_many(source) from None
    if walk.refused or walk.secrets:
        raise _refusal(source, walk)
    if set(walk.files) <= set(NAMES):
        raise _empty(source, walk)
    return Listing(tuple(sorted(walk.files.items())), tuple(walk.left_out))


def too_many(source: Path) -> UserError:
    """A folder that nobody means to upload: the files of a disk, or links that lead to more and more of them."""
    got = f"more than {MOST:,} files, or folders within folders without end"
    return UserError("W015", str(source), got, "the files of one model", "Name what is not of it in .amlignore.")


def is_secret(path: str) -> bool:
    """Whether a file at this path usually holds secrets, by its name or by its folder's."""
    *folders, name = PurePosixPath(path.lower()).parts
    if not SECRET_FOLDERS.isdisjoint(folders):
        return True
    return any(fnmatchcase(name, each) for each in SECRET_FILES) and not any(fnmatchcase(name, e) for e in EXAMPLES)


def _check_file(source: Path) -> None:
    if not source.is_file():
        raise UserError("W015", str(source), "a pipe, socket or device", "a file or a folder", "Check the path.")
    if is_secret(source.name):
        got = f"'{source.name}': a name that files with secrets usually have"
        raise UserError("W016", str(source), got, "nothing secret", "Give a file that is no secret another name.")


def _odd_name(name: str) -> str:
    """What is wrong with a file's name: a blob has to have it, and a person has to read it."""
    if not name.isprintable():
        return "has characters in its name that no text has"
    return "has a backslash in its name" if "\\" in name else ""


def _refusal(source: Path, walk: _Walk) -> UserError:
    """All that is wrong, at once: W015, and W016 where nothing is wrong but names of secrets."""
    got, expected, cure = [], "files, and links to what is in the folder", ["Name in .amlignore what is not of it."]
    if walk.refused:
        got.append(_some(walk.refused))
        cure.append("azure-ai-ml would follow a link wherever it leads: put a copy in its place.")
    if walk.secrets:
        got.append(f"{_some([repr(each) for each in walk.secrets])}: names that files with secrets usually have")
        cure.append("Where such a file has to be uploaded, write '!NAME' as the last line of .amlignore.")
    code = "W015" if walk.refused else "W016"
    return UserError(code, str(source), "; ".join(got), expected if walk.refused else "nothing secret", " ".join(cure))


def _empty(source: Path, walk: _Walk) -> UserError:
    got = "an empty folder"
    if walk.ignored.name:
        got = f"a folder with no file but those that {walk.ignored.name} names"
    elif walk.left_out:
        got = f"a folder with nothing but what is left out ({_some(walk.left_out)})"
    return UserError("W003", str(source), got, "at least one file", "Put its files there first.")


def _some(found: list[str]) -> str:
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more
