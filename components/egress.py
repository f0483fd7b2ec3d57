"""The way out of the stack's subnets, held to the hosts of `rollout.egress`."""

from typing import Any

import pulumi

from components.foundation import Foundation
from components.network_types import NetworkResource
from components.options import child
from components.security_rules import security_rules
from rollout.egress import Host, hosts, openings
from settings import names
from settings.network import Network
from settings.stack import Stack


def control(parent: pulumi.Resource, name: str, stack: Stack, wanted: Network, base: Foundation) -> dict[str, Any]:
    """Declares what `network.egress` asks for; returns the keys that each subnet carries to obey it.

    A network security group knows addresses and not hosts, so it allows the services' tags; a firewall knows hosts.
    """
    tagged: dict[str, Any] = {
        "resourceGroupName": base.resource_group,
        "location": stack.location,
        "tags": dict(sorted(stack.tags.items())),
    }
    options = child(parent, pulumi.ResourceOptions(depends_on=base.after))
    if wanted.egress.control == "nsg":
        inputs = {
            "networkSecurityGroupName": names.in_group("nsg", stack.workspace),
            "securityRules": security_rules(stack),
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
        "ruleCollections": [collection, *_network_rules(stack, wanted)],
    }
    after = child(parent, pulumi.ResourceOptions(depends_on=[policy]))
    NetworkResource("FirewallPolicyRuleCollectionGroup", f"{name}-policy-rules", inputs, after)


def _network_rules(stack: Stack, wanted: Network) -> list[dict[str, Any]]:
    """What is not HTTPS, by service tag: a firewall's rules by host are for HTTP and HTTPS only."""
    rules = [
        {
            "ruleType": "NetworkRule",
            "name": opening.name,
            "ipProtocols": [opening.protocol.upper()],
            "sourceAddresses": list(wanted.address_space),
            "destinationAddresses": [opening.tag],
            "destinationPorts": list(opening.ports),
        }
        for opening in openings(stack)
    ]
    collection = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "azure-ml-ports",
        "priority": 210,
        "action": {"type": "Allow"},
        "rules": rules,
    }
    return [collection] if rules else []


def _application_rule(host: Host, wanted: Network) -> dict[str, Any]:
    return {
        "ruleType": "ApplicationRule",
        "name": host.host.replace("*.", "any-"),
        "description": f"{host.purpose} ({host.source})",
        "protocols": [{"protocolType": "Https", "port": host.port}],
        "sourceAddresses": list(wanted.address_space),
        "targetFqdns": [host.host],
    }
