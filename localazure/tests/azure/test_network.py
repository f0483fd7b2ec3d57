"""Microsoft.Network: networks, security groups, private endpoints, DNS zones, firewall policies."""

from typing import Any

import pytest

from localazure.testing.client import LOCATION, Arm

pytestmark = pytest.mark.anyio
PLACE = {"location": LOCATION}
RULE = {
    "access": "Deny",
    "direction": "Outbound",
    "protocol": "*",
    "priority": 4096,
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "Internet",
    "destinationPortRange": "*",
}


def network(arm: Arm) -> str:
    """The id of the virtual network."""
    return arm.of("Microsoft.Network/virtualNetworks", "vnet")


def network_body(**subnets: dict[str, Any]) -> dict[str, Any]:
    """A PUT of a network, 10.0.0.0/16, with these subnets."""
    each = [{"name": name, "properties": properties} for name, properties in subnets.items()]
    return {**PLACE, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": each}}


async def refusal(arm: Arm, path: str, body: Any, method: str = "PUT") -> str:
    """The code of a request that must be refused."""
    answer = await arm.call(method, path, body)
    assert 400 <= answer.status_code < 500, answer.text
    return str(answer.json()["error"]["code"])


async def test_a_network_takes_time_and_has_its_subnets(estate: Arm) -> None:
    """PUT answers 201 and Updating with an operation; afterwards the network shows its subnets, each a resource."""
    answer = await estate.call("PUT", network(estate), network_body(a={"addressPrefix": "10.0.1.0/24"}))
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (201, "Updating")
    polled = await estate.call("GET", answer.headers["azure-asyncoperation"])
    assert polled.json()["status"] == "InProgress"
    assert await refusal(estate, network(estate), network_body()) == "AnotherOperationInProgress"
    await estate.turn()
    assert (await estate.call("GET", answer.headers["azure-asyncoperation"])).json()["status"] == "Succeeded"
    shown = (await estate.call("GET", network(estate))).json()["properties"]
    assert [subnet["name"] for subnet in shown["subnets"]] == ["a"]
    subnet = (await estate.call("GET", f"{network(estate)}/subnets/a")).json()
    assert subnet["properties"]["privateEndpointNetworkPolicies"] == "Disabled"
    added = await estate.done("PUT", f"{network(estate)}/subnets/b", {"properties": {"addressPrefix": "10.0.2.0/24"}})
    assert added.json()["properties"]["provisioningState"] == "Succeeded"
    listed = (await estate.call("GET", f"{network(estate)}/subnets")).json()["value"]
    assert [each["name"] for each in listed] == ["a", "b"]


@pytest.mark.parametrize(
    ("subnets", "code"),
    [
        ({"a": {"addressPrefix": "10.1.0.0/24"}}, "NetcfgInvalidSubnet"),
        ({"a": {"addressPrefix": "10.0.0.0/30"}}, "NetcfgInvalidSubnet"),
        ({"a": {"addressPrefix": "10.0.0.0/24"}, "b": {"addressPrefix": "10.0.0.0/25"}}, "NetcfgSubnetRangesOverlap"),
        ({"a": {"addressPrefix": "10.0.0.1/24"}}, "InvalidCIDRNotation"),
        ({"a": {}}, "InvalidRequestFormat"),
        ({"a": {"addressPrefix": "10.0.0.0/24", "colour": "blue"}}, "InvalidRequestContent"),
        ({"a": {"addressPrefix": "10.0.0.0/24", "routeTable": {"id": "/nothing"}}}, "InvalidResourceReference"),
    ],
)
async def test_a_subnet_that_cannot_be_is_refused(estate: Arm, subnets: dict[str, Any], code: str) -> None:
    """Outside the space, too small, overlapping, no range, an unknown property, a route table that is not there."""
    assert await refusal(estate, network(estate), network_body(**subnets)) == code


async def test_what_others_stand_on_is_not_deleted(estate: Arm) -> None:
    """A security group in a subnet, a subnet with a private endpoint, and its network stay; without it they go."""
    group = estate.of("Microsoft.Network/networkSecurityGroups", "nsg")
    rules = {"securityRules": [{"name": "deny", "properties": RULE}]}
    await estate.done("PUT", group, {**PLACE, "properties": rules})
    subnet = {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {"id": group}}
    await estate.done("PUT", network(estate), network_body(a=subnet))
    assert await refusal(estate, group, None, "DELETE") == "InUseNetworkSecurityGroupCannotBeDeleted"
    endpoint = await private_endpoint(estate, "blob", "Microsoft.Storage/storageAccounts", "rgstorage")
    assert await refusal(estate, f"{network(estate)}/subnets/a", None, "DELETE") == "InUseSubnetCannotBeDeleted"
    assert await refusal(estate, network(estate), None, "DELETE") == "InUseSubnetCannotBeDeleted"
    assert await refusal(estate, network(estate), network_body()) == "InUseSubnetCannotBeDeleted"
    for path in (endpoint, network(estate), group):
        answer = await estate.call("DELETE", path)
        assert answer.status_code == 202
        await estate.turn()
        assert (await estate.call("GET", path)).status_code == 404
    assert (await estate.call("DELETE", group)).status_code == 204


async def private_endpoint(arm: Arm, group: str, kind: str, name: str) -> str:
    """Make a private endpoint in subnet a."""
    path = arm.of("Microsoft.Network/privateEndpoints", f"pe-{group}")
    answer = await arm.done("PUT", path, endpoint_body(arm, group, arm.of(kind, name)))
    connection = answer.json()["properties"]["privateLinkServiceConnections"][0]["properties"]
    assert connection["privateLinkServiceConnectionState"]["status"] == "Approved"
    return path


def endpoint_body(arm: Arm, group: str, target: str) -> dict[str, Any]:
    """A PUT of a private endpoint in subnet a."""
    connection = {"name": group, "properties": {"groupIds": [group], "privateLinkServiceId": target}}
    subnet = {"id": f"{network(arm)}/subnets/a"}
    return {**PLACE, "properties": {"subnet": subnet, "privateLinkServiceConnections": [connection]}}


async def test_a_private_endpoint_leads_to_what_is_there(estate: Arm) -> None:
    """Its target, group and subnet exist; a registry needs Premium; it is in its network's region."""
    path = estate.of("Microsoft.Network/privateEndpoints", "pe")
    storage = estate.of("Microsoft.Storage/storageAccounts", "rgstorage")
    assert await refusal(estate, path, endpoint_body(estate, "blob", storage)) == "InvalidResourceReference"
    await estate.done("PUT", network(estate), network_body(a={"addressPrefix": "10.0.1.0/24"}))
    assert await refusal(estate, path, endpoint_body(estate, "blob", f"{storage}x")) == "InvalidResourceReference"
    assert await refusal(estate, path, endpoint_body(estate, "vault", storage)) == "InvalidPrivateLinkServiceGroupId"
    registry = estate.of("Microsoft.ContainerRegistry/registries", "rgregistry")
    assert await refusal(estate, path, endpoint_body(estate, "registry", registry)) == "PrivateLinkNotSupported"
    elsewhere = endpoint_body(estate, "blob", storage) | {"location": "eastus"}
    assert await refusal(estate, path, elsewhere) == "InvalidResourceLocation"


async def test_zones_and_links(estate: Arm) -> None:
    """A zone is global, linked once to a network that is there, named by a zone group, and kept while it is linked."""
    await estate.done("PUT", network(estate), network_body(a={"addressPrefix": "10.0.1.0/24"}))
    endpoint = await private_endpoint(estate, "blob", "Microsoft.Storage/storageAccounts", "rgstorage")
    zone = estate.of("Microsoft.Network/privateDnsZones", "privatelink.blob.core.windows.net")
    assert await refusal(estate, zone, PLACE) == "LocationNotSupported"
    configs = [{"name": "blob", "properties": {"privateDnsZoneId": zone}}]
    group, group_body = f"{endpoint}/privateDnsZoneGroups/default", {"properties": {"privateDnsZoneConfigs": configs}}
    assert await refusal(estate, group, group_body) == "InvalidResourceReference"
    assert (await estate.done("PUT", zone, {"location": "global"})).status_code == 200
    assert (await estate.done("PUT", group, group_body)).status_code == 200
    link = {"location": "global", "properties": {"virtualNetwork": {"id": network(estate)}}}
    done = await estate.done("PUT", f"{zone}/virtualNetworkLinks/link", link)
    assert done.json()["properties"]["virtualNetworkLinkState"] == "Completed"
    assert await refusal(estate, f"{zone}/virtualNetworkLinks/again", link) == "Conflict"
    assert await refusal(estate, zone, None, "DELETE") == "CannotDeleteResource"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"priority": 99}, "SecurityRuleInvalidPriority"),
        ({"protocol": "tcp/ip"}, "InvalidRequestContent"),
        ({"destinationPortRanges": ["80", "443"]}, "SecurityRuleParameterNotSpecified"),
    ],
)
async def test_a_security_rule_that_cannot_be_is_refused(estate: Arm, change: dict[str, Any], code: str) -> None:
    """A priority out of range, an unknown protocol, ports said twice; and a priority that is taken."""
    group = estate.of("Microsoft.Network/networkSecurityGroups", "nsg")
    body = {**PLACE, "properties": {"securityRules": [{"name": "deny", "properties": {**RULE, **change}}]}}
    assert await refusal(estate, group, body) == code
    twice = [{"name": name, "properties": RULE} for name in ("one", "two")]
    assert await refusal(estate, group, {**PLACE, "properties": {"securityRules": twice}}) == "SecurityRuleConflict"


async def test_firewall_policies(estate: Arm) -> None:
    """A policy with a group of application rules; rules need sources and hosts, groups their policy."""
    policy = estate.of("Microsoft.Network/firewallPolicies", "policy")
    rule = {
        "ruleType": "ApplicationRule",
        "name": "mcr",
        "protocols": [{"protocolType": "Https", "port": 443}],
        "sourceAddresses": ["10.0.0.0/16"],
        "targetFqdns": ["mcr.microsoft.com"],
    }

    def group(**changed: Any) -> dict[str, Any]:
        kind = "FirewallPolicyFilterRuleCollection"
        collection = {"ruleCollectionType": kind, "name": "ml", "priority": 200, "action": {"type": "Allow"}}
        return {"properties": {"priority": 200, "ruleCollections": [{**collection, "rules": [{**rule, **changed}]}]}}

    path = f"{policy}/ruleCollectionGroups/ml"
    assert await refusal(estate, path, group()) == "ParentResourceNotFound"
    await estate.done("PUT", policy, PLACE)
    assert await refusal(estate, path, group(sourceAddresses=[])) == "InvalidRequestFormat"
    assert await refusal(estate, path, group(targetFqdns=[])) == "InvalidRequestFormat"
    assert await refusal(estate, path, group(port=443)) == "InvalidRequestContent"
    assert (await estate.done("PUT", path, group())).json()["properties"]["provisioningState"] == "Succeeded"


async def test_routes_through_an_appliance(estate: Arm) -> None:
    """An appliance has an address, and nothing else has."""
    table = estate.of("Microsoft.Network/routeTables", "rt")

    def body(**route: Any) -> dict[str, Any]:
        properties = {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", **route}
        return {**PLACE, "properties": {"routes": [{"name": "out", "properties": properties}]}}

    assert await refusal(estate, table, body()) == "InvalidRequestFormat"
    assert (
        await refusal(estate, table, body(nextHopType="Internet", nextHopIpAddress="10.0.0.4"))
        == "InvalidRequestFormat"
    )
    assert (await estate.done("PUT", table, body(nextHopIpAddress="10.0.0.4"))).status_code == 200
