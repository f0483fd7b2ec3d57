"""`rollout tick`: the one thing that is due, then the end; a schedule calls it again."""

import json
from typing import Annotated

import typer

from ops.look import endpoint_in
from ops.operate.judging import judge_of
from ops.operate.ticker import Ticker
from ops.project import FileOption, StackOption, find_place


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; the engine's lines go to standard error.")
    ] = False,
) -> None:
    """Take the one action of the rollout that is due: begin, next step, finish, abort, clean up; or hold, or stop.

    Nothing is kept between two ticks but the stack file, Azure and the engine's state: a run that died is gone on with.
    Exit 0: done, or nothing to do; 1: a person has to look; 3: judged bad, traffic went back; 4: holds; 5: could not be
    judged; 6: the old deployment breaks too; 7: shifted by hand; 9: not healthy.

    Example: rollout tick diabetes --json
    """
    place = find_place(stack, config_file)
    name = endpoint_in(place.settings(), endpoint)
    done = Ticker(place, name, judge_of(place), lambda line: typer.echo(line, err=True)).tick()
    if as_json:
        typer.echo(json.dumps({"endpoint": name, **done.as_dict()}, indent=2))
    else:
        typer.echo(f"{done.said}\n{name}: {done.step}" + (f"\nNext: {done.next}" if done.next else ""))
    raise typer.Exit(done.code)
