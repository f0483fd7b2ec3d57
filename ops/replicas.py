"""`rollout replicas`: how many replicas the AKS router needs for a load."""

import json
from typing import Annotated

import typer

from rollout.rules.capacity import replicas


def command(
    rps: Annotated[float, typer.Option(min=0.0, help="Requests a second.")],
    seconds: Annotated[float, typer.Option(min=0.0, help="Seconds that one request takes.")],
    utilization: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="The share of busy replicas that the router aims at.")
    ] = 0.7,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests that one replica works on at the same time.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the replicas for a load: ceil(requests a second x seconds / utilization / concurrency).

    Example: 20 requests a second of 10 s each, at 0.7, one at a time: 286.
    """
    wanted = replicas(rps, seconds, utilization, concurrency)
    typer.echo(json.dumps({"replicas": wanted}) if as_json else wanted)
