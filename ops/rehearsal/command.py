"""`rollout rehearsal`: a whole safe rollout on this machine, each step a real `pulumi up` against a local Azure.

What it needs lives in `.rehearsal/`: thrown away at the start, kept at the end for a look (report.json, the logs).
Whatever happens, no process is left.
"""

import fcntl
import json
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from localazure.client import running
from rich.console import Console

from ops import local_azure as azure
from ops.local.stack import prepare
from ops.local.view import LocalView
from ops.messages import UserError
from ops.paths import REHEARSAL_STATE
from ops.rehearsal.plays import STACK_FILE, Play, own_play, sample_play
from ops.rehearsal.report import Report, table, verdict
from ops.rehearsal.run import Rehearsal
from ops.rehearsal.screen import Screen
from ops.setup.engine import needed_engine
from ops.setup.progress import Progress

LOCK = "rehearsal.lock"
ENGINE_LOG = "pulumi.log"
PLAIN_WIDTH = 152
"""Columns where the output goes to a file: as many as the closing table needs."""

Folder = Annotated[
    Path, typer.Option("--state", help="The folder with its state.", show_default=".rehearsal in the project")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show what is typed, and what Pulumi says.")]
Json = Annotated[bool, typer.Option("--json", help="What was measured as JSON, as in report.json of the state folder.")]
Enough = Annotated[int, typer.Option("--requests", min=50, help="How many requests a step's split is measured by.")]


def command(
    stack: Annotated[
        Path | None, typer.Option("--stack", help="A stack file of your project: its own plan, with its own model.")
    ] = None,
    request: Annotated[
        list[Path] | None,
        typer.Option("--request", help="A request to send; several are sent in turn.", show_default="scoring/requests"),
    ] = None,
    candidate: Annotated[
        Path | None, typer.Option("--candidate", help="The new model's files.", show_default="the same model once more")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", help="Which endpoint, where there are several.", show_default=False)
    ] = None,
    state: Folder = REHEARSAL_STATE,
    rate: Annotated[float, typer.Option("--rate", min=1, max=400, help="Requests a second while traffic moves.")] = 60,
    requests: Enough = 240,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Rehearse a safe rollout on this machine with the real engine. Exit code 1: a request was lost or wrong.

    Without --stack it is the sample's. With it, the stack file's endpoint: what serves, a candidate beside it, then the
    steps of its plan under load, each deployment on one instance, on the smallest estate.
    """
    play = own_play(stack, request or [], candidate, endpoint) if stack else sample_play(request, candidate, endpoint)
    console = Console(stderr=as_json)
    if not console.is_terminal:
        console = Console(stderr=as_json, width=PLAIN_WIDTH)
    for note in play.notes:
        console.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    report = Report(wanted_steps=len(play.steps))
    began = time.monotonic()
    state = state.resolve()
    with interruptible(), alone(state):
        try:
            _rehearse(play, state, report, console, rate, requests, verbose)
        except UserError as error:
            report.stopped = f"{report.at}{error}"
        except KeyboardInterrupt:
            report.stopped = f"{report.at}interrupted; everything is stopped, and the next run starts clean"
        report.seconds = time.monotonic() - began
        report.write(state / "report.json")
    if report.steps:
        console.print(table(report, console.width))
    console.print(
        verdict(report), markup=False, highlight=False, soft_wrap=True, style="bold green" if report.ok else "bold red"
    )
    if as_json:
        typer.echo(json.dumps(report.as_dict()))
    raise typer.Exit(0 if report.ok else 1)


def _rehearse(
    play: Play, state: Path, report: Report, console: Console, rate: float, enough: int, verbose: bool
) -> None:
    progress = Progress(console)
    folder = needed_engine()
    clean(state)
    try:
        azure.start(state, "--clock", "instant", *azure.ANY_PORTS)
        ready = running(state)
        config = state / STACK_FILE
        engine = prepare(ready, state, folder, progress)
        config.write_text(play.stack_file(), encoding="utf-8")
        with Screen(console, len(play.steps), verbose=verbose, log=state / ENGINE_LOG) as screen:
            engine = replace(
                engine, config_file=config, on_line=screen.line, color="always" if console.is_terminal else "never"
            )
            scene = play.scene(engine, LocalView(ready))
            Rehearsal(scene, screen, report, state, rate, enough, play.in_flight).run(play.steps)
    finally:
        _stop(state)


def clean(state: Path) -> None:
    """Stop what an earlier rehearsal left running in `state`, and throw its files away. Only under the lock."""
    azure.stop(state)
    for path in state.iterdir():
        if path.name == LOCK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Make the folder and hold its lock; a folder that no rehearsal made is not touched. Raises UserError."""
    if state.exists() and not (state / LOCK).is_file() and any(state.iterdir()):
        cure = "Name an empty folder, or one of an earlier rehearsal."
        raise UserError("H020", str(state), "a folder with other files", "a folder of the rehearsal's own", cure)
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            cure = "Wait for it, or name another folder by --state."
            raise UserError("H021", str(state), "a rehearsal that runs now", "one at a time", cure) from None
        yield


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the rehearsal as Ctrl-C does, so that nothing stays behind."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _stop(state: Path) -> None:
    """Stop the local Azure, and let no second Ctrl-C come between."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        azure.stop(state)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
