"""What is live, read from Azure itself: for `rollout check`, which needs no engine."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ops.arm import open_arm
from ops.project import Place
from ops.workspace import find_target, point_clients
from rollout.applied import former_place, with_applied
from rollout.assets import Found, to_find
from rollout.bodies import deployment_from, description_from, endpoint_from
from rollout.model import Applied, ObservedEndpoint
from settings.stack import Stack

Read = Callable[[str], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Live:
    """`seen` are the stack's endpoints that are there, with their deployments; `made` those that it made, where it made
    them; `found` is what the step deploys newly.
    """

    seen: dict[str, ObservedEndpoint]
    made: dict[str, ObservedEndpoint]
    found: Found


def observe(stack: Stack, place: Place, applied: Applied | None = None) -> Live:
    """What Azure shows now. Raises UserError where it can't be read."""
    here = find_target(os.environ, place, stack.workspace.name, stack.workspace.resource_group)
    applied = applied or Applied()
    former = former_place(stack, applied)
    there = replace(here, resource_group=former[0], workspace=former[1]) if former else here
    point_clients(os.environ, place)
    with open_arm(here) as arm:
        found = observe_with(stack, arm.get)
        of_made = arm.at(there)
        made = {name: of_made.get(f"/onlineEndpoints/{name}") for name in sorted(applied.endpoints)}
        assets = find(stack, found, applied, arm.get)
    seen = {name: with_applied(endpoint, applied.endpoints.get(name)) for name, endpoint in found.items()}
    return Live(seen, {name: endpoint_from(body) for name, body in made.items() if body is not None}, assets)


def observe_with(stack: Stack, read: Read) -> dict[str, ObservedEndpoint]:
    """What `read` shows of the stack; `read` takes a path below the workspace; None: not there."""
    found = {name: _endpoint(name, stack, read) for name in sorted(stack.endpoints)}
    return {name: endpoint for name, endpoint in found.items() if endpoint}


def find(stack: Stack, seen: Mapping[str, ObservedEndpoint], applied: Applied, read: Read) -> Found:
    """The versions that the step deploys newly; `read` takes a path below the workspace."""
    wanted: dict[str, str] = {}
    for name in sorted(stack.endpoints):
        wanted |= to_find(stack, name, seen.get(name), applied.endpoints.get(name))
    bodies = {path: read(f"/{path}") for path in sorted({*wanted.values()})}
    is_there = None not in bodies.values() or read("") is not None
    return Found(wanted, {path: description_from(body) for path, body in bodies.items()}, is_there)


def _endpoint(name: str, stack: Stack, read: Read) -> ObservedEndpoint | None:
    body = read(f"/onlineEndpoints/{name}")
    if body is None:
        return None
    deployments = {
        deployment: read(f"/onlineEndpoints/{name}/deployments/{deployment}")
        for deployment in sorted(stack.endpoints[name].deployments)
    }
    seen = {deployment: deployment_from(shown) for deployment, shown in deployments.items() if shown is not None}
    return replace(endpoint_from(body), deployments=seen)
