"""What endpoints stand on, made by the stack or used by it: the rest of the program does not tell the two apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.computes import ComputeGuard
from rollout.existing import Completed

_REFERENCE = re.compile(r"^azureml:(?P<name>[^:]+):(?P<version>[^:]+)$")


@dataclass(frozen=True, slots=True)
class Foundation:
    """The resource group and the services of a workspace. `after` has to be there before whatever is made on it.

    `group` is None where the stack does not own it.
    """

    resource_group: str
    group: pulumi.Resource | None
    group_id: pulumi.Output[str]
    storage_id: pulumi.Output[str]
    key_vault_id: pulumi.Output[str]
    log_analytics_id: pulumi.Output[str]
    insights_id: pulumi.Output[str]
    after: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, slots=True)
class ImageStore:
    """The container registry, and what has to be there before it is used."""

    registry_id: pulumi.Output[str]
    login_server: pulumi.Output[str]
    after: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, slots=True)
class Wiring:
    """The virtual network with the ids of its subnets by name; `after` has to be there before anything is put in."""

    network_id: pulumi.Output[str]
    subnets: Mapping[str, pulumi.Output[str]]
    after: Sequence[pulumi.Resource] = ()


def id_of(used: Completed, path: str) -> pulumi.Output[str]:
    """The id of something that is used, by its path in the stack file; empty where there is none."""
    return pulumi.Output.from_input(used.ids.get(path, ""))


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace that endpoints are made in. `resource` is None where the stack does not own it."""

    name: str
    resource_group: str
    workspace_id: pulumi.Output[str]
    computes: ComputeGuard
    resource: pulumi.Resource | None = None
    after: Sequence[pulumi.Resource] = ()
    _assets: dict[tuple[str, str], pulumi.Output[str]] = field(default_factory=dict)

    def asset_id(self, kind: str, reference: str) -> pulumi.Input[str]:
        """The resource id behind `azureml:NAME:VERSION` (`kind`: models, environments or codes); others stay."""
        match = _REFERENCE.match(reference)
        if not match:
            return reference
        made = self._assets.get((kind, reference))
        if made is None:
            path = f"/{kind}/{match['name']}/versions/{match['version']}"
            made = self._assets[kind, reference] = pulumi.Output.concat(self.workspace_id, path)
        return made
