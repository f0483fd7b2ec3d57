"""`rollout import`: take an endpoint that others made into the stack file and the engine's state, as it is."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ops.check.observe import read_used
from ops.engine import PulumiError
from ops.importing.read import read
from ops.importing.write import take_over, write_config
from ops.messages import UserError
from ops.project import FileOption, Place, StackOption, find_place
from rollout.carried import Carried, Untold, carried
from rollout.existing import complete
from rollout.words import shares
from settings.load import from_config
from settings.stack import Stack

_NO_CHANGES = ["--expect-no-changes", "--suppress-progress"]


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint, as Azure ML calls it.")],
    stack: StackOption = None,
    config_file: FileOption = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Import although the next update drops what a stack file can't say.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write an endpoint and its deployments into the stack file and the engine's state; changes nothing in Azure.

    Exit 0: the next preview shows no change; 1: something would change, and it is said what; 2: nothing was written.
    """
    place = find_place(stack, config_file)
    settings = _settings(place)
    if endpoint in settings.endpoints:
        cure = "It is in the stack already; a split that was made by hand: rollout adopt."
        raise UserError("D008", f"endpoints.{endpoint}", "in the stack file", "an endpoint that is not in it", cure)
    shown = read(place, endpoint)
    found = carried(shown.endpoint, shown.deployments, "disabled" if settings.workspace.is_private else "enabled")
    if found.untold and not leave_out:
        raise _refused(endpoint, found.untold)
    _judge(place, endpoint, found.config)
    engine = place.engine()
    write_config(engine, place.project.name, endpoint, found.config)
    take_over(engine, endpoint, shown, protect=settings.production)
    changes = _changes(place)
    _tell(place, endpoint, found, changes, as_json)
    raise typer.Exit(1 if changes else 0)


def _settings(place: Place) -> Stack:
    """The stack file's settings with what it uses read; the endpoint's workspace among them. Raises Refused."""
    from settings.refusal import Refused

    stack = place.settings()
    used = complete(stack, read_used(stack, place))
    if used.refusals:
        raise Refused(used.refusals)
    return used.stack


def _judge(place: Place, name: str, config: dict[str, Any]) -> None:
    """Raises Refused where the stack file would not be one of ours with it."""
    values = place.configuration.values
    key = f"{place.project.name}:endpoints"
    raw = {**values, key: json.dumps({**json.loads(values.get(key) or "{}"), name: config})}
    from_config(raw, place.project.name)


def _changes(place: Place) -> str:
    """What the next preview would change; empty where it is nothing."""
    try:
        place.engine().preview(extra=_NO_CHANGES)
    except PulumiError as error:
        return error.output
    return ""


def _refused(name: str, untold: Sequence[Untold]) -> UserError:
    said = "; ".join(f"{one.path} ({one.got})" for one in untold)
    cure = "Change it in Azure first, or import it without: --leave-out, and the next update of it drops that."
    return UserError("D009", f"endpoints.{name}", f"has what no stack file says: {said}", cure=cure)


def _tell(place: Place, name: str, found: Carried, changes: str, as_json: bool) -> None:
    lists = {"kept": found.kept, "leftOut": found.untold}
    told = {key: [{"path": one.path, "value": one.got} for one in of] for key, of in lists.items()}
    if as_json:
        typer.echo(json.dumps({"endpoint": name, "config": found.config, **told, "changes": changes}, indent=2))
        return
    deployments = sorted(found.config.get("deployments", {}))
    traffic = shares(found.config.get("traffic", {}))
    typer.echo(f"{place.path} and the state now have {name}: {', '.join(deployments) or 'no deployment'}; {traffic}")
    for one in found.kept:
        typer.echo(f"kept as it is, though no stack file says it: {one.path} = {one.got}")
    for one in found.untold:
        typer.echo(f"left out, the next update drops it: {one.path} = {one.got}")
    if any(deployment.get("variables") for deployment in found.config.get("deployments", {}).values()):
        typer.echo("variables stand in the stack file in clear; encrypt what is secret: pulumi config set --secret")
    if changes:
        typer.echo(f"The next preview shows changes:\n{changes}")
    typer.echo(f"Next: pulumi preview{place.options}")
