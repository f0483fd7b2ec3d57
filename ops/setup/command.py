"""`rollout setup`: what `make setup` does in a checkout, for a project that has safe-rollout as a dependency."""

import json
import time
from typing import Annotated

import typer

from ops.setup.__main__ import set_up
from ops.setup.engine import ensure_engine
from ops.setup.progress import Progress, clock


def command(
    engine: Annotated[
        bool, typer.Option("--engine", help="The Pulumi engine alone; prints the folder that it is in.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The engine's folder as JSON.")] = False,
) -> None:
    """Bring what the Python packages do not hold: Pulumi engine, Node.js, Azurite. What the machine has is used."""
    progress, began = Progress(), time.monotonic()
    if not engine:
        set_up(progress)
    folder = ensure_engine(progress)
    if as_json:
        typer.echo(json.dumps({"engine": str(folder)}))
    elif engine:
        typer.echo(str(folder))
    else:
        progress.tell(f"set-up: everything is there  {clock(time.monotonic() - began)}")
