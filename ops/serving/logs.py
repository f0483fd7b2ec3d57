"""`rollout logs`: what a deployment's containers say."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from ops.project import FileOption, StackOption, find_place
from ops.setup.progress import Progress


class Container(StrEnum):
    """Azure's two: the server that scores, and what fetches model and code before it."""

    SERVER = "inference-server"
    STORAGE = "storage-initializer"


_AZURES = {Container.SERVER: "InferenceServer", Container.STORAGE: "StorageInitializer"}


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    deployment: Annotated[str, typer.Argument(help="Its deployment.")],
    lines: Annotated[int, typer.Option(min=1, max=5000, help="How many, the last ones.")] = 100,
    container: Annotated[Container, typer.Option(help="Whose log.")] = Container.SERVER,
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The lines as JSON.")] = False,
) -> None:
    """Print the end of a deployment's log, also of one that failed while it was made."""
    from ops.serving.scoring import Endpoint

    place = find_place(stack, config_file)
    with Progress().waiting(f"the log of {deployment}"), Endpoint(place, endpoint) as found:
        text = found.logs(deployment, _AZURES[container], lines)
    if as_json:
        typer.echo(json.dumps({"endpoint": endpoint, "deployment": deployment, "lines": text.splitlines()}))
    else:
        typer.echo(text.rstrip("\n") or f"{deployment} has said nothing yet")
