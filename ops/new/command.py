"""`rollout new`: a project of one's own, which passes its own checks from the beginning."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.messages import UserError
from ops.new.render import DESCRIPTION, LOCATION, MODEL, Answers, Ci, render
from ops.new.source import uv_source
from ops.paths import shortest
from settings.examples import PATTERNS
from settings.types import REGION_PATTERN

NAME = re.compile(r"(?=.{3,23}$)[a-z](-?[a-z0-9])+")
NEXT = """
Next:
  cd {folder}
  uv sync                                  the packages, into .venv
  source .venv/bin/activate
  pytest                                   the project's own checks
  rollout setup                            Pulumi engine, Node.js, Azurite: what the machine lacks
  rollout rehearsal --stack Pulumi.prod.yaml --request scoring/requests/sample.json
README.md says how to put your own model in, and the way to Azure."""


def command(
    name: Annotated[str, typer.Argument(help="The project's name, for example fraud.", show_default=False)],
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to write it.", show_default="a folder of that name")
    ] = None,
    description: Annotated[str | None, typer.Option("--description", help="One line.")] = None,
    ci: Annotated[Ci | None, typer.Option("--ci", help="Whose pipelines to write.", show_default="github")] = None,
    location: Annotated[
        str | None, typer.Option("--location", help="The region, as Azure writes it.", show_default=LOCATION)
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="The name of the registered model.", show_default="the project's")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: take the defaults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was written as JSON; asks nothing.")] = False,
) -> None:
    """Write a project of your own: stack files, a model to replace, tests, pipelines. Nothing else is touched."""
    asks = sys.stdin.isatty() and not yes and not as_json
    target = folder or Path(name)
    check_name(name)
    check_folder(target)
    if location:
        check_location(location)
    answers = Answers(
        name,
        description if description is not None else _asked("Description", DESCRIPTION, asks),
        ci or _asked_ci(asks),
        location or check_location(_asked("Region", LOCATION, asks)),
        model or (name if name != MODEL else MODEL),
        uv_source(),
    )
    files = render(answers)
    write(target, files)
    if as_json:
        typer.echo(json.dumps({"folder": str(target.resolve()), "files": sorted(files)}))
        return
    typer.echo(f"{shortest(target.resolve())}: {len(files)} files of the project {name}")
    if " path = " in answers.source:
        typer.echo(
            "safe-rollout comes from this machine: name another source in pyproject.toml before others work on it"
        )
    typer.echo(NEXT.format(folder=shortest(target.resolve())))


def check_name(name: str) -> None:
    """Raises UserError N002 for a name that Pulumi, Azure's resource names or Python's packaging would not take."""
    if NAME.fullmatch(name) is None or name == "safe-rollout":
        expected = "3 to 23 lower-case letters, digits and single dashes, a letter first, and not safe-rollout"
        raise UserError("N002", "name", repr(name), expected, "Choose another, for example: rollout new fraud")


def check_location(location: str) -> str:
    """The region as it was given. Raises UserError N009 for what no region is called."""
    if re.fullmatch(REGION_PATTERN, location) is None:
        cure = "For example westeurope; az account list-locations names them."
        raise UserError("N009", "location", repr(location), PATTERNS[REGION_PATTERN], cure)
    return location


def check_folder(folder: Path) -> None:
    """Raises UserError N003 where something is there already: a new project writes over nothing."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        cure = "Name another by --folder. For a newer version of a project that is there: rollout update"
        raise UserError("N003", str(folder), "not empty", "a new or an empty folder", cure)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write texts by path below the folder; shell scripts can be run."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        if path.endswith(".sh"):
            target.chmod(0o755)


def _asked(what: str, default: str, asks: bool) -> str:
    return str(typer.prompt(what, default=default)) if asks else default


def _asked_ci(asks: bool) -> Ci:
    if not asks:
        return "github"
    while True:
        said = typer.prompt("Pipelines (github, azure-pipelines)", default="github")
        if said in {"github", "azure-pipelines"}:
            return "azure-pipelines" if said == "azure-pipelines" else "github"
