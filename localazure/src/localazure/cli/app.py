"""`localazure COMMAND`: all its commands, and what becomes of an error."""

import json
import sys
import tempfile
import traceback
from pathlib import Path

import typer

from localazure.cli import commands, control, fault
from localazure.errors import FILE_TROUBLE, UserError, file_refused

app = typer.Typer(
    name="localazure",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="A local Azure Machine Learning: ARM, tokens, blobs, and real scoring processes behind a real gateway.\n\n"
    "Exit codes: 0 done, 1 none is running (status), 2 refused or not possible, 70 a bug, 130 interrupted.",
)
for name, command in (
    ("start", commands.start_command),
    ("stop", commands.stop_command),
    ("status", commands.status_command),
    ("env", commands.env_command),
    ("clock", control.clock_command),
    ("journal", control.journal_command),
    ("mirrored", control.mirrored_command),
    ("snapshot", control.snapshot_command),
    ("restore", control.restore_command),
    ("reset", control.reset_command),
    ("setup", commands.setup_command),
    ("plugin", commands.plugin_command),
):
    app.command(name)(command)
app.add_typer(fault.app, name="fault")


def complain(error: BaseException, as_json: bool) -> int:
    """Print one message for an error and return the exit code: 2 for what a person can mend, 70 for a bug."""
    if isinstance(error, OSError) and error.errno in FILE_TROUBLE:
        error = file_refused(error)
    if isinstance(error, UserError):
        code = 2
    else:
        code, error = 70, _bug(error)
    if as_json:
        sys.stdout.write(json.dumps({"error": error.as_dict()}) + "\n")
    else:
        sys.stderr.write(f"{error}\n")
    return code


def _bug(error: BaseException) -> UserError:
    with tempfile.NamedTemporaryFile("w", prefix="localazure-", suffix=".log", delete=False) as log:
        log.write("".join(traceback.format_exception(error)))
    said = (str(error).splitlines() or [""])[0][:200].rstrip(".")
    cure = f"This is a bug; please send {Path(log.name)} with it."
    return UserError("B001", "localazure", f"{type(error).__name__}: {said}", cure=cure)


def main() -> None:
    """Run the command; every error becomes one message, never a traceback. `serve` runs it in the foreground."""
    if sys.argv[1:2] == ["serve"]:
        from localazure.serve import main as serve  # the whole server: not for the other commands

        sys.exit(serve(sys.argv[1:]))
    try:
        app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 (the one place where all errors end)
        sys.exit(complain(error, "--json" in sys.argv))
