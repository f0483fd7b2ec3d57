"""`rollout adopt`: take the split that somebody made by hand over into the stack file."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ops.engine import Engine
from ops.messages import UserError
from ops.paths import CHECKOUT
from ops.setup.engine import find_engine
from rollout.model import ObservedEndpoint
from rollout.words import shares
from settings.endpoint import Endpoint
from settings.load import from_file

NOT_THERE = "Name an endpoint that the stack file has and Azure shows: 'pulumi stack output endpoints'."


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint whose live split is right.")],
    stack: Annotated[str | None, typer.Option(help="The stack.", show_default="the selected one")] = None,
    config_file: Annotated[Path | None, typer.Option(help="The stack file, where it is another one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write an endpoint's live traffic and mirror into the stack file; changes nothing in Azure."""
    engine = _engine()
    engine = replace(engine, stack=stack or engine.selected(), config_file=config_file)
    path = config_file or Path(f"Pulumi.{engine.stack}.yaml")
    settings = from_file(path)
    if endpoint not in settings.endpoints:
        raise UserError("D001", f"endpoints.{endpoint}", "no such endpoint in the stack file", cure=NOT_THERE)
    from ops.check.observe import observe  # azure-identity takes its time to import

    live = observe(settings, path)[0].get(endpoint)
    if live is None:
        raise UserError("D002", f"endpoints.{endpoint}", "Azure shows no such endpoint", cure=NOT_THERE)
    values = changes(endpoint, settings.endpoints[endpoint], live)
    if values:
        engine.config_set_all(values)
    if as_json:
        typer.echo(json.dumps({"traffic": dict(live.traffic), "mirror": dict(live.mirror), "changed": bool(values)}))
        return
    said = f"{endpoint}: traffic {shares(live.traffic)}, mirror {shares(live.mirror)}"
    typer.echo(f"{path} {'now says' if values else 'says already'} what is live: {said}")
    typer.echo(f"Next: pulumi up --stack {engine.stack}")


def changes(name: str, wanted: Endpoint, live: ObservedEndpoint) -> dict[str, str]:
    """The configuration paths to write so that the stack file says what is live; a share that ended becomes 0."""
    pairs = (("traffic", wanted.traffic, live.traffic), ("mirror", wanted.mirror, live.mirror))
    return {
        f"safe-rollout:endpoints.{name}.{key}.{deployment}": str(now.get(deployment, 0))
        for key, before, now in pairs
        for deployment in sorted({*before, *now})
        if before.get(deployment, 0) != now.get(deployment, 0)
    }


def _engine() -> Engine:
    folder = find_engine()
    if folder is None:
        raise UserError("D003", "pulumi", "no engine", "Pulumi on PATH, or the set-up's", "Run 'make setup'.")
    return Engine(pulumi=folder / "pulumi", project=CHECKOUT, stack="", environment=os.environ)
