"""`rollout adopt`: write the split that somebody made by hand into the stack file."""

import json
from typing import Annotated

import typer

from ops.messages import UserError
from ops.project import FileOption, StackOption, find_place
from ops.setup.progress import Progress
from ops.stack_file import edited, split_changes
from rollout.model import Split
from rollout.words import shares

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
    wanted = settings.endpoints[endpoint]
    edit = edited(place, endpoint, split_changes(Split(wanted.traffic, wanted.mirror), live.split))
    edit.write()
    is_new = edit.before != edit.after
    if as_json:
        typer.echo(json.dumps({"traffic": dict(live.traffic), "mirror": dict(live.mirror), "changed": is_new}))
        return
    said = f"{endpoint}: traffic {shares(live.traffic)}, mirror {shares(live.mirror)}"
    typer.echo(f"{place.path} {'now says' if is_new else 'already says'} what is live: {said}")
    typer.echo(f"Next: pulumi up{place.options}")
