"""`rollout setup`: what `make setup` does in a checkout, for a project that has safe-rollout as a dependency."""

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
) -> None:
    """Bring what the Python packages do not hold: Pulumi engine, Node.js, Azurite. What the machine has is used."""
    progress, began = Progress(), time.monotonic()
    if engine:
        typer.echo(str(ensure_engine(progress)))
        return
    set_up(progress)
    progress.tell(f"set-up: everything is there  {clock(time.monotonic() - began)}")
