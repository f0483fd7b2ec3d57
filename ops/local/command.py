"""`rollout local`: the local Azure of this project, and the stack `local` on it.

`start` and `env` also know the engine; every other command is `localazure`'s own, with this project's state folder.
"""

import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer

from ops import local_azure as azure
from ops.paths import LOCAL_STATE, shortest, state_option

NEXT = """
Now type:
  {source:<24}  set this shell up for it
  pulumi preview            see what the stack file would do
  pulumi up                 do it
  {stop:<24}  stop the local Azure; its state stays in {state}"""
HELP = "Start, stop and look at the local Azure. What is not named here: localazure --help"
State = Annotated[
    Path, typer.Option("--state", help="The folder with its state.", show_default=".local in the project")
]
PASSED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

app = typer.Typer(no_args_is_help=True, help=HELP)


@app.command("start", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def start_command(context: typer.Context, state: State = LOCAL_STATE) -> None:
    """Start the local Azure in the background, and prepare the stack `local`. If it already runs, say so.

    Further options are those of `localazure start`: --clock instant|recorded|x60, --arm-port, --gateway-port,
    --blob-port, --control-port (0: any free one).
    """
    from localazure.client import running

    from ops.local.stack import prepare
    from ops.setup.engine import needed_engine
    from ops.setup.progress import Progress

    state = state.resolve()
    engine = needed_engine()
    as_json = "--json" in context.args
    azure.start(state, *(word for word in context.args if word != "--json"))
    prepare(running(state), state, engine, Progress())
    _pass("status", ["--state", str(state), *(["--json"] if as_json else [])])
    if as_json:
        return
    here = state_option(state)
    source, stop = f"source {shortest(state / 'env')}", f"rollout local stop{here}"
    typer.echo(NEXT.format(source=source, stop=stop, state=shortest(state)))


@app.command("env")
def env_command(
    state: State = LOCAL_STATE,
    managed_identity: Annotated[
        bool, typer.Option("--managed-identity", help="Use the managed identity in place of a client secret.")
    ] = False,
) -> None:
    """Print the lines that set a shell up for the local Azure and the engine: `source <(rollout local env)`."""
    from localazure.client import running

    from ops.local.environment import export_lines
    from ops.setup.engine import needed_engine

    state = state.resolve()
    typer.echo(export_lines(running(state), state, needed_engine(), managed_identity), nl=False)


def _pass(name: str, arguments: list[str]) -> int:
    """Run `localazure NAME`, with the state folder of this project where none is named; its exit code."""
    named = any(word == "--state" or word.startswith("--state=") for word in arguments)
    state = [] if named or "--help" in arguments else ["--state", str(LOCAL_STATE)]
    return subprocess.run(azure.command([name, *arguments, *state]), check=False).returncode


def _add(name: str, text: str) -> None:
    @app.command(name, help=text, context_settings=PASSED)
    def passed(context: typer.Context) -> Any:
        raise typer.Exit(_pass(name, context.args))


for each, what in (
    ("stop", "Stop the local Azure with all its scoring processes; its state stays."),
    ("status", "Show whether the local Azure runs, and where."),
    ("clock", "Show its clock, or set it: `rollout local clock x60`."),
    ("fault", "Make the local Azure fail on purpose."),
    ("journal", "Show what ARM was asked, and what it answered."),
    ("snapshot", "Keep its resources and operations as they are now, to go back to."),
    ("restore", "Go back to a snapshot."),
    ("reset", "Start from nothing: empty it, or its state folder where none runs."),
):
    _add(each, f"{what} All options: localazure {each} --help")
