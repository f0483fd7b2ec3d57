"""`rollout invoke`: one scoring request, as a caller sends it."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.messages import UserError
from ops.paths import shortest
from ops.project import FileOption, Place, StackOption, find_place
from ops.setup.progress import Progress

SAMPLE = Path("scoring", "samples", "one-patient.json")


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    deployment: Annotated[
        str | None, typer.Option(help="The deployment, whatever its share; without it the split decides.")
    ] = None,
    request: Annotated[
        Path | None,
        typer.Option(help="The body, as JSON; - is standard input.", show_default=str(SAMPLE)),
    ] = None,
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Status, deployment, time and answer as JSON.")] = False,
) -> None:
    """Score one request and print the answer. Exit code 1: the endpoint answered with an error.

    It signs with the endpoint's own key, or with a token, as the endpoint asks for.
    """
    from ops.serving.scoring import Endpoint

    place = find_place(stack, config_file)
    body = _body(place, request)
    with Progress().waiting(f"{endpoint} scores"), Endpoint(place, endpoint) as found:
        scored = found.score(body, deployment)
    if as_json:
        typer.echo(json.dumps(scored.as_dict()))
    else:
        typer.echo(scored.body.rstrip("\n"))
        who = f"{scored.deployment} answered" if scored.deployment else "no deployment answered"
        typer.echo(f"{who}: status {scored.status}, {scored.milliseconds:.0f} ms", err=True)
        if scored.status >= 400 and scored.deployment:
            typer.echo(f"Look: rollout logs {endpoint} {scored.deployment}{place.options}", err=True)
    raise typer.Exit(0 if scored.status < 400 else 1)


def _body(place: Place, request: Path | None) -> bytes:
    if request == Path("-"):
        return sys.stdin.buffer.read()
    path = request or place.root / SAMPLE
    try:
        return path.read_bytes()
    except FileNotFoundError:
        cure = "Name a file with the request's body: --request FILE."
        raise UserError("V006", shortest(path.absolute()), "no such file", "a request", cure) from None
