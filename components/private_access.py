"""Private endpoints of the workspace and what it stands on, and the names by which they are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import privatedns

from components.foundation import Foundation, Home, ImageStore, Wiring, id_of
from components.network_types import NetworkResource
from components.options import TYPE_PREFIX, child
from rollout.existing import Completed
from settings import names
from settings.regions import Cloud, cloud_of


@dataclass(frozen=True, slots=True)
class Target:
    """One way into one resource: its id, and the group id of its private link."""

    resource: pulumi.Output[str]
    group: str


def targets(base: Foundation, registry: ImageStore, workspace: Home) -> Mapping[str, Target]:
    """What a private workspace is reached by."""
    return {
        "workspace": Target(workspace.workspace_id, "amlworkspace"),
        "blob": Target(base.storage_id, "blob"),
        "file": Target(base.storage_id, "file"),
        "vault": Target(base.key_vault_id, "vault"),
        "registry": Target(registry.registry_id, "registry"),
    }


def zones_of(group: str, cloud: Cloud) -> tuple[str, ...]:
    """The private DNS zones that the names behind a group id are in. Source: Azure Private Link, DNS zone values."""
    zones = {
        "amlworkspace": (cloud.api, cloud.notebooks),
        "blob": (f"blob.{cloud.storage}",),
        "file": (f"file.{cloud.storage}",),
        "vault": (cloud.private_vault,),
        "registry": (cloud.registry,),
    }
    return tuple(f"privatelink.{zone}" for zone in zones[group])


class PrivateAccess(pulumi.ComponentResource):
    """A private endpoint in the network's endpoint subnet for each target, with its zones unless a hub makes them."""

    def __init__(
        self,
        name: str,
        used: Completed,
        network: Wiring,
        subnet: str,
        wanted: Mapping[str, Target],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:PrivateAccess", name, None, opts)
        stack = used.stack
        self._stack, self._group = stack, stack.workspace.resource_group
        cloud = cloud_of(stack.location)
        zones: dict[str, pulumi.Output[str]] = {}
        self._zones = {target.group: zones_of(target.group, cloud) for target in wanted.values()} if cloud else {}
        theirs = set(stack.network.zones) if stack.network else set()
        every = sorted({zone for names_of_one in self._zones.values() for zone in names_of_one})
        for zone in every:
            if zone in theirs:
                zones[zone] = id_of(used, f"network.zones.{zone}")
            elif stack.network and stack.network.private_dns_zones == "create":
                zones[zone] = self._zone(name, zone, network)
        for key, target in sorted(wanted.items()):
            self._endpoint(f"{name}-{key}", key, target, network.subnets[subnet], zones)
        self.register_outputs({})

    def _zone(self, name: str, zone: str, network: Wiring) -> pulumi.Output[str]:
        made = privatedns.PrivateZone(
            f"{name}-{zone}",
            private_zone_name=zone,
            resource_group_name=self._group,
            location="global",
            opts=child(self, pulumi.ResourceOptions(depends_on=network.after)),
        )
        privatedns.VirtualNetworkLink(
            f"{name}-{zone}-link",
            virtual_network_link_name=names.in_group("link", self._stack.workspace),
            private_zone_name=zone,
            resource_group_name=self._group,
            location="global",
            registration_enabled=False,
            virtual_network={"id": network.network_id},
            opts=child(self, pulumi.ResourceOptions(depends_on=[made])),
        )
        return made.id

    def _endpoint(
        self,
        name: str,
        key: str,
        target: Target,
        subnet: pulumi.Output[str],
        zones: Mapping[str, pulumi.Output[str]],
    ) -> None:
        endpoint_name = names.in_group(f"pe-{key}", self._stack.workspace)
        connection = {"name": key, "groupIds": [target.group], "privateLinkServiceId": target.resource}
        inputs = {
            "privateEndpointName": endpoint_name,
            "resourceGroupName": self._group,
            "location": self._stack.location,
            "subnet": {"id": subnet},
            "privateLinkServiceConnections": [connection],
            "tags": dict(sorted(self._stack.tags.items())),
        }
        endpoint = NetworkResource("PrivateEndpoint", name, inputs, child(self))
        known = [zone for zone in self._zones.get(target.group, ()) if zone in zones]
        if known:
            group = {
                "privateDnsZoneGroupName": "default",
                "privateEndpointName": endpoint_name,
                "resourceGroupName": self._group,
                "privateDnsZoneConfigs": [
                    {"name": zone.replace(".", "-"), "privateDnsZoneId": zones[zone]} for zone in known
                ],
            }
            after = child(self, pulumi.ResourceOptions(depends_on=[endpoint]))
            NetworkResource("PrivateDnsZoneGroup", f"{name}-zones", group, after)
