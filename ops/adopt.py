"""`rollout adopt`: write the split that somebody made by hand into the stack file."""

import json
from typing import Annotated

import typer

from ops.messages import UserError
from ops.project import FileOption, StackOption, find_place
from ops.setup.progress import Progress
from rollout.model import ObservedEndpoint
from rollout.words import shares
from settings.endpoint import Endpoint

NOT_THERE = "Name an endpoint that the stack file has and Azure shows: 'pulumi stack output endpoints'."


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint whose live split is right.")],
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write an endpoint's live traffic and mirror into the stack file; changes nothing in Azure."""
    place = find_place(stack, config_file)
    settings = place.settings()
    if endpoint not in settings.endpoints:
        raise UserError("D001", f"endpoints.{endpoint}", "no such endpoint in the stack file", cure=NOT_THERE)
    from ops.check.observe import observe  # azure-identity takes its time to import

    with Progress().waiting("reading what is live"):
        live = observe(settings, place).seen.get(endpoint)
    if live is None:
        raise UserError("D002", f"endpoints.{endpoint}", "Azure shows no such endpoint", cure=NOT_THERE)
    values = changes(endpoint, settings.endpoints[endpoint], live, place.project.name)
    if values:
        place.engine().config_set_all(values)
    if as_json:
        typer.echo(json.dumps({"traffic": dict(live.traffic), "mirror": dict(live.mirror), "changed": bool(values)}))
        return
    said = f"{endpoint}: traffic {shares(live.traffic)}, mirror {shares(live.mirror)}"
    typer.echo(f"{place.path} {'now says' if values else 'already says'} what is live: {said}")
    typer.echo(f"Next: pulumi up{place.options}")


def changes(name: str, wanted: Endpoint, live: ObservedEndpoint, project: str) -> dict[str, str]:
    """The configuration paths to write so that the stack file says what is live; a share that ended becomes 0."""
    pairs = (("traffic", wanted.traffic, live.traffic), ("mirror", wanted.mirror, live.mirror))
    return {
        f"{project}:endpoints.{name}.{key}.{deployment}": str(now.get(deployment, 0))
        for key, before, now in pairs
        for deployment in sorted({*before, *now})
        if before.get(deployment, 0) != now.get(deployment, 0)
    }
