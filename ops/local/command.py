"""`rollout local`: the local Azure of this project, and the stack `local` on it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ops import messages
from ops.engine import Engine
from ops.local import control, fault, process
from ops.local.control import PACES, Json, Mode, State
from ops.local.environment import Ready, client_environment, export_lines
from ops.local.folder import make_private
from ops.local.process import Ports
from ops.paths import CHECKOUT, LOCAL_STATE, PROJECT, shortest, state_option
from ops.setup.progress import Progress
from ops.setup.tools import Tools, find_tools

STACK = "local"
NEXT = """
Now type:
  {source:<24}  set this shell up for it
  {preview:<24}  see what the stack file would do
  {up:<24}  do it
  {stop:<24}  end the local Azure; its state stays in {state}
Its clock is '{clock}': {pace}.
  {turn:<24}  another (or instant, recorded)"""

app = typer.Typer(no_args_is_help=True, help="Start, stop and look at the local Azure.")
app.add_typer(fault.app, name="fault")
for name, command in (
    ("clock", control.clock_command),
    ("journal", control.journal_command),
    ("snapshot", control.snapshot_command),
    ("restore", control.restore_command),
    ("reset", control.reset_command),
):
    app.command(name)(command)
DEFAULT_CLOCK: Mode = "recorded"


def engine_for(ready: Ready, state: Path, tools: Tools, stack: str = STACK) -> Engine:
    """The engine on `stack` of the project, its environment pointing at a running local Azure."""
    environment = client_environment(ready, state, tools.engine)
    return Engine(pulumi=tools.engine / "pulumi", project=PROJECT, stack=stack, environment=environment)


def prepare(ready: Ready, state: Path, tools: Tools, progress: Progress) -> Engine:
    """Make `state` fit for the engine: stand-in plugin, backend folder, the stack `local`, and the file `env`."""
    (state / "stacks").mkdir(exist_ok=True)
    engine = engine_for(ready, state, tools)
    with progress.step("azure-native stand-in"):
        install_plugin(engine)
    with progress.step(f"stack {STACK}") as step:
        if not engine.has_stack():
            engine.stack_init()
            step.result = "created"
        engine.stack_select()
    env = state / "env"
    env.touch(mode=0o600)
    env.write_text(export_lines(ready, state, tools.engine), encoding="utf-8")
    make_private(state)  # the engine's own files: they hold what the stack's passphrase, which is empty, opens
    return engine


def install_plugin(engine: Engine) -> None:
    """Put the stand-in for the azure-native plugin into the engine's PULUMI_HOME."""
    home = engine.environment["PULUMI_HOME"]
    command = [sys.executable, "-m", "localazure.plugin", "install", "--home", home]
    told = subprocess.run(
        command, cwd=CHECKOUT, env=dict(engine.environment), capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise messages.step_failed("azure-native stand-in", "localazure.plugin install", told.stderr or told.stdout)


@app.command("start")
def start_command(
    state: State = LOCAL_STATE,
    arm_port: Annotated[int, typer.Option(help="Port of ARM and the token authority; 0: any.")] = Ports.arm,
    gateway_port: Annotated[int, typer.Option(help="Port of the scoring gateway; 0: any.")] = Ports.gateway,
    blob_port: Annotated[int, typer.Option(help="Port of the blob storage; 0: any.")] = Ports.blob,
    control_port: Annotated[int, typer.Option(help="Port of the control routes; 0: any.")] = Ports.control,
    clock: Annotated[
        Mode | None,
        typer.Option(
            help="recorded: operations take as long as Azure's did; x60: sixty times as fast; instant: no longer than "
            "their work. Later: rollout local clock.",
            show_default=DEFAULT_CLOCK,
        ),
    ] = None,
) -> None:
    """Start the local Azure in the background and make the stack `local` ready; says so where it runs already."""
    state = state.resolve()
    progress = Progress()
    tools = find_tools()
    found = process.read_ready(state)
    if found:
        progress.tell(f"the local Azure runs already, process {found.pid}")
    ports = Ports(arm_port, gateway_port, blob_port, control_port)
    ready = found or process.start(state, tools, ports, clock or DEFAULT_CLOCK, progress)
    if found and clock:
        control.ask(state, "POST", "/clock", {"mode": clock}, "clock")
    prepare(ready, state, tools, progress)
    show(ready, Console())
    typer.echo(next_commands(state, control.ask(state, "GET", "/health", None, "clock")["clock"]))


@app.command("stop")
def stop_command(state: State = LOCAL_STATE) -> None:
    """Stop the local Azure with all its scoring processes; its state stays, the next start goes on from it."""
    state = state.resolve()
    with Progress().step("stopping the local Azure") as step:
        stopped = process.stop(state)
        step.result = f"process {stopped} ended" if stopped else f"none was running in {shortest(state)}"


@app.command("status")
def status_command(state: State = LOCAL_STATE, as_json: Json = False) -> None:
    """Show whether the local Azure runs, and where; exit code 1 when it does not run."""
    state = state.resolve()
    ready = process.read_ready(state)
    if as_json:
        typer.echo(json.dumps(as_dict(ready)))
    elif ready:
        show(ready, Console())
        typer.echo(f"clock: {control.clock_in_words(control.ask(state, 'GET', '/health', None, 'clock'))}")
    else:
        raise messages.not_running(state)
    raise typer.Exit(0 if ready else 1)


@app.command("env")
def env_command(
    state: State = LOCAL_STATE,
    managed_identity: Annotated[
        bool, typer.Option("--managed-identity", help="No client secret: the managed identity instead.")
    ] = False,
) -> None:
    """Print the lines that set a shell up for the local Azure: `source <(rollout local env)`."""
    state = state.resolve()
    lines = export_lines(process.running(state), state, find_tools().engine, managed_identity)
    typer.echo(lines, nl=False)


def next_commands(state: Path, clock: str) -> str:
    """What a person may type once the local Azure is there."""
    here = state_option(state)
    source = f"source {shortest(state / 'env')}"
    clocks = {"clock": clock, "pace": PACES[clock]}
    commands = {"source": source, "preview": "pulumi preview", "up": "pulumi up"}
    commands |= {"stop": f"rollout local stop{here}", "turn": f"rollout local clock x60{here}"}
    return NEXT.format(**commands, **clocks, state=shortest(state))


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
