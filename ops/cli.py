"""The command `rollout`. Each command's module is imported when it is used, so that `rollout --help` starts fast."""

import errno
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

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
    "adopt": "ops.adopt",
    "keys": "ops.keys.command",
}
"""Command -> module. A module has `app` (commands of its own) or `command` (a function)."""


class LazyGroup(TyperGroup):
    """A group whose commands are imported one by one."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (typer's signature)
        """All commands, in the order of COMMANDS."""
        return [*COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of this name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer()
            app.command(cmd_name)(module.command)
        command = typer.main.get_command(app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.callback()
def rollout() -> None:
    """Safe rollouts of models on Azure Machine Learning online endpoints."""


def complain(error: BaseException) -> int:
    """Print one message for an error and return the exit code: 2 for what a person can put right, 70 for a bug."""
    from settings.refusal import Refused

    if isinstance(error, OSError) and error.errno in FILE_TROUBLE:
        error = file_refused(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "localazure":
        error = no_local_azure()
    if isinstance(error, Refused):
        sys.stderr.writelines(f"{refusal}\n" for refusal in error.refusals)
        return 2
    if isinstance(error, UserError):
        sys.stderr.write(f"{error}\n")
        return 2
    with tempfile.NamedTemporaryFile("w", prefix="rollout-", suffix=".log", delete=False) as log:
        log.write("".join(traceback.format_exception(error)))
    kind = type(error).__name__
    sys.stderr.write(
        f"B001 rollout: {kind}: {one_line(str(error))}. This is a bug; please send {Path(log.name)} with it.\n"
    )
    return 70


def one_line(text: str) -> str:
    """The first line of a text, cut at 200 characters."""
    return (text.splitlines() or [""])[0][:200].rstrip(".")


def main() -> None:
    """Run the command; every error becomes one message, never a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 (the one place where all errors end)
        sys.exit(complain(error))
