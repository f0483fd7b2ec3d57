"""An endpoint with all its deployments, as Azure shows it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.arm import Arm, open_arm
from ops.messages import UserError
from ops.project import Place
from ops.workspace import find_target, point_clients

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
    point_clients(os.environ, place)
    with open_arm(target) as arm:
        endpoint = arm.get(f"/onlineEndpoints/{name}")
        if endpoint is None:
            cure = "Look: az ml online-endpoint list."
            raise UserError("D006", f"endpoints.{name}", f"{target.workspace} has no such endpoint", cure=cure)
        found = Shown(endpoint, dict(_deployments(arm, name)))
    for path, body in ((name, endpoint), *((f"{name}.{each}", one) for each, one in found.deployments.items())):
        state = body["properties"].get("provisioningState")
        if state != _DONE:
            cure = "Wait until it is ready; delete what has failed: az ml online-deployment delete."
            raise UserError("D007", f"endpoints.{path}", str(state), _DONE, cure)
    return found


def _deployments(arm: Arm, name: str) -> Iterator[tuple[str, Body]]:
    listed = arm.get(f"/onlineEndpoints/{name}/deployments") or {}
    while listed:
        for body in listed.get("value") or ():
            yield str(body["name"]), body
        listed = (arm.read(str(listed["nextLink"]), api=None) or {}) if listed.get("nextLink") else {}
