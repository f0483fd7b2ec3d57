"""What is live, read from Azure itself: for `rollout check`, which needs no engine."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx2
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

from ops.messages import UserError
from ops.project import Place
from ops.workspace import find_target, point_clients, resource_manager
from rollout.applied import with_applied
from rollout.bodies import deployment_from, endpoint_from
from rollout.existing import Found, uses_of
from rollout.model import Applied, ObservedEndpoint
from settings.existing import (
    ACTION_GROUP,
    COMPUTE,
    GROUP,
    IDENTITY,
    INSIGHTS,
    LOGS,
    NETWORK,
    REGISTRY,
    STORAGE,
    VAULT,
    WORKSPACE,
    ZONE,
)
from settings.stack import Stack

_API = "2025-12-01"
_SECONDS = 30.0
_API_OF = {
    GROUP: "2021-04-01",
    WORKSPACE: _API,
    COMPUTE: _API,
    STORAGE: "2023-05-01",
    VAULT: "2023-07-01",
    LOGS: "2023-09-01",
    INSIGHTS: "2020-02-02",
    REGISTRY: "2023-07-01",
    NETWORK: "2024-05-01",
    ZONE: "2020-06-01",
    IDENTITY: "2023-01-31",
    ACTION_GROUP: "2023-01-01",
}
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
    with open_arm(place) as client:
        found = observe_with(stack, lambda path: get_body(client, here.path + path))
        made = {name: get_body(client, f"{there.path}/onlineEndpoints/{name}") for name in sorted(applied.endpoints)}
    seen = {name: with_applied(endpoint, applied.endpoints.get(name)) for name, endpoint in found.items()}
    return seen, {name: endpoint_from(body) for name, body in made.items() if body is not None}


def read_used(stack: Stack, place: Place) -> Found:
    """What Azure shows of what the stack uses; asks nothing where it uses nothing. Raises UserError as `observe`."""
    uses = uses_of(stack)
    if not uses:
        return Found()
    here = find_target(os.environ, place, stack.workspace.name, stack.workspace.resource_group).subscription
    with open_arm(place) as client:
        return Found(here, {use.path: get_body(client, use.id(here), _API_OF[use.type]) for use in uses})


@contextmanager
def open_arm(place: Place) -> Iterator[httpx2.Client]:
    """A client for the Azure of the stack, with a token. Raises UserError where nobody is logged in."""
    point_clients(os.environ, place)
    arm = resource_manager(os.environ)
    with httpx2.Client(base_url=arm, timeout=_SECONDS, headers={"authorization": f"Bearer {_token(arm)}"}) as client:
        yield client


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


def get_body(client: httpx2.Client, path: str, api: str | None = _API) -> dict[str, Any] | None:
    """What ARM shows at a path, None where there is nothing; a link of ARM's own has its version. Raises UserError."""
    try:
        response = client.get(path, params={"api-version": api} if api else None)
    except httpx2.TransportError as error:
        cure = "Is the local Azure running ('rollout local start'), or the network there?"
        raise UserError("O002", str(client.base_url), str(error), "an answer", cure) from None
    if response.status_code == httpx2.codes.NOT_FOUND:
        return None
    if response.is_error:
        cure = "Look at your role on the workspace, and at the stack file's names."
        shown = path.rpartition("/workspaces/")[2].partition("/")[2] or path
        raise UserError("O003", shown, f"status {response.status_code}", "the resource, or 404", cure)
    body: dict[str, Any] = response.json()
    return body
