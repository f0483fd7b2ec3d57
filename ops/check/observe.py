"""What is live, read from Azure itself: for `rollout check`, which needs no engine."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx2
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

from ops.messages import UserError
from ops.project import Place
from ops.workspace import Target, find_target, point_clients, resource_manager
from rollout.applied import with_applied
from rollout.bodies import deployment_from, endpoint_from
from rollout.model import Applied, ObservedEndpoint
from settings.stack import Stack

_API = "2025-12-01"
_SECONDS = 30.0
Read = Callable[[str], Mapping[str, Any] | None]


def observe(
    stack: Stack, place: Place, applied: Applied | None = None
) -> tuple[dict[str, ObservedEndpoint], dict[str, ObservedEndpoint]]:
    """Each endpoint of the stack that is there, with its deployments; and those that it made, where it made them.

    Raises UserError where Azure can't be read.
    """
    here = find_target(os.environ, place, stack.workspace.name, stack.workspace.resource_group)
    applied = applied or Applied()
    there = replace(
        here,
        resource_group=applied.estate.get("workspace.resourceGroup", here.resource_group),
        workspace=applied.estate.get("workspace.name", here.workspace),
    )
    point_clients(os.environ, place)
    arm = resource_manager(os.environ)
    with httpx2.Client(base_url=arm, timeout=_SECONDS, headers={"authorization": f"Bearer {_token(arm)}"}) as client:
        found = observe_with(stack, lambda path: _get(client, here, path))
        made = {name: _get(client, there, f"/onlineEndpoints/{name}") for name in sorted(applied.endpoints)}
    seen = {name: with_applied(endpoint, applied.endpoints.get(name)) for name, endpoint in found.items()}
    return seen, {name: endpoint_from(body) for name, body in made.items() if body is not None}


def observe_with(stack: Stack, read: Read) -> dict[str, ObservedEndpoint]:
    """What `read` shows of the stack; `read` takes a path below the workspace; None: not there."""
    found = {name: _endpoint(name, stack, read) for name in sorted(stack.endpoints)}
    return {name: endpoint for name, endpoint in found.items() if endpoint}


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


def _token(arm: str) -> str:
    # Its warnings repeat, at length, the error that becomes one message here.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    try:
        return DefaultAzureCredential().get_token(f"{arm}/.default").token
    except ClientAuthenticationError as error:
        said = (line.strip() for line in str(error).splitlines())
        got = next((line for line in said if "AADSTS" in line), "nobody is logged in").rstrip(".")
        cure = "For the local Azure: source .local/env. For Azure: az login. Or say what is live: --observed FILE."
        raise UserError("O001", "login", got, "someone who may read the workspace", cure) from None


def _get(client: httpx2.Client, target: Target, path: str) -> Mapping[str, Any] | None:
    try:
        response = client.get(target.path + path, params={"api-version": _API})
    except httpx2.TransportError as error:
        cure = "Is the local Azure running ('rollout local start'), or the network there?"
        raise UserError("O002", str(client.base_url), str(error), "an answer", cure) from None
    if response.status_code == httpx2.codes.NOT_FOUND:
        return None
    if response.is_error:
        cure = "Look at your role on the workspace, and at the stack file's names."
        raise UserError("O003", path, f"status {response.status_code}", "the resource, or 404", cure)
    body: dict[str, Any] = response.json()
    return body
