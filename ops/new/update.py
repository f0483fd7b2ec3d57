"""`rollout update`: what a newer safe-rollout has for a project, brought in beside the project's own edits."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from ops.messages import UserError
from ops.new import copied
from ops.new.files import apply, texts
from ops.new.merge import Change, changes
from ops.new.render import DESCRIPTION, RECORD, TEMPLATE, Answers, Ci, is_kept_up, render
from ops.new.source import uv_source
from settings.load import read_project
from settings.place import nearest_project_file

PAST = Path(__file__).parent / "past"
MOST_REMOVED = 20
WORDS = {
    "new": "new",
    "updated": "updated",
    "merged": "updated, with your edits kept",
    "conflict": "CONFLICT: look for <<<<<<< in it",
    "removed": "removed: it is no longer needed",
}


def command(
    ci: Annotated[
        Ci | None, typer.Option("--ci", help="Whose pipelines to have from now on.", show_default="as before")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What became of each file as JSON.")] = False,
) -> None:
    """Bring in what a newer safe-rollout has for this project. Exit 1: your edits and the newer text are in conflict.

    A newer package and this in one command: uv run --upgrade-package safe-rollout rollout update
    """
    found = nearest_project_file(Path.cwd())
    if found is None:
        raise UserError("N004", "Pulumi.yaml", "not here, nor in a folder above", "a project", "Go to its folder.")
    root = found.parent
    project = read_project(found).name
    is_copy = copied.is_copy(root)
    done = copied.to_dependency(root, project, ci, uv_source()) if is_copy else _update(root, project, ci)
    if as_json:
        typer.echo(json.dumps({change.path: change.what for change in done if change.what in WORDS}, indent=2))
    else:
        _tell(done)
    raise typer.Exit(1 if any(change.what == "conflict" for change in done) else 0)


def _tell(done: Sequence[Change]) -> None:
    told = list(_told(done))
    typer.echo("\n".join(told) if told else "already up to date")
    if told:
        synced = "uv sync, " if any(change.path == "pyproject.toml" for change in done) else ""
        typer.echo(f"\nNext: look at it (git diff), {synced}run the project's checks (pytest), commit it.")


def _told(done: Iterable[Change]) -> Iterator[str]:
    """A line for each file; of many that go, how many."""
    removed = [change for change in done if change.what == "removed"]
    is_long = len(removed) > MOST_REMOVED
    if is_long:
        yield f"{WORDS['removed']:<32}  {len(removed)} files (git status names them)"
    for change in done:
        if change.what in WORDS and not (is_long and change.what == "removed"):
            yield f"{WORDS[change.what]:<32}  {change.path}"


def newest() -> int:
    """The number of the template that comes with this package."""
    return int(_record(TEMPLATE)["template"])


def _update(root: Path, project: str, ci: Ci | None) -> list[Change]:
    record = _record(root)
    number, now = _number(record, root), newest()
    before: Ci = "azure-pipelines" if record.get("ci") == "azure-pipelines" else "github"
    template = TEMPLATE if number == now else PAST / str(number)
    base = render(Answers(project, DESCRIPTION, before), template)
    newer = render(Answers(project, DESCRIPTION, ci or before))
    kept_up = sorted(path for path in {*base, *newer} if is_kept_up(path))
    done = changes(_only(base, kept_up), texts(root, kept_up), _only(newer, kept_up))
    # What is the project's own comes once, when a newer template has it first.
    done += [Change(path, "new", text) for path, text in newer.items() if path not in base and path not in kept_up]
    done = [change for change in done if is_kept_up(change.path) or not (root / change.path).exists()]
    apply(root, done)
    (root / RECORD).write_text(newer[RECORD], encoding="utf-8")
    return done


def _only(files: Mapping[str, str], paths: Iterable[str]) -> dict[str, str]:
    return {path: files[path] for path in paths if path in files}


def _record(root: Path) -> dict[str, Any]:
    file = root / RECORD
    if not file.is_file():
        cure = "'rollout new' writes one with a project. Has it been deleted? Write: template: 1"
        raise UserError("N004", str(file), "no such file", "the record of what the project was made from", cure)
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    return said if isinstance(said, dict) else {}


def _number(record: Mapping[str, Any], root: Path) -> int:
    number, now = record.get("template"), newest()
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        cure = f"Write the number that it had; the newest is {now}."
        raise UserError("N005", f"{root / RECORD}: template", repr(number), f"a number from 1 to {now}", cure)
    if number > now:
        cure = "Install the newer package first: uv sync, or uv lock --upgrade-package safe-rollout."
        raise UserError("N005", f"{root / RECORD}: template", str(number), f"at most {now}, this package's", cure)
    return number
