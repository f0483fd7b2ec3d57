"""`rollout run`: ticks on a terminal until the rollout is over, or a person has to look."""

import json
import time
from typing import Annotated

import typer

from ops.look import endpoint_in
from ops.operate.judging import judge_of
from ops.operate.ticker import Done, Ticker
from ops.project import FileOption, StackOption, find_place
from rollout.tick import Do

_ENDS = {Do.NOTHING, Do.STOP, Do.ABORT}


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    until: Annotated[int | None, typer.Option("--until", min=1, help="End when this step of the plan is live.")] = None,
    every: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks while it holds.")] = 15.0,
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line for each tick that did something.")] = False,
) -> None:
    """Tick until the rollout is over. Ctrl-C ends it at any moment; the next 'rollout run' or 'rollout tick' goes on.

    Exit codes are those of 'rollout tick'.

    Example: rollout run diabetes --until 2
    """
    from rich.console import Console

    place = find_place(stack, config_file)
    name = endpoint_in(place.settings(), endpoint)
    console = Console(stderr=True)
    with console.status(f"{name}: looks") as status:
        ticker = Ticker(place, name, judge_of(place), status.update)
        while True:
            done = ticker.tick()
            if done.action.do is Do.HOLD:
                status.update(f"{name}: {done.step}; {done.said}")
            else:
                _tell(name, done, as_json)
            if done.action.do in _ENDS or (until is not None and done.steps_done >= until):
                raise typer.Exit(done.code)
            if done.action.do is Do.HOLD:
                time.sleep(every)


def _tell(name: str, done: Done, as_json: bool) -> None:
    typer.echo(json.dumps({"endpoint": name, **done.as_dict()}) if as_json else f"{done.said}\n{name}: {done.step}")
