"""The way out of the stack's subnets, held to the hosts of `rollout.egress`."""

from typing import Any

import pulumi

from components.base import Base
from components.network_types import NetworkResource
from components.options import child
from rollout.egress import Host, hosts, tags
from settings import names
from settings.network import Network
from settings.stack import Stack

_FIRST_PRIORITY, _LAST_PRIORITY = 100, 4096


def control(parent: pulumi.Resource, name: str, stack: Stack, wanted: Network, base: Base) -> dict[str, Any]:
    """Declares what `network.egress` asks for; returns the keys that each subnet carries to obey it.

    A network security group knows addresses and not hosts, so it allows the services' tags; a firewall knows hosts.
    """
    tagged: dict[str, Any] = {
        "resourceGroupName": base.resource_group,
        "location": stack.location,
        "tags": dict(sorted(stack.tags.items())),
    }
    options = child(parent, pulumi.ResourceOptions(depends_on=[base]))
    if wanted.egress.control == "nsg":
        inputs = {
            "networkSecurityGroupName": names.in_group("nsg", stack.workspace),
            "securityRules": _security_rules(stack),
            **tagged,
        }
        return {
            "networkSecurityGroup": {"id": NetworkResource("NetworkSecurityGroup", f"{name}-nsg", inputs, options).id}
        }
    if wanted.egress.control == "none":
        return {}
    _firewall_policy(parent, name, stack, wanted, tagged, options)
    if not wanted.egress.firewall_address:
        return {}
    route = {
        "name": "through-the-firewall",
        "addressPrefix": "0.0.0.0/0",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": wanted.egress.firewall_address,
    }
    inputs = {"routeTableName": names.in_group("rt", stack.workspace), "routes": [route], **tagged}
    return {"routeTable": {"id": NetworkResource("RouteTable", f"{name}-routes", inputs, options).id}}


def _security_rules(stack: Stack) -> list[dict[str, Any]]:
    allowed = [_rule(f"allow-{tag.lower().replace('.', '-')}", "Allow", tag, "443") for tag in tags(stack)]
    within = _rule("allow-virtual-network", "Allow", "VirtualNetwork", "*")
    numbered = [rule | {"priority": _FIRST_PRIORITY + 10 * index} for index, rule in enumerate([within, *allowed])]
    return [*numbered, _rule("deny-internet", "Deny", "Internet", "*") | {"priority": _LAST_PRIORITY}]


def _rule(name: str, access: str, destination: str, port: str) -> dict[str, Any]:
    return {
        "name": name,
        "access": access,
        "direction": "Outbound",
        "protocol": "Tcp" if port != "*" else "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": destination,
        "destinationPortRange": port,
    }


def _firewall_policy(
    parent: pulumi.Resource,
    name: str,
    stack: Stack,
    wanted: Network,
    tagged: dict[str, Any],
    options: pulumi.ResourceOptions,
) -> None:
    policy_name = names.in_group("afwp", stack.workspace)
    policy = NetworkResource("FirewallPolicy", f"{name}-policy", {"firewallPolicyName": policy_name, **tagged}, options)
    collection = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "azure-ml",
        "priority": 200,
        "action": {"type": "Allow"},
        "rules": [_application_rule(host, wanted) for host in hosts(stack)],
    }
    inputs = {
        "ruleCollectionGroupName": "azure-ml",
        "firewallPolicyName": policy_name,
        "resourceGroupName": tagged["resourceGroupName"],
        "priority": 200,
        "ruleCollections": [collection],
    }
    after = child(parent, pulumi.ResourceOptions(depends_on=[policy]))
    NetworkResource("FirewallPolicyRuleCollectionGroup", f"{name}-policy-rules", inputs, after)


def _application_rule(host: Host, wanted: Network) -> dict[str, Any]:
    return {
        "ruleType": "ApplicationRule",
        "name": host.host.replace("*.", "any-"),
        "description": f"{host.purpose} ({host.source})",
        "protocols": [{"protocolType": "Https", "port": host.port}],
        "sourceAddresses": list(wanted.address_space),
        "targetFqdns": [host.host],
    }
