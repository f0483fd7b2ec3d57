"""The command `rollout`. Each command's module is imported when it is used, so that `rollout --help` starts fast."""

import errno
import json
import sys
import tempfile
import traceback
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ops.messages import UserError, file_refused, no_local_azure

FILE_TROUBLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
COMMANDS = {
    "new": "ops.new.command",
    "update": "ops.new.update",
    "setup": "ops.setup.command",
    "local": "ops.local.command",
    "register": "ops.register.command",
    "rehearsal": "ops.rehearsal.command",
    "check": "ops.check.command",
    "replicas": "ops.replicas",
    "egress": "ops.egress",
    "status": "ops.operate.status",
    "next": "ops.operate.next",
    "tick": "ops.operate.tick",
    "run": "ops.operate.run",
    "abort": "ops.operate.abort",
    "undo": "ops.operate.undo",
    "promote": "ops.operate.promote",
    "history": "ops.operate.history",
    "gate": "ops.gates.command",
    "smoke": "ops.gates.smoke_command",
    "adopt": "ops.adopt",
    "keys": "ops.keys.command",
    "invoke": "ops.serving.invoke",
    "logs": "ops.serving.logs",
    "env": "ops.env",
}
"""Command -> module. A module has `app` (commands of its own) or `command` (a function)."""


_USAGE: type[Exception] = typer.BadParameter.__mro__[1]
"""UsageError, which typer keeps to itself: what is wrong with the command line."""
_FIRST = ("check", "invoke", "logs", "adopt")
"""What is typed every day stands first in the help."""
EXIT_CODES = (
    "Exit codes: 0 done; 1 no (refused, lost, an error of the model, not running: as the command says); 2 something "
    "that you can mend, told in one message, with --json as JSON; 70 a bug; 130 interrupted."
)


class LazyGroup(TyperGroup):
    """A group whose commands are imported one by one."""

    def __init__(self, **attributes: Any) -> None:
        # By name alone, for suggestions; what stands behind a name is imported when it is used.
        super().__init__(**attributes | {"commands": dict.fromkeys(COMMANDS)})

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (typer's signature)
        """All commands: the daily ones, then the rest in the order of COMMANDS."""
        return [*_FIRST, *(name for name in COMMANDS if name not in _FIRST)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of this name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        # Completion is the root's: typer adds its options to every app of its own.
        parent = typer.Typer(add_completion=False, rich_markup_mode="markdown", epilog=EXIT_CODES)
        parent.callback()(rollout)
        app = getattr(module, "app", None)
        if app is None:
            parent.command(cmd_name, epilog=EXIT_CODES)(module.command)
        else:
            parent.add_typer(app, name=cmd_name, epilog=EXIT_CODES)
        group: Any = typer.main.get_command(parent)
        command = group.commands[cmd_name]
        for each in getattr(command, "commands", {}).values():
            each.epilog = each.epilog or EXIT_CODES
        return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog=f"{EXIT_CODES}\n\nTab completion: rollout --install-completion",
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"rollout {version('safe-rollout')}")
        raise typer.Exit


@app.callback()
def rollout(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Safe rollouts of models on Azure Machine Learning online endpoints."""


def complain(error: BaseException, as_json: bool = False) -> int:
    """Print one message for an error and return the exit code: 2 for what a person can put right, 70 for a bug.

    As JSON, on standard output: `{"error": {"code", "path", "got", "expected", "cure"}}`, of several refusals
    `{"refusals": [...], "ok": false}`.
    """
    from settings.refusal import Refused

    if isinstance(error, OSError) and error.errno in FILE_TROUBLE:
        error = file_refused(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "localazure":
        error = no_local_azure()
    if isinstance(error, Refused):
        if as_json:
            typer.echo(json.dumps({"refusals": [one.as_dict() for one in error.refusals], "ok": False}))
        else:
            sys.stderr.writelines(f"{refusal}\n" for refusal in error.refusals)
        return 2
    code = 2
    if not isinstance(error, UserError):
        code, error = 70, _bug(error)
    if as_json:
        typer.echo(json.dumps({"error": error.as_dict()}))
    else:
        sys.stderr.write(f"{error}\n")
    return code


def _bug(error: BaseException) -> UserError:
    with tempfile.NamedTemporaryFile("w", prefix="rollout-", suffix=".log", delete=False) as log:
        log.write("".join(traceback.format_exception(error)))
    cure = f"This is a bug; please send {Path(log.name)} with it."
    return UserError("B001", "rollout", f"{type(error).__name__}: {one_line(str(error))}", cure=cure)


def one_line(text: str) -> str:
    """The first line of a text, cut at 200 characters."""
    return (text.splitlines() or [""])[0][:200].rstrip(".")


def main() -> None:
    """Run the command; every error becomes one message, never a traceback."""
    as_json = "--json" in sys.argv
    try:
        # Else typer shows a misspelt option in a frame and ends the process itself.
        code = app(standalone_mode=False) if as_json else app()
        sys.exit(code if isinstance(code, int) else 0)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except typer.Abort:
        sys.stderr.write("not done\n")
        sys.exit(1)
    except _USAGE as error:
        message = str(getattr(error, "message", error)).rstrip(".")
        sys.exit(complain(UserError("U001", "rollout", message, cure="Look: rollout --help"), as_json))
    except Exception as error:  # noqa: BLE001 (the one place where all errors end)
        sys.exit(complain(error, as_json))
