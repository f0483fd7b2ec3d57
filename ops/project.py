"""Which project, which stack and which stack file a command is about: found as the engine finds them.

The project is in the working directory or a folder above it; the stack is the one that is named, else the selected one;
its file is Pulumi.<last part of the name>.yaml in the project's folder, or in its `stackConfigDir`.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.engine import Engine, PulumiError
from ops.messages import UserError
from ops.paths import SET_UP
from ops.setup.engine import find_engine
from settings.configuration import Configuration, Project
from settings.load import PROJECT, from_file, nearest_project, read_configuration, read_project
from settings.place import nearest_project_file
from settings.stack import Stack

StackOption = Annotated[
    str | None,
    typer.Option("--stack", help="The stack, as pulumi takes it: NAME or ORG/PROJECT/NAME.", show_default="selected"),
]
FileOption = Annotated[
    Path | None, typer.Option("--config-file", help="The stack file, if it isn't the stack's usual one.")
]


@dataclass(frozen=True)
class Place:
    """A stack file and its project. `stack` is the name as it was given, None where only a file was named."""

    project: Project
    root: Path
    path: Path
    stack: str | None

    @cached_property
    def configuration(self) -> Configuration:
        """What the engine would hand to the program. Raises Refused."""
        return read_configuration(self.path, self.project)

    def value(self, key: str) -> Any:
        """What the stack file has under a key of the project's own, decoded; None where it has none."""
        text = self.configuration.values.get(f"{self.project.name}:{key}")
        return None if text is None else json.loads(text)

    def settings(self) -> Stack:
        """The settings in the stack file. Raises Refused."""
        return from_file(self.path, self.project)

    def fresh(self) -> "Place":
        """The same place, its file not read yet."""
        return replace(self)

    def engine(self) -> Engine:
        """The engine on this stack. Raises UserError where there is none, or no stack is selected."""
        own = self.path.name in self._own_names()
        file = None if own and self.path.parent.resolve() == self._folder.resolve() else self.path.resolve()
        return _engine(self.root, self.stack or _selected(self.root), file)

    @property
    def is_there(self) -> bool:
        """Whether there is a stack file."""
        try:
            return self.path.is_file()
        except (OSError, ValueError):
            return False

    @property
    def options(self) -> str:
        """What a person types behind `pulumi preview` for this stack, with a blank before it."""
        return stack_option(self) or f" --config-file {self.path}"

    @property
    def _folder(self) -> Path:
        return self.root / self.project.stack_config_dir

    def _own_names(self) -> set[str]:
        last = (self.stack or "").rpartition("/")[2]
        return {f"Pulumi.{last}{ending}" for ending in (".yaml", ".yml", ".json")}


def find_place(stack: str | None = None, file: Path | None = None) -> Place:
    """The stack that is named, or the file, or else the selected stack. Raises UserError or Refused."""
    found = nearest_project_file(Path.cwd())
    if file is not None:
        project = read_project(found) if found else nearest_project(file)
        return Place(project, found.parent if found else Path.cwd(), file, stack)
    if found is None and stack:
        return Place(PROJECT, Path.cwd(), Path(f"Pulumi.{stack.rpartition('/')[2]}.yaml"), stack)
    if found is None:
        cure = "Go to the project's folder, or name the stack file."
        raise UserError("D004", "Pulumi.yaml", "not here, nor in a folder above", "a project", cure)
    project, root = read_project(found), found.parent
    name = stack or _selected(root)
    last = name.rpartition("/")[2]
    return Place(project, root, _short(root / project.stack_config_dir / f"Pulumi.{last}{found.suffix}"), name)


def stack_option(place: Place) -> str:
    """What names the stack to a pulumi command that knows no stack files, with a blank before it."""
    name = stack_of(place)
    return f" --stack {name}" if name else ""


def stack_of(place: Place) -> str:
    """The stack, as it was named or else by its file's name; empty where neither tells."""
    name = place.path.name.removeprefix("Pulumi.").rpartition(".")[0]
    return place.stack or (name if place.path.name.startswith("Pulumi.") else "")


def _short(path: Path) -> Path:
    """The path as a person in this folder would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _selected(root: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The stack that plain `pulumi` commands in the project use. Raises UserError where none is."""
    if environ.get("PULUMI_STACK"):
        return environ["PULUMI_STACK"]
    cure = "Name it by --stack, or select it: pulumi stack select"
    try:
        name = _engine(root, "").selected()
    except PulumiError as error:
        said = error.diagnostics.strip().splitlines() or ["pulumi ended"]
        raise UserError("D005", "stack", f"none is selected ({said[0].removeprefix('error: ')})", cure=cure) from None
    if not name:
        raise UserError("D005", "stack", "none is selected", cure=cure)
    return name


def _engine(root: Path, stack: str, file: Path | None = None) -> Engine:
    folder = find_engine()
    if folder is None:
        cure = f"Run '{SET_UP}', or name the stack by --stack."
        raise UserError("D003", "pulumi", "no engine", "Pulumi on PATH, or the set-up's", cure)
    return Engine(pulumi=folder / "pulumi", project=root, stack=stack, environment=os.environ, config_file=file)
