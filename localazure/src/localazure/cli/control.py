"""`localazure clock`, `journal`, `mirrored`, `snapshot`, `restore`, `reset`: the control port of a running one."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx2
import typer
from rich.console import Console
from rich.table import Table

from localazure.client import read_ready, running
from localazure.errors import UserError
from localazure.folder import remove
from localazure.paths import STATE as DEFAULT

SECONDS = 300.0
"""How long the control port may take to answer; a restore starts scoring processes."""
Mode = Literal["instant", "recorded", "x60"]
State = Annotated[Path, typer.Option("--state", envvar="LOCALAZURE_STATE", help="The folder with its state.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PACES = {
    "instant": "operations end as soon as their work is done",
    "recorded": "operations take as long as Azure's did (a managed deployment: 5 minutes)",
    "x60": "recorded times, sixty times as fast (a managed deployment: 5 seconds)",
}


def ask(state: Path, method: str, path: str, body: object = None, help_of: str = "") -> Any:
    """The control port's answer. Raises UserError L001 where none runs, L005 where it refuses."""
    ready = running(state.resolve())
    url = ready.control + path
    headers = {"content-type": "application/json", "x-control-token": ready.control_token}
    sent = None if body is None else json.dumps(body).encode()
    try:
        answer = httpx2.request(method, url, content=sent, headers=headers, timeout=SECONDS, trust_env=False)
    except httpx2.HTTPError as error:
        raise UserError("L005", url, f"no answer ({error})", "an answer of the local Azure") from None
    if answer.is_error:
        cure = f"Type: localazure {help_of} --help"
        raise UserError("L005", help_of.split(" ", maxsplit=1)[0], _said(answer).rstrip("."), cure=cure)
    try:
        return answer.json()
    except ValueError:
        raise UserError("L005", url, "an answer that is no JSON", "an answer of the local Azure") from None


def _said(answer: httpx2.Response) -> str:
    """Why it refuses; of what is no refusal of ours, its status and log."""
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"answered {answer.status_code}; localazure.log in its state folder says why"


def clock_in_words(told: dict[str, Any]) -> str:
    """What the control port tells of the clock, in a line."""
    now = datetime.fromisoformat(told["now"])
    return f"{told['clock']}: {PACES[told['clock']]}; it is {now:%Y-%m-%d %H:%M:%S} UTC, lag {told['lag']:g} s"


def clock_command(
    mode: Annotated[Mode | None, typer.Argument(help="How fast its time goes.", show_default=False)] = None,
    advance: Annotated[float | None, typer.Option(help="Move it forward by this many seconds.")] = None,
    lag: Annotated[
        float | None, typer.Option(help="For how many seconds readers still see the old state after a success.")
    ] = None,
    absence: Annotated[
        float | None,
        typer.Option(help="For how many seconds a new deployment is not found by its name after a success."),
    ] = None,
    ingestion: Annotated[float | None, typer.Option(help="Seconds until a log's row can be found.")] = None,
    state: State = DEFAULT,
    as_json: Json = False,
) -> None:
    """Show the local Azure's clock, or set it: `localazure clock x60`, `localazure clock --advance 300`.

    instant: operations end as soon as their work is done. recorded: they take as long as Azure's did. x60: the same,
    sixty times as fast. The mode holds until the next start.
    """
    turn = {"mode": mode, "advance": advance, "lag": lag, "absence": absence, "ingestion": ingestion}
    sent = {name: value for name, value in turn.items() if value is not None}
    told = ask(state, "POST", "/clock", sent, "clock") if sent else ask(state, "GET", "/health", None, "clock")
    if as_json:
        typer.echo(json.dumps({name: told[name] for name in ("clock", "now", "lag")}))
    else:
        typer.echo(clock_in_words(told))


def journal_command(
    since: Annotated[
        str | None, typer.Option(help="Only requests since this time of its clock, such as 2026-01-02T03:04:05+00:00.")
    ] = None,
    last: Annotated[int, typer.Option(help="How many of the latest requests.", min=1)] = 50,
    state: State = DEFAULT,
    as_json: Json = False,
) -> None:
    """Show the requests to ARM and their answers. Status 0: there was no answer."""
    path = "/journal" if since is None else f"/journal?{httpx2.QueryParams({'since': since})}"
    entries = ask(state, "GET", path, None, "journal")[-last:]
    if as_json:
        typer.echo(json.dumps(entries))
        return
    table = Table("at", "method", "status", "fault")
    table.add_column("path, below the subscription", overflow="fold")
    for entry in entries:
        path = re.sub(r"^/subscriptions/[^/]+/", "", entry["path"])  # all have it, and it is half of a line
        table.add_row(entry["at"][11:23], entry["method"], str(entry["status"]), entry["fault"], path)
    Console().print(table if entries else "no requests")


def mirrored_command(
    metrics: Annotated[bool | None, typer.Option("--metrics/--no-metrics", help="Whether metrics count them.")] = None,
    logs: Annotated[bool | None, typer.Option("--logs/--no-logs", help="Whether the traffic log has them.")] = None,
    state: State = DEFAULT,
    as_json: Json = False,
) -> None:
    """Say where mirrored requests are seen, or change it: `localazure mirrored --no-metrics`. Azure's own is open."""
    sent = {name: value for name, value in (("metrics", metrics), ("logs", logs)) if value is not None}
    told = ask(state, "POST", "/mirrored", sent, "mirrored")
    if as_json:
        typer.echo(json.dumps(told))
    else:
        seen = [name for name, on in told.items() if on]
        typer.echo(f"mirrored requests are seen in: {' and '.join(seen) or 'nothing'}")


def snapshot_command(
    name: Annotated[str | None, typer.Argument(help="Its name. Left out: a number.", show_default=False)] = None,
    names: Annotated[bool, typer.Option("--list", help="Take no snapshot: list those that there are.")] = False,
    state: State = DEFAULT,
    as_json: Json = False,
) -> None:
    """Keep resources and operations as they are now, to restore them later. It replaces a snapshot of the same name."""
    if names:
        found = ask(state, "GET", "/snapshot", None, "snapshot")
        typer.echo(json.dumps({"snapshots": found}) if as_json else "\n".join(found) or "no snapshots")
        return
    taken = ask(state, "POST", "/snapshot", {} if name is None else {"name": name}, "snapshot")["name"]
    told = f"snapshot {taken}; go back to it: localazure restore {taken}"
    typer.echo(json.dumps({"name": taken}) if as_json else told)


def restore_command(
    name: Annotated[str, typer.Argument(help="Its name.", show_default=False)],
    state: State = DEFAULT,
    as_json: Json = False,
) -> None:
    """Go back to a snapshot, with its scoring processes. A stack then needs `pulumi refresh`."""
    restored = ask(state, "POST", "/restore", {"name": name}, "restore")["name"]
    typer.echo(json.dumps({"name": restored}) if as_json else f"restored {restored}; now: pulumi refresh")


def reset_command(state: State = DEFAULT, as_json: Json = False) -> None:
    """Start from nothing. Where no local Azure runs, empty its state folder, with the stack `local` in it.

    It removes only what a local Azure keeps there, and only from a folder that has its state. Other files stay.
    A running local Azure keeps its ids, secrets, snapshots and clock; a stack then needs `pulumi refresh`.
    """
    state = state.resolve()
    if read_ready(state) is not None:
        ask(state, "POST", "/reset", None, "reset")
        told = "everything is removed; a stack that used it now needs: pulumi refresh"
        typer.echo(json.dumps({"running": True, "removed": []}) if as_json else told)
        return
    removed = remove(state)
    told = f"removed {', '.join(removed) or 'nothing'} from {state}"
    typer.echo(json.dumps({"running": False, "removed": removed}) if as_json else told)
