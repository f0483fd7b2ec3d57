"""`localazure fault`: faults that are injected on purpose into the running local Azure."""

import json
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from localazure.cli.control import Json, State, ask
from localazure.paths import STATE as DEFAULT
from localazure.paths import state_option

Action = Literal["answer", "hang", "drop", "apply-then-fail", "apply-late", "fail-operation", "kill", "slow", "err"]
HELP = "fault add"
REQUESTS = "Which requests"
SCORING = "Which deployment"
HOW = "How"

app = typer.Typer(no_args_is_help=True, help="Make the local Azure fail on purpose.")


@app.command("add")
def add_command(
    action: Annotated[Action, typer.Argument(metavar="ACTION", help="What goes wrong; see above.", show_default=False)],
    path: Annotated[
        str | None,
        typer.Option(help="A pattern for the ARM path, such as `*/deployments/*`.", rich_help_panel=REQUESTS),
    ] = None,
    method: Annotated[str | None, typer.Option(help="PUT, GET... Left out: any.", rich_help_panel=REQUESTS)] = None,
    count: Annotated[
        int | None, typer.Option(help="How many requests; 0: all. Left out: 1.", rich_help_panel=REQUESTS)
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help="The endpoint.", rich_help_panel=SCORING)] = None,
    deployment: Annotated[str | None, typer.Option(help="The deployment.", rich_help_panel=SCORING)] = None,
    status: Annotated[int | None, typer.Option(help="The HTTP status of the error.", rich_help_panel=HOW)] = None,
    retry_after: Annotated[
        int | None, typer.Option(help="Seconds in the header Retry-After.", rich_help_panel=HOW)
    ] = None,
    code: Annotated[str | None, typer.Option(help="Azure's error code.", rich_help_panel=HOW)] = None,
    message: Annotated[str | None, typer.Option(help="The error's text.", rich_help_panel=HOW)] = None,
    seconds: Annotated[
        float | None, typer.Option(help="How long, for hang and apply-late.", rich_help_panel=HOW)
    ] = None,
    milliseconds: Annotated[int | None, typer.Option(help="How much slower, for slow.", rich_help_panel=HOW)] = None,
    percent: Annotated[
        float | None, typer.Option(help="The share of requests in percent, for err.", rich_help_panel=HOW)
    ] = None,
    state: State = DEFAULT,
    as_json: Json = False,
) -> None:
    """Add a fault.

    For ARM requests (--path, --method, --count): answer (an error, with --status), hang (for --seconds), drop (the
    connection), apply-then-fail (500 although it was applied), apply-late (504, applied --seconds later),
    fail-operation (the operation that it starts ends as Failed).

    For a deployment's scoring processes (--endpoint, --deployment): kill (one, now), slow (--milliseconds), err
    (--percent of the scores).
    """
    fault: dict[str, object] = {"action": action, "path": path, "method": method, "count": count, "endpoint": endpoint}
    fault |= {"deployment": deployment, "status": status, "retryAfter": retry_after, "code": code, "message": message}
    fault |= {"seconds": seconds, "milliseconds": milliseconds, "percent": percent}
    sent = {name: value for name, value in fault.items() if value is not None}
    told = ask(state, "POST", "/faults", sent, HELP)
    if as_json:
        typer.echo(json.dumps(told))
    elif action == "kill":
        typer.echo(f"killed process {told['killed']} of {told['endpoint']}/{told['deployment']}")
    else:
        remove = f"localazure fault remove {told['id']}{state_option(state)}"
        typer.echo(f"fault {told['id']}: {_words(told)}; remove it: {remove}")


@app.command("list")
def list_command(state: State = DEFAULT, as_json: Json = False) -> None:
    """List the faults that are set, and how many requests each has left."""
    faults = ask(state, "GET", "/faults", None, HELP)
    if as_json:
        typer.echo(json.dumps(faults))
        return
    table = Table("id", "fault")
    for fault in faults:
        table.add_row(str(fault["id"]), _words(fault))
    Console().print(table if faults else "no faults")


@app.command("remove")
def remove_command(
    number: Annotated[
        int | None, typer.Argument(help="Its id, as `list` shows it. Left out: all.", show_default=False)
    ] = None,
    state: State = DEFAULT,
    as_json: Json = False,
) -> None:
    """Remove a fault, or all."""
    told = ask(state, "DELETE", "/faults" if number is None else f"/faults/{number}", None, HELP)
    typer.echo(json.dumps(told) if as_json else f"removed {told['removed']}")


def _words(fault: dict[str, Any]) -> str:
    """All but its id, in one line: `answer status=429 method=PUT path=* count=2`."""
    rest = [f"{name}={value}" for name, value in fault.items() if name not in {"id", "action"}]
    return " ".join([str(fault["action"]), *rest])
