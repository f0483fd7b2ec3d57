"""Private endpoints, and the groups that put their names into private DNS zones."""

from collections.abc import Mapping
from typing import Any, Literal

from localazure.arm.bodies import Body, Child, Reference, Text, TrackedResource, normal_location
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.network import names
from localazure.services.network.errors import bad_format, no_such
from localazure.store import Record

# Group ids of what can be reached by a private endpoint here. Source: Azure Private Link, private-link resources.
GROUPS: Mapping[str, frozenset[str]] = {
    "microsoft.storage/storageaccounts": frozenset({"blob", "file", "queue", "table", "web", "dfs"}),
    "microsoft.keyvault/vaults": frozenset({"vault"}),
    "microsoft.containerregistry/registries": frozenset({"registry"}),
    "microsoft.machinelearningservices/workspaces": frozenset({"amlworkspace"}),
}


class ConnectionProperties(Body):
    """What a private endpoint leads to."""

    read_only = frozenset({"provisioningState", "privateLinkServiceConnectionState"})
    private_link_service_id: Text
    group_ids: list[Text]
    request_message: Text | None = None


class Connection(Child):
    """A connection in the endpoint's body."""

    read_only = frozenset({"id", "type", "etag"})
    name: Text
    properties: ConnectionProperties


class EndpointProperties(Body):
    """Properties of a private endpoint."""

    read_only = frozenset({"provisioningState", "networkInterfaces"})
    subnet: Reference
    private_link_service_connections: list[Connection] | None = None
    manual_private_link_service_connections: list[Connection] | None = None
    custom_network_interface_name: Text | None = None
    ip_version_type: Literal["IPv4", "IPv6", "DualStack"] | None = None


class EndpointBody(TrackedResource):
    """PUT of a private endpoint."""

    properties: EndpointProperties


class ZoneConfigProperties(Body):
    """Which zone gets the records."""

    read_only = frozenset({"recordSets"})
    private_dns_zone_id: Text


class ZoneConfig(Body):
    """One zone of a group."""

    name: Text
    properties: ZoneConfigProperties


class ZoneGroupProperties(Body):
    """Properties of a private DNS zone group."""

    read_only = frozenset({"provisioningState"})
    private_dns_zone_configs: list[ZoneConfig]


class ZoneGroupBody(Child):
    """PUT of a private DNS zone group."""

    properties: ZoneGroupProperties


def build_endpoint(azure: Azure, endpoint: ResourceId, body: EndpointBody, before: Record | None) -> Made:
    """The endpoint's document; its one connection is approved at once, as within a subscription."""
    del before
    sent = body.properties
    subnet = names.require_named(azure, "properties.subnet", sent.subnet.id, names.SUBNET)
    network = azure.store.get(subnet.above)
    if network is not None and network.document["location"] != normal_location(body.location):
        message = (
            f"The private endpoint '{endpoint.name}' must be in the location of its virtual network "
            f"({network.document['location']}), got {body.location}."
        )
        raise bad_request("InvalidResourceLocation", message)
    connections = [
        *(sent.private_link_service_connections or []),
        *(sent.manual_private_link_service_connections or []),
    ]
    if len(connections) != 1:
        raise bad_format(f"The private endpoint '{endpoint.name}' must have one connection, got {len(connections)}.")
    check_connection(azure, connections[0])
    properties = {"manualPrivateLinkServiceConnections": [], "customDnsConfigs": [], **sent.sent()}
    for connection in properties.get("privateLinkServiceConnections", []):
        connection["properties"] |= {
            "provisioningState": "Succeeded",
            "privateLinkServiceConnectionState": {"status": "Approved", "actionsRequired": "None"},
        }
    return Made(properties)


def check_connection(azure: Azure, connection: Connection) -> None:
    """What a connection leads to is there, can be reached so, and has such a group."""
    target, groups = connection.properties.private_link_service_id, connection.properties.group_ids
    record = azure.store.get(target)
    if record is None:
        raise no_such(f"connection {connection.name}", target)
    has = GROUPS.get(record.type.lower(), frozenset())
    if len(groups) != 1 or groups[0] not in has:
        expected = f"one of {', '.join(sorted(has))}" if has else "none: this type has no private link here"
        message = f"Connection '{connection.name}' to {target}: groupIds must be {expected}; got {', '.join(groups)}."
        raise bad_request("InvalidPrivateLinkServiceGroupId", message)
    if groups == ["registry"] and record.document["sku"]["name"] != "Premium":
        message = f"The registry '{record.name}' has no private link: that takes the SKU Premium."
        raise bad_request("PrivateLinkNotSupported", message)


def build_zone_group(azure: Azure, group: ResourceId, body: ZoneGroupBody, before: Record | None) -> Made:
    """The group's document; its zones are there."""
    del group, before
    for config in body.properties.private_dns_zone_configs:
        path = f"privateDnsZoneConfigs.{config.name}"
        names.require_named(azure, path, config.properties.private_dns_zone_id, names.ZONE)
    properties: dict[str, Any] = body.properties.sent()
    return Made(properties)
