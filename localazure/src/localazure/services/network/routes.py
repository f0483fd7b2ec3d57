"""Microsoft.Network over HTTP, and what its types do besides being stored."""

from collections.abc import Callable
from functools import partial
from typing import Any

from localazure.arm.bodies import check
from localazure.arm.catalog import Call, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request, conflict
from localazure.arm.ids import ResourceId
from localazure.arm.lasting import LastingType, by_location, status_type
from localazure.arm.resources import Made, new_document, require_parent
from localazure.services.network import dns, firewall, names, networks, private_endpoints, security
from localazure.services.network.errors import in_use
from localazure.store import Record

# Seconds; nobody has recorded them: orders of magnitude of the service.
QUICK = {"create": 5.0, "update": 5.0, "delete": 10.0}
SLOW = {"create": 60.0, "update": 30.0, "delete": 30.0}
STATUS = "operations"
ZONE_STATUS = "privateDnsOperationStatuses"


class NetworkType(LastingType):
    """A type of this provider: it is `Updating` from the first, and what others stand on is not deleted."""

    creating = "Updating"
    used_by: tuple[str, ...] = ()
    in_use_code = ""

    def refuse_delete(self, record: Record) -> None:
        """Refuse while one of `used_by` names it."""
        if found := names.users(self.azure, record.id, *self.used_by):
            raise in_use(self.in_use_code, record, found)


class SecurityGroups(NetworkType):
    """Network security groups."""

    used_by = (names.SUBNET,)
    in_use_code = "InUseNetworkSecurityGroupCannotBeDeleted"


class RouteTables(NetworkType):
    """Route tables."""

    used_by = (names.SUBNET,)
    in_use_code = "InUseRouteTableCannotBeDeleted"


class Subnets(NetworkType):
    """Subnets written by themselves."""

    used_by = names.IN_SUBNETS
    in_use_code = "InUseSubnetCannotBeDeleted"


class Networks(NetworkType):
    """Virtual networks; a PUT writes their subnets too, and removes those that it does not name."""

    def shown(self, record: Record) -> dict[str, Any]:
        """With its subnets, as they are now."""
        subnets = [subnet.document for subnet in reversed(self.azure.store.children(record.id, names.SUBNET))]
        return record.document | {"properties": record.properties | {"subnets": subnets}}

    def refuse_delete(self, record: Record) -> None:
        """Refuse while anything is in one of its subnets."""
        for subnet in self.azure.store.children(record.id, names.SUBNET):
            self._refuse_in_use(subnet)

    def written(self, call: Call, record: Record) -> None:
        """Store the subnets."""
        body = check(networks.NetworkBody, call.body)
        before = {subnet.name.lower(): subnet for subnet in self.azure.store.children(record.id, names.SUBNET)}
        wanted = {subnet.name.lower(): subnet for subnet in body.properties.subnets or []}
        for name, subnet in before.items():
            if name not in wanted:
                self._refuse_in_use(subnet)
                self.azure.store.delete(subnet.id)
        for name, sent in wanted.items():
            old = before.get(name)
            document = dict(old.document) if old else new_document(record, names.SUBNET, sent.name)
            document["properties"] = networks.subnet_properties(sent.properties)
            self.azure.store.put(Record(names.SUBNET, record.id, document))

    def _refuse_in_use(self, subnet: Record) -> None:
        if found := names.users(self.azure, subnet.id, *Subnets.used_by):
            raise in_use(Subnets.in_use_code, subnet, found)


class Endpoints(NetworkType):
    """Private endpoints; their zone groups go with them."""

    def fixed(self, name: str, path: str) -> ArmError:
        """As the service says it of the subnet."""
        if path == "subnet":
            return bad_request("CannotChangeSubnet", f"The subnet of private endpoint '{name}' cannot change.")
        return super().fixed(name, path)


class Policies(NetworkType):
    """Firewall policies."""

    used_by = (names.POLICY,)
    in_use_code = "FirewallPolicyInUseCannotBeDeleted"


class Zones(LastingType):
    """Private DNS zones."""

    def refuse_delete(self, record: Record) -> None:
        """Refuse while it is linked to a network."""
        if links := self.azure.store.children(record.id, names.LINK):
            by = ", ".join(link.name for link in links)
            message = f"Can not delete resource before nested resources are deleted: '{record.name}' is linked by {by}."
            raise conflict("CannotDeleteResource", message)


def resource_types(azure: Azure) -> list[ResourceType]:
    """Everything of the provider that is modelled."""
    place, zone_place = by_location(names.PROVIDER, STATUS), _zone_status

    def build_subnet(subnet: ResourceId, body: networks.SubnetBody, before: Record | None) -> Made:
        del before
        network = require_parent(azure, subnet)
        return networks.build_subnet(azure, subnet, body, azure.store.children(network.id, names.SUBNET), network)

    def build_network(network: ResourceId, body: networks.NetworkBody, before: Record | None) -> Made:
        del network, before
        return networks.build_network(azure, body)

    def of(build: Callable[..., Made]) -> Callable[..., Made]:
        return partial(build, azure)

    endpoint, group = private_endpoints.build_endpoint, private_endpoints.build_zone_group
    kinds: list[LastingType] = [
        Networks(azure, names.NETWORK, networks.NetworkBody, build_network, QUICK, place),
        Subnets(azure, names.SUBNET, networks.SubnetBody, build_subnet, QUICK, place),
        SecurityGroups(azure, names.SECURITY_GROUP, security.GroupBody, of(security.build_group), QUICK, place),
        RouteTables(azure, names.ROUTE_TABLE, security.TableBody, of(security.build_table), QUICK, place),
        Endpoints(azure, names.ENDPOINT, private_endpoints.EndpointBody, of(endpoint), SLOW, place),
        NetworkType(azure, names.ZONE_GROUP, private_endpoints.ZoneGroupBody, of(group), QUICK, place),
        Policies(azure, names.POLICY, firewall.PolicyBody, of(firewall.build_policy), QUICK, place),
        NetworkType(azure, names.RULE_GROUP, firewall.GroupBody, of(firewall.build_rules), SLOW, place),
        Zones(azure, names.ZONE, dns.ZoneBody, of(dns.build_zone), SLOW, zone_place),
        LastingType(azure, names.LINK, dns.LinkBody, of(dns.build_link), SLOW, zone_place),
    ]
    statuses = [f"{names.PROVIDER}/locations/{STATUS}", f"{names.PROVIDER}/{ZONE_STATUS}"]
    return [*(kind.resource_type() for kind in kinds), *(status_type(azure, name) for name in statuses)]


def _zone_status(record: Record, name: str) -> str:
    group = "/".join(record.id.split("/")[:5])
    return f"{group}/providers/{names.PROVIDER}/{ZONE_STATUS}/{name}"
