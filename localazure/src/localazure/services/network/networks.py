"""Virtual networks and their subnets, which are resources of their own and written in the network's body as well."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any, Literal

from localazure.arm.bodies import Body, Child, Flag, Reference, Text, TrackedResource, Whole
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.network import names
from localazure.services.network.errors import bad_format
from localazure.store import Record

SMALLEST = 29  # a /29 has 8 addresses, of which Azure keeps 5


class ServiceEndpoint(Body):
    """A service that is reached from the subnet by Azure's own network."""

    read_only = frozenset({"provisioningState"})
    service: Text
    locations: list[Text] | None = None


class DelegationProperties(Body):
    """Which service the subnet is given to."""

    read_only = frozenset({"provisioningState", "actions"})
    service_name: Text


class Delegation(Child):
    """A delegation; its name is written by the caller."""

    read_only = frozenset({"id", "type", "etag"})
    name: Text
    properties: DelegationProperties


class SubnetProperties(Body):
    """Properties of a subnet."""

    read_only = frozenset({"provisioningState", "purpose", "privateEndpoints", "ipConfigurations"})
    address_prefix: Text | None = None
    address_prefixes: list[Text] | None = None
    default_outbound_access: Flag | None = None
    delegations: list[Delegation] | None = None
    network_security_group: Reference | None = None
    route_table: Reference | None = None
    private_endpoint_network_policies: (
        Literal["Enabled", "Disabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"] | None
    ) = None
    private_link_service_network_policies: Literal["Enabled", "Disabled"] | None = None
    service_endpoints: list[ServiceEndpoint] | None = None


class SubnetBody(Child):
    """PUT of a subnet."""

    properties: SubnetProperties


class Subnet(Child):
    """A subnet in the network's body."""

    read_only = frozenset({"id", "type", "etag"})
    name: Text
    properties: SubnetProperties


class AddressSpace(Body):
    """The ranges of a network."""

    address_prefixes: list[Text]


class DhcpOptions(Body):
    """Name servers of one's own."""

    dns_servers: list[Text]


class NetworkProperties(Body):
    """Properties of a virtual network."""

    read_only = frozenset({"provisioningState", "resourceGuid", "virtualNetworkPeerings"})
    address_space: AddressSpace
    dhcp_options: DhcpOptions | None = None
    enable_ddos_protection: Flag | None = None
    flow_timeout_in_minutes: Whole | None = None
    private_endpoint_v_net_policies: Literal["Disabled", "Basic"] | None = None
    subnets: list[Subnet] | None = None


class NetworkBody(TrackedResource):
    """PUT of a virtual network."""

    properties: NetworkProperties


def build_network(azure: Azure, body: NetworkBody) -> Made:
    """The network's document, without its subnets: they are stored beside it. Checks all of them together."""
    sent = body.properties
    space = [parse(prefix, "addressSpace") for prefix in sent.address_space.address_prefixes]
    if not space:
        raise bad_format("addressSpace.addressPrefixes of a virtual network must have at least one range.")
    subnets = {subnet.name: subnet.properties for subnet in sent.subnets or []}
    if len(subnets) != len(sent.subnets or []):
        raise bad_format("Two subnets of a virtual network have the same name.")
    check_ranges(space, {name: prefixes(properties, name) for name, properties in subnets.items()})
    for name, properties in subnets.items():
        check_references(azure, name, properties)
    plain = {"enableDdosProtection": False, "virtualNetworkPeerings": []}
    return Made(plain | {key: value for key, value in sent.sent().items() if key != "subnets"})


def build_subnet(azure: Azure, subnet: ResourceId, body: SubnetBody, others: list[Record], network: Record) -> Made:
    """The document of a subnet that is written by itself."""
    space = [parse(prefix, "addressSpace") for prefix in network.properties["addressSpace"]["addressPrefixes"]]
    taken = {other.name: stored_prefixes(other) for other in others if other.name.lower() != subnet.name.lower()}
    check_ranges(space, taken | {subnet.name: prefixes(body.properties, subnet.name)})
    check_references(azure, subnet.name, body.properties)
    return Made(subnet_properties(body.properties))


def subnet_properties(sent: SubnetProperties) -> dict[str, Any]:
    """The properties as a GET shows them."""
    return {
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
        **sent.sent(),
        "provisioningState": "Succeeded",
    }


def prefixes(sent: SubnetProperties, name: str) -> list[IPv4Network]:
    """The subnet's ranges; it has at least one."""
    given = sent.address_prefixes or ([sent.address_prefix] if sent.address_prefix else [])
    if not given:
        raise bad_format(f"Subnet '{name}' needs properties.addressPrefix.")
    return [parse(prefix, f"subnets.{name}") for prefix in given]


def stored_prefixes(subnet: Record) -> list[IPv4Network]:
    """The ranges of a subnet that is there."""
    has = subnet.properties
    return [IPv4Network(prefix) for prefix in has.get("addressPrefixes") or [has["addressPrefix"]]]


def parse(prefix: str, path: str) -> IPv4Network:
    """An IPv4 range in CIDR; raises ArmError 400."""
    try:
        return IPv4Network(prefix)
    except ValueError as error:
        raise bad_request(
            "InvalidCIDRNotation", f"The address prefix {prefix} of {path} is invalid: {error}."
        ) from None


def check_ranges(space: list[IPv4Network], subnets: Mapping[str, list[IPv4Network]]) -> None:
    """Every subnet lies in the network's space, is large enough, and overlaps no other."""
    every = [(name, prefix) for name, given in subnets.items() for prefix in given]
    for number, (name, prefix) in enumerate(every):
        if not any(prefix.subnet_of(whole) for whole in space):
            message = f"Subnet '{name}' is not valid because its range {prefix} is outside the virtual network's."
            raise bad_request("NetcfgInvalidSubnet", message)
        if prefix.prefixlen > SMALLEST:
            message = f"Subnet '{name}' is not valid: its prefix {prefix} is smaller than /{SMALLEST}."
            raise bad_request("NetcfgInvalidSubnet", message)
        for other, taken in every[:number]:
            if prefix.overlaps(taken):
                message = (
                    f"Subnet '{name}' is not valid because its range {prefix} overlaps that of '{other}', {taken}."
                )
                raise bad_request("NetcfgSubnetRangesOverlap", message)


def check_references(azure: Azure, name: str, sent: SubnetProperties) -> None:
    """The security group and the route table that a subnet names are there."""
    for path, reference, kind in (
        ("networkSecurityGroup", sent.network_security_group, names.SECURITY_GROUP),
        ("routeTable", sent.route_table, names.ROUTE_TABLE),
    ):
        if reference is not None:
            names.require_named(azure, f"subnets.{name}.{path}", reference.id, kind)
