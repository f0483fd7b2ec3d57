"""An endpoint with all its deployments, as Azure shows it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from ops.check.observe import get_body, open_arm
from ops.messages import UserError
from ops.project import Place
from ops.workspace import Target, find_target

Body = Mapping[str, Any]
_DONE = "Succeeded"


@dataclass(frozen=True, slots=True)
class Shown:
    """The bodies of ARM: the endpoint's, and those of its deployments by name; `scaled` are ids of autoscalers."""

    endpoint: Body
    deployments: Mapping[str, Body]


def read(place: Place, name: str) -> Shown:
    """The endpoint in the stack's workspace. Raises UserError where it is not there, or not ready."""
    target = find_target(os.environ, place)
    with open_arm(place) as client:
        endpoint = get_body(client, f"{target.path}/onlineEndpoints/{name}")
        if endpoint is None:
            cure = "Look: az ml online-endpoint list."
            raise UserError("D006", f"endpoints.{name}", f"{target.workspace} has no such endpoint", cure=cure)
        found = Shown(endpoint, dict(_deployments(client, target, name)))
    for path, body in ((name, endpoint), *((f"{name}.{each}", one) for each, one in found.deployments.items())):
        state = body["properties"].get("provisioningState")
        if state != _DONE:
            cure = "Wait until it is ready; delete what has failed: az ml online-deployment delete."
            raise UserError("D007", f"endpoints.{path}", str(state), _DONE, cure)
    return found


def _deployments(client: httpx2.Client, target: Target, name: str) -> Iterator[tuple[str, Body]]:
    listed = get_body(client, f"{target.path}/onlineEndpoints/{name}/deployments") or {}
    while listed:
        for body in listed.get("value") or ():
            yield str(body["name"]), body
        listed = (get_body(client, str(listed["nextLink"]), api=None) or {}) if listed.get("nextLink") else {}
