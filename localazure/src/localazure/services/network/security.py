"""Network security groups and route tables."""

from typing import Literal

from localazure.arm.bodies import Body, Child, Flag, Text, TrackedResource, Whole
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.network.errors import bad_format
from localazure.services.network.networks import parse
from localazure.store import Record

PRIORITIES = range(100, 4097)


class RuleProperties(Body):
    """Properties of a security rule: on each side one address or several, one port range or several."""

    read_only = frozenset({"provisioningState"})
    access: Literal["Allow", "Deny"]
    direction: Literal["Inbound", "Outbound"]
    protocol: Literal["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"]
    priority: Whole
    description: Text | None = None
    source_address_prefix: Text | None = None
    source_address_prefixes: list[Text] | None = None
    source_port_range: Text | None = None
    source_port_ranges: list[Text] | None = None
    destination_address_prefix: Text | None = None
    destination_address_prefixes: list[Text] | None = None
    destination_port_range: Text | None = None
    destination_port_ranges: list[Text] | None = None


class Rule(Child):
    """A security rule in the group's body."""

    read_only = frozenset({"id", "type", "etag"})
    name: Text
    properties: RuleProperties


class GroupProperties(Body):
    """Properties of a network security group."""

    read_only = frozenset(
        {"provisioningState", "resourceGuid", "defaultSecurityRules", "networkInterfaces", "subnets", "flowLogs"}
    )
    flush_connection: Flag | None = None
    security_rules: list[Rule] | None = None


class GroupBody(TrackedResource):
    """PUT of a network security group."""

    properties: GroupProperties = GroupProperties()


class RouteProperties(Body):
    """Where a route leads."""

    read_only = frozenset({"provisioningState", "hasBgpOverride"})
    address_prefix: Text
    next_hop_type: Literal["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"]
    next_hop_ip_address: Text | None = None


class Route(Child):
    """A route in the table's body."""

    read_only = frozenset({"id", "type", "etag"})
    name: Text
    properties: RouteProperties


class TableProperties(Body):
    """Properties of a route table."""

    read_only = frozenset({"provisioningState", "resourceGuid", "subnets"})
    disable_bgp_route_propagation: Flag | None = None
    routes: list[Route] | None = None


class TableBody(TrackedResource):
    """PUT of a route table."""

    properties: TableProperties = TableProperties()


def build_group(azure: Azure, group: ResourceId, body: GroupBody, before: Record | None) -> Made:
    """The group's document. A priority is taken once in each direction."""
    del azure, before
    taken: dict[tuple[str, int], str] = {}
    for rule in body.properties.security_rules or []:
        check_rule(group.name, rule)
        key = (rule.properties.direction, rule.properties.priority)
        if key in taken:
            message = f"Rules '{taken[key]}' and '{rule.name}' have the same priority {key[1]} and direction {key[0]}."
            raise bad_request("SecurityRuleConflict", message)
        taken[key] = rule.name
    return Made({"securityRules": [], **body.properties.sent()})


def check_rule(group: str, rule: Rule) -> None:
    """A rule's priority, and that each side is said once."""
    properties = rule.properties
    if properties.priority not in PRIORITIES:
        message = f"Rule '{rule.name}' of '{group}': priority must be 100 to 4096, got {properties.priority}."
        raise bad_request("SecurityRuleInvalidPriority", message)
    sent = properties.sent()
    for one in ("sourceAddressPrefix", "destinationAddressPrefix", "sourcePortRange", "destinationPortRange"):
        several = f"{one}es" if one.endswith("Prefix") else f"{one}s"
        if (one in sent) == bool(sent.get(several)):
            message = f"Rule '{rule.name}' of '{group}' must have either {one} or {several}."
            raise bad_request("SecurityRuleParameterNotSpecified", message)


def build_table(azure: Azure, table: ResourceId, body: TableBody, before: Record | None) -> Made:
    """The table's document. An appliance has an address, and only an appliance."""
    del azure, before
    for route in body.properties.routes or []:
        parse(route.properties.address_prefix, f"route {route.name}")
        is_appliance = route.properties.next_hop_type == "VirtualAppliance"
        if is_appliance != bool(route.properties.next_hop_ip_address):
            raise bad_format(
                f"Route '{route.name}' of '{table.name}': nextHopIpAddress is for nextHopType VirtualAppliance, and "
                "needed there."
            )
    return Made({"disableBgpRoutePropagation": False, "routes": [], **body.properties.sent()})
