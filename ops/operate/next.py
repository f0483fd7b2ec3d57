"""`rollout next`: the plan's next step, written into the stack file."""

import json
import sys
from typing import Annotated

import typer

from ops.exits import Exit
from ops.look import endpoint_in, look
from ops.operate.advance import apply, next_step, refusals, written
from ops.operate.standing import step_words
from ops.project import FileOption, StackOption, find_place, stack_option
from rollout.words import in_words


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    stack: StackOption = None,
    config_file: FileOption = None,
    up: Annotated[bool, typer.Option("--up", help="Apply it with the engine.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; the engine's lines go to standard error.")
    ] = False,
) -> None:
    """Write the next step of rollout.steps into the stack file: one edit that changes nothing else in it.

    The rules are asked first. Exit 0: written (with --up: and applied); 1: refused by a rule; 2: there is no step now.

    Example: rollout next diabetes --up
    """
    place = find_place(stack, config_file)
    settings, options = place.settings(), stack_option(place)
    name = endpoint_in(settings, endpoint)
    found = look(place, settings, [name]).endpoints[name]
    step = next_step(found, options)
    if refused := refusals(settings, found, step.split):
        sys.stderr.writelines(f"{refusal}\n" for refusal in refused)
        raise typer.Exit(Exit.REFUSED)
    words = in_words(name, found.seen, step)
    edit = written(place, found, step.split)
    if not as_json:
        typer.echo(f"{edit.diff}{words}")
    if up:
        apply(place, found, f"rollout next: {words}", lambda line: typer.echo(line, err=True))
        found = look(place, place.fresh().settings(), [name]).endpoints[name]
    live = found.seen.split if found.seen else None
    command = f"rollout status {name}{options}" if up else f"pulumi up{options}"
    if as_json:
        maps = {"traffic": dict(step.traffic), "mirror": dict(step.mirror)}
        is_live = live == step.split
        typer.echo(
            json.dumps({"endpoint": name, "step": maps, "words": words, "live": is_live, "next": command}, indent=2)
        )
        return
    if up:
        typer.echo(f"live: {name} {step_words(found)}")
    typer.echo(f"Next: {command}")
