"""`rollout smoke`: the plan's sample requests to one deployment by its name."""

import json
import os
from typing import Annotated

import typer

from ops.arm import open_arm
from ops.gates.command import EXITS, STYLES
from ops.gates.run import open_scorer
from ops.gates.samples import bodies, smoke
from ops.look import endpoint_in
from ops.messages import UserError
from ops.project import FileOption, StackOption, find_place
from ops.workspace import find_target, point_clients


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    deployment: Annotated[str, typer.Option(help="Which of its deployments, live or not.")],
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Send rollout.gates.smoke to one deployment; that it answered, its own answers prove.

    Exit 0: pass; 3: fail; 4: inconclusive; 5: error, and nothing is known of the deployment.

    Example: rollout smoke diabetes --deployment green
    """
    place = find_place(stack, config_file)
    settings = place.settings()
    name = endpoint_in(settings, endpoint)
    plan = settings.endpoints[name].rollout
    samples = plan.gates.smoke if plan and plan.gates else ()
    path = f"endpoints.{name}"
    if not samples:
        cure = "Write for example gates: {smoke: [{file: scoring/samples/one-patient.json}]} under rollout."
        raise UserError("G007", f"{path}.rollout.gates.smoke", "none", "sample requests", cure)
    target = find_target(os.environ, place, settings.workspace.name, settings.workspace.resource_group)
    point_clients(os.environ, place)
    with open_arm(target) as arm:
        body = arm.get(f"/onlineEndpoints/{name}")
    if body is None:
        raise UserError("G001", path, "Azure shows no such endpoint", cure="Make it with 'pulumi up'.")
    said = smoke(open_scorer(target, name, body), deployment.lower(), bodies(samples, place.root))
    if as_json:
        typer.echo(json.dumps({"endpoint": name, "deployment": deployment, **said.as_dict()}, indent=2))
    else:
        typer.secho(said.kind, fg=STYLES[said.kind], nl=False)
        typer.echo(f" {said.reason}")
    raise typer.Exit(EXITS[said.kind])
