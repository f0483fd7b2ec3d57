"""A project that is a copy of the repository as of 0.2.0: its files that are a dependency now go, its own stay.

`past/0.2.0/FILES` has the start of each file's git hash, by which a file that was never edited is known.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from ops.messages import UserError
from ops.new.files import apply, texts
from ops.new.merge import Change, changes
from ops.new.render import RECORD, Answers, Ci, is_kept_up, render

PAST = Path(__file__).parent / "past" / "0.2.0"
PACKAGES = ("components/", "rollout/", "settings/", "ops/", "localazure/")
"""What has to be the dependency's: a file of the project there would hide it."""
_OWN = ("scoring/", "Pulumi.")
_KEPT_FIRST = 20
_KEY = re.compile(r"^( +)safe-rollout:", re.MULTILINE)


def is_copy(root: Path) -> bool:
    """Whether a project has the packages in it, and no record of a template."""
    return not (root / RECORD).is_file() and all((root / package / "__init__.py").is_file() for package in PACKAGES)


def to_dependency(root: Path, project: str, ci: Ci | None, source: str) -> list[Change]:
    """Take out what comes as a dependency now, and write what a new project has beside it.

    Raises UserError N006, and touches nothing, where files of the packages were edited or added: they would be lost.
    """
    lines = (line.partition(" ") for line in (PAST / "FILES").read_text(encoding="utf-8").splitlines())
    known = {path: digest for digest, _, path in lines}
    edited = [path for path in _packages(root) if blob_hash(root / path) != known.get(path)]
    if edited:
        more = f" and {len(edited) - _KEPT_FIRST} more" if len(edited) > _KEPT_FIRST else ""
        cure = "Take the edits out, or ask for them in safe-rollout; a copy goes on working as it is."
        got = f"edited or added here: {', '.join(edited[:_KEPT_FIRST])}{more}"
        raise UserError("N006", str(root), got, "the packages as 0.2.0 had them", cure)
    chosen: Ci = ci or "github"
    name = project if project != "safe-rollout" else "safe-rollout-project"
    newer = render(Answers(name, ci=chosen, source=source))
    done = [
        *_gone(root, known, newer),
        *_kept_up(root, newer),
        *_own(root, known, newer),
        *_renamed_keys(root, project),
    ]
    apply(root, done)
    return sorted(done, key=lambda change: change.path)


def blob_hash(file: Path) -> str:
    """The start of the hash that git has of a file."""
    content = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()[:16]


def _packages(root: Path) -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and "node_modules" not in path.parts:
                yield path.relative_to(root).as_posix()


def _is_as_it_was(root: Path, path: str, known: dict[str, str]) -> bool:
    return (root / path).is_file() and blob_hash(root / path) == known.get(path)


def _gone(root: Path, known: dict[str, str], newer: dict[str, str]) -> Iterator[Change]:
    """Files of the repository that a project does not have: packages, their tests and pages, the lock."""
    for path in known:
        if path.startswith(_OWN) or path in newer or (PAST / path).is_file():
            continue
        if path == "uv.lock" and (root / path).is_file():
            yield Change(path, "removed")  # it locks other packages: `uv lock` makes it anew
        elif _is_as_it_was(root, path, known):
            yield Change(path, "removed")


def _kept_up(root: Path, newer: dict[str, str]) -> Iterator[Change]:
    """Pipelines and the like, merged with what 0.2.0 had."""
    old = {path.relative_to(PAST).as_posix() for path in PAST.rglob("*") if path.is_file()} - {"FILES"}
    paths = sorted({path for path in {*old, *newer} if is_kept_up(path)})
    base = texts(PAST, (path for path in paths if path in old))
    yield from changes(base, texts(root, paths), {path: newer[path] for path in paths if path in newer})


def _own(root: Path, known: dict[str, str], newer: dict[str, str]) -> Iterator[Change]:
    """What is the project's own from now on: as it is where it was edited, else as a new project has it."""
    for path, text in newer.items():
        if is_kept_up(path) or path.startswith(_OWN):
            continue
        if path == "pyproject.toml":
            if not _is_as_it_was(root, path, known):
                yield Change("pyproject.0.2.0.toml", "new", (root / path).read_text(encoding="utf-8"))
            yield Change(path, "updated", text)
        elif path == "assets.yaml":
            yield Change(path, "new", _assets(root, text))
        elif not (root / path).exists():
            yield Change(path, "new", text)
        elif _is_as_it_was(root, path, known):
            yield Change(path, "updated", text)


def _assets(root: Path, text: str) -> str:
    """Where a copy of 0.2.0 has its conda file."""
    conda = "scoring/environment/conda.yaml"
    return text.replace("scoring/conda.yaml", conda) if (root / conda).is_file() else text


def _renamed_keys(root: Path, project: str) -> Iterator[Change]:
    """0.2.0 read keys under safe-rollout alone, whatever the project's name; now they are under that name."""
    for file in sorted(root.glob("Pulumi.*.yaml")):
        text = file.read_bytes().decode()
        renamed = _KEY.sub(rf"\1{project}:", text)
        if renamed != text:
            yield Change(file.name, "updated", renamed)
