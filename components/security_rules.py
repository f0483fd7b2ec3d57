"""The rules of the network security group that `egress.control: nsg` puts on every subnet."""

from typing import Any

from rollout.egress import Opening, openings, tags
from settings.stack import Stack

_FIRST_PRIORITY, _LAST_PRIORITY = 100, 4096


def security_rules(stack: Stack) -> list[dict[str, Any]]:
    """The services' tags out and nothing else of the internet; in, what would end at the group's closed door.

    That is requests to a router with a public address, and pods whose addresses are not the network's own.
    Source: AKS, Azure CNI Overlay (network security groups); Azure ML, configure inbound and outbound traffic.
    """
    allowed = [_rule(f"allow-{tag.lower().replace('.', '-')}", "Allow", tag, "443") for tag in tags(stack)]
    within = _rule("allow-virtual-network", "Allow", "VirtualNetwork", "*")
    further = [_port_rule(opening) for opening in openings(stack)]
    pods = _pods(stack)
    if pods:
        further.append(_rule("allow-pods", "Allow", pods, "*"))
    outbound = [*_numbered([within, *allowed, *further]), _last(_rule("deny-internet", "Deny", "Internet", "*"))]
    return [*outbound, *_numbered(_inbound(stack, pods))]


def _inbound(stack: Stack, pods: str | None) -> list[dict[str, Any]]:
    rules = []
    if pods:
        rules.append(_rule("allow-from-pods", "Allow", "*", "*", inbound_from=pods))
    for port in _public_ports(stack):
        rules.append(_rule(f"allow-requests-{port}", "Allow", "*", port, inbound_from="Internet"))
    return rules


def _public_ports(stack: Stack) -> tuple[str, ...]:
    """The ports on which everybody may reach the router: none where it is internal, or not in a subnet of the stack."""
    cluster = stack.inference_cluster
    if cluster is None or cluster.subnet is None or cluster.attach.kind == "none":
        return ()
    router, legacy = cluster.attach.router, cluster.attach.legacy
    if cluster.attach.kind == "legacy":
        is_public, is_tls = (
            not (legacy and legacy.load_balancer == "internal"),
            bool(legacy and legacy.leaf_domain_label),
        )
    else:
        is_public = router.service == "loadBalancer" and not router.internal_load_balancer
        is_tls = router.tls is not None
    return (("443",) if is_tls else ("80",)) if is_public else ()


def _pods(stack: Stack) -> str | None:
    cluster = stack.inference_cluster
    return cluster.pod_cidr if cluster and cluster.subnet and cluster.network == "overlay" else None


def _numbered(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule | {"priority": _FIRST_PRIORITY + 10 * index} for index, rule in enumerate(rules)]


def _last(rule: dict[str, Any]) -> dict[str, Any]:
    return rule | {"priority": _LAST_PRIORITY}


def _port_rule(opening: Opening) -> dict[str, Any]:
    rule = _rule(f"allow-{opening.name}", "Allow", opening.tag, opening.ports[0]) | {"protocol": opening.protocol}
    if len(opening.ports) > 1:
        del rule["destinationPortRange"]
        rule["destinationPortRanges"] = list(opening.ports)
    return rule


def _rule(name: str, access: str, destination: str, port: str, *, inbound_from: str | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "access": access,
        "direction": "Inbound" if inbound_from else "Outbound",
        "protocol": "Tcp" if port != "*" else "*",
        "sourceAddressPrefix": inbound_from or "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": destination,
        "destinationPortRange": port,
    }
