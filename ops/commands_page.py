"""docs/commands.md, written from the commands' own help: each with its arguments, options and defaults."""

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import typer
from typer.main import get_command

from ops.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
_EVERYWHERE = {"--help", "--install-completion", "--show-completion"}
_TYPES = {str: "text", int: "whole number", float: "number", Path: "path", typer.FileText: "file"}
_INTRODUCTION = """# Commands

Everything that `rollout` can do. `rollout COMMAND --help` says the same in the terminal. What the
[exit codes](exit-codes.md) mean stands on another page.

- A stack that is not named is the selected one (`pulumi stack select`).
- Most of `rollout local` is handed on to `localazure`, the command of
  [the local Azure](../localazure/README.md#commands): `localazure COMMAND --help` has all options.

This page is written by `python -m ops.commands_page` from the commands.
"""


def commands() -> dict[str, Any]:
    """Every command that can be typed, with its click command: `local fault add` too."""
    return dict(below("", get_command(app)))


def options_of(command: Any) -> list[Any]:
    """A command's arguments and options, without those that every command has."""
    return [one for one in command.params if not _EVERYWHERE & set(one.opts)]


def render() -> str:
    """The whole page."""
    found = commands()
    index = [
        f"| [`rollout {name}`](#rollout-{name.replace(' ', '-')}) | {_first(one)} |" for name, one in found.items()
    ]
    sections = (_section(name, command) for name, command in found.items())
    return "\n".join([_INTRODUCTION, "| command | what it does |\n|---|---|", *index, "", *sections])


def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The commands of a click command or group, by what is typed."""
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    for word in command.list_commands(None):
        yield from below(f"{name} {word}".strip(), command.get_command(None, word))


def _section(name: str, command: Any) -> str:
    params = options_of(command)
    usage = " ".join([f"rollout {name}", *(_argument(one) for one in params if one.param_type_name == "argument")])
    is_passed_on = command.context_settings.get("ignore_unknown_options", False)
    has_options = is_passed_on or any(one.param_type_name == "option" for one in params)
    rows = "\n".join(map(_row, params))
    table = f"\n| | takes | default | what |\n|---|---|---|---|\n{rows}\n" if params else ""
    return f"""## rollout {name}

{_marked(command.help)}

```console
$ {usage}{" [OPTIONS]" if has_options else ""}
```
{table}"""


def _row(param: Any) -> str:
    name = " or ".join(f"`{one}`" for one in param.opts) if param.param_type_name == "option" else _argument(param)
    what = _marked(param.help).replace("|", "\\|")
    return f"| {name} | {_takes(param)} | {_default(param)} | {what} |"


def _argument(param: Any) -> str:
    name = param.name.replace("_", "-").upper()
    return f"`{name}`" if param.required else f"`[{name}]`"


def _takes(param: Any) -> str:
    annotation = param.type_descriptor.annotation
    if getattr(param, "is_flag", False):
        return ""
    choices = get_args(annotation) or (list(annotation) if issubclass(annotation, Enum) else ())
    if choices:
        return " or ".join(f"`{choice}`" for choice in choices)
    words = zip(("at least", "at most"), (param.min, param.max), strict=True)
    return ", ".join([_TYPES[annotation], *(f"{word} {limit:g}" for word, limit in words if limit is not None)])


def _default(param: Any) -> str:
    if param.required:
        return "**required**"
    if isinstance(shown := getattr(param, "show_default", None), str):
        return shown
    if getattr(param, "is_flag", False) or param.default in (None, "", ()):
        return ""
    return f"`{param.default}`"


def _first(command: Any) -> str:
    return _marked(command.help).partition("\n\n")[0].replace("\n", " ")


def _marked(text: str | None) -> str:
    """Help as Markdown: no sign in it means a tag or emphasis, but for what stands in backticks."""
    parts = re.split(r"(`[^`]*`)", text or "")
    return "".join(p if p.startswith("`") else p.replace("<", "&lt;").replace("*", "\\*") for p in parts).strip()


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
