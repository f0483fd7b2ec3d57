"""`rollout keys`: replace one of an endpoint's two keys."""

import json
import os
import sys
from typing import Annotated

import typer

from ops.keys.model import Key, Keys
from ops.messages import UserError
from ops.project import FileOption, StackOption, find_place, stack_option
from ops.setup.progress import Progress
from ops.workspace import Target, find_target, point_clients, resource_manager

app = typer.Typer(help="An endpoint's two keys.")


@app.callback()
def keys() -> None:
    """An endpoint's two keys."""


@app.command()
def regenerate(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    key: Annotated[Key, typer.Option(help="Which key to replace; the other one stays.")],
    stack: StackOption = None,
    config_file: FileOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the new key.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replace a key; the old one is refused from then on.

    To lose no request: regenerate the secondary key, move the callers to it, then regenerate the primary one.
    """
    place = find_place(stack, config_file)
    target = find_target(os.environ, place)
    point_clients(os.environ, place)
    if not yes:
        _ask(endpoint, key)
    with Progress().waiting(f"the {key} key of {endpoint}"):
        found = open_keys(target)
        renew(found, endpoint, key)
        shown = {"value": found.value(endpoint, key)} if show else {}
    if as_json:
        typer.echo(json.dumps({"endpoint": endpoint, "key": key, **shown}))
        return
    typer.echo(f"{endpoint}: the {key} key is new, and the old one is refused. The {key.other} key is as it was.")
    for value in shown.values():
        typer.echo(f"{key} key: {value}")
    typer.echo(f"The stack's outputs hold the old key until you type: pulumi up{place.options}")
    typer.echo(f"Then read it: pulumi stack output keys --show-secrets{stack_option(place)}")


def renew(found: Keys, endpoint: str, key: Key) -> None:
    """Replace a key. Raises UserError where the endpoint is not there or has no keys."""
    auth = found.auth(endpoint)
    if auth is None:
        cure = "Name an endpoint that Azure shows: 'pulumi stack output endpoints'."
        raise UserError("K001", f"endpoints.{endpoint}", "Azure shows no such endpoint", cure=cure)
    if auth.lower() != "key":
        cure = "Its callers sign in with tokens, which expire by themselves: there is nothing to regenerate."
        raise UserError("K002", f"endpoints.{endpoint}.auth", auth, "key", cure)
    found.regenerate(endpoint, key)


def open_keys(target: Target) -> Keys:
    """The keys of a workspace in Azure. Raises UserError."""
    resource_manager(os.environ)  # first: azure-ai-ml looks for its cloud while it is imported, and takes seconds
    from ops.keys.azure import AzureKeys

    return AzureKeys(target)


def _ask(endpoint: str, key: Key) -> None:
    if not sys.stdin.isatty():
        cure = "Callers that use this key are refused at once: move them to the other one first, then say --yes."
        raise UserError("K003", f"endpoints.{endpoint}", "no terminal to ask at", "--yes", cure)
    typer.confirm(f"Callers that use the {key} key of {endpoint} are refused at once. Replace it?", abort=True)
