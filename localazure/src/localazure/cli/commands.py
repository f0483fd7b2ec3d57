"""`localazure start`, `stop`, `status`, `env`, `setup`, `plugin`."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from localazure.cli import control, process
from localazure.cli.control import PACES, Json, Mode, State
from localazure.cli.process import Ports
from localazure.cli.screen import step, tell
from localazure.cli.tools import ensure_azurite, find_node
from localazure.client import LOOPBACK, Ready, azure_variables, export_lines, identity_variables, read_ready, running
from localazure.errors import UserError
from localazure.paths import STATE, default_cache, shortest, state_option

DEFAULT_CLOCK: Mode = "recorded"
NEXT = """
Now type:
  {source:<24}  set this shell up for it
  {stop:<24}  end it; its state stays in {state}
Its clock is '{clock}': {pace}.
  {turn:<24}  another (or instant, recorded)"""
Cache = Annotated[
    Path | None,
    typer.Option("--cache", help="Folder for Azurite and built environments.", show_default="in the user's cache"),
]


def start_command(
    state: State = STATE,
    arm_port: Annotated[int, typer.Option(help="Port of ARM and the token authority; 0: any.")] = Ports.arm,
    gateway_port: Annotated[int, typer.Option(help="Port of the scoring gateway; 0: any.")] = Ports.gateway,
    blob_port: Annotated[int, typer.Option(help="Port of the blob storage; 0: any.")] = Ports.blob,
    control_port: Annotated[int, typer.Option(help="Port of the control routes; 0: any.")] = Ports.control,
    clock: Annotated[
        Mode | None,
        typer.Option(
            help="recorded: operations take as long as Azure's did; x60: sixty times as fast; instant: no longer than "
            "their work. Later: localazure clock.",
            show_default=DEFAULT_CLOCK,
        ),
    ] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Start the local Azure in the background; says so where it runs already."""
    state = state.resolve()
    found = read_ready(state)
    if found:
        tell(f"the local Azure runs already, process {found.pid}")
    ports = Ports(arm_port, gateway_port, blob_port, control_port)
    ready = found or process.start(state, (cache or default_cache()).resolve(), ports, clock or DEFAULT_CLOCK)
    if found and clock:
        control.ask(state, "POST", "/clock", {"mode": clock}, "clock")
    env = state / "env"
    env.touch(mode=0o600)
    env.write_text(export_lines(ready), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(as_dict(ready)))
        return
    show(ready, Console())
    typer.echo(next_commands(state, control.ask(state, "GET", "/health", None, "clock")["clock"]))


def stop_command(state: State = STATE, as_json: Json = False) -> None:
    """Stop the local Azure and its scoring processes. Its state stays: the next start goes on from there."""
    state = state.resolve()
    with step("stopping the local Azure"):
        stopped = process.stop(state)
    if as_json:
        typer.echo(json.dumps({"stopped": stopped}))
    else:
        which = " and ".join(f"process {pid}" for pid in stopped)
        tell(f"{which} ended" if stopped else f"none was running in {shortest(state)}")


def status_command(state: State = STATE, as_json: Json = False) -> None:
    """Show whether the local Azure runs, and where."""
    state = state.resolve()
    ready = read_ready(state)
    if as_json:
        typer.echo(json.dumps(as_dict(ready)))
    elif ready:
        show(ready, Console())
        typer.echo(f"clock: {control.clock_in_words(control.ask(state, 'GET', '/health', None, 'clock'))}")
    else:
        tell(f"none is running in {shortest(state)}; type: localazure start{state_option(state)}")
    raise typer.Exit(0 if ready else 1)


def env_command(
    state: State = STATE,
    managed_identity: Annotated[
        bool, typer.Option("--managed-identity", help="Use the managed identity in place of a client secret.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the lines that set a shell up for the local Azure: `source <(localazure env)`.

    With --json the variables alone, as a map; they hold secrets.
    """
    ready = running(state.resolve())
    if as_json:
        variables = azure_variables(ready) | {"NO_PROXY": LOOPBACK}
        typer.echo(json.dumps(variables | identity_variables(ready) if managed_identity else variables))
    else:
        typer.echo(export_lines(ready, managed_identity=managed_identity), nl=False)


def setup_command(cache: Cache = None, as_json: Json = False) -> None:
    """Fetch what is missing (Azurite, by npm), as the first `start` would; does nothing where all is there."""
    node = find_node()
    azurite = ensure_azurite((cache or default_cache()).resolve(), node)
    if as_json:
        typer.echo(json.dumps({"node": str(node), "azurite": str(azurite)}))
    else:
        tell(f"everything is there: {azurite}")


def plugin_command(
    home: Annotated[
        Path | None, typer.Option("--home", envvar="PULUMI_HOME", help="The engine's folder, PULUMI_HOME.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Put the stand-in for Pulumi's azure-native plugin where the engine finds it; the real plugin works too.

    It is for machines where the real one can't be fetched. Needs the package pulumi-azure-native beside it.
    """
    from localazure.plugin.install import NotInstalled, install

    try:
        folder = install(home or Path(os.environ.get("HOME", "~")).expanduser() / ".pulumi")
    except (NotInstalled, ValueError) as error:
        raise UserError("L012", "azure-native stand-in", str(error)) from None
    typer.echo(json.dumps({"folder": str(folder)}) if as_json else folder)


def next_commands(state: Path, clock: str) -> str:
    """What a person may type once the local Azure is there."""
    here = state_option(state)
    commands = {"source": f"source {shortest(state / 'env')}"}
    commands |= {"stop": f"localazure stop{here}", "turn": f"localazure clock x60{here}"}
    return NEXT.format(**commands, clock=clock, pace=PACES[clock], state=shortest(state))


def parts(ready: Ready) -> dict[str, str]:
    """The addresses by what is there."""
    return {"arm": ready.arm, "gateway": ready.gateway, "blob": ready.blob, "control": ready.control}


def as_dict(ready: Ready | None) -> dict[str, object]:
    """What `status --json` prints: no secrets."""
    if ready is None:
        return {"running": False}
    addresses = {name: {"url": url, "answers": process.answers(url)} for name, url in parts(ready).items()}
    return {"running": True, "pid": ready.pid, **addresses}


def show(ready: Ready, console: Console) -> None:
    """A table of addresses, and whether each answers."""
    table = Table("part", "address", "answers")
    for name, url in parts(ready).items():
        table.add_row(name, url, "yes" if process.answers(url) else "NO")
    console.print(table)
