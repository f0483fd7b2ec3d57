"""Rules for address ranges: they fit into each other, don't overlap, and have room for what is put there."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from settings.cluster import InferenceCluster
from settings.refusal import Refusal
from settings.stack import Stack

# Azure keeps the first four addresses of a subnet and the last one.
RESERVED = 5
# The workspace's private endpoint takes an address for each of its names, the other four one or two each.
_ENDPOINTS = 11


def subnets_are_inside(stack: Stack) -> Iterator[Refusal]:
    """R141 Each subnet lies in the network's address space.

    Source: Azure Virtual Network.
    Example:
        stack: {network: {addressSpace: [10.20.0.0/16], subnets: {endpoints: 10.21.0.0/24}}}
        endpoint: {}
    """
    if not stack.network:
        return
    space = [IPv4Network(prefix) for prefix in stack.network.address_space]
    for name, prefix in sorted(stack.network.subnets.items()):
        if not any(IPv4Network(prefix).subnet_of(whole) for whole in space):
            expected = f"a range in {', '.join(stack.network.address_space)}"
            cure = "Choose a range inside, or add one to addressSpace."
            yield Refusal("R141", f"network.subnets.{name}", prefix, expected, cure)


def ranges_do_not_meet(stack: Stack) -> Iterator[Refusal]:
    """R142 Subnets do not overlap, nor do the cluster's ranges for pods and services with the network or each other.

    Source: Azure Virtual Network; AKS, IP address planning.
    Example:
        stack: {network: {addressSpace: [10.20.0.0/16], subnets: {nodes: 10.20.0.0/20, training: 10.20.1.0/24}}}
        endpoint: {}
    """
    ranges = {
        f"network.subnets.{name}": prefix for name, prefix in (stack.network.subnets if stack.network else {}).items()
    }
    cluster = stack.inference_cluster
    if cluster:
        ranges["inferenceCluster.serviceCidr"] = cluster.service_cidr
        if cluster.network != "azureCni":
            ranges["inferenceCluster.podCidr"] = cluster.pod_cidr
    for (first, one), (second, other) in combinations(sorted(ranges.items()), 2):
        if IPv4Network(one).overlaps(IPv4Network(other)):
            cure = f"Give {second.rpartition('.')[2]} a range of its own."
            yield Refusal("R142", second, other, f"no address of {first} ({one})", cure)


def named_subnets_exist(stack: Stack) -> Iterator[Refusal]:
    """R143 A subnet that is named is one of the network's.

    Source: Azure Virtual Network.
    Example:
        stack: {training: {cpu: {subnet: training}}}
        endpoint: {}
    """
    if stack.network and stack.network.existing is not None and not stack.network.subnets:
        return  # others own it, and it was not read
    known = sorted(stack.network.subnets) if stack.network else []
    named = {f"training.{name}.subnet": compute.subnet for name, compute in sorted(stack.training.items())}
    if stack.network:
        named["network.endpointSubnet"] = stack.network.endpoint_subnet
    if stack.inference_cluster:
        named["inferenceCluster.subnet"] = stack.inference_cluster.subnet
    for path, name in named.items():
        if name and name not in known:
            expected = f"one of {', '.join(known)}" if known else "a subnet of network; there is none"
            cure = f"Add {name} to network.subnets, or name one that is there."
            yield Refusal("R143", path, name, expected, cure)


def subnets_have_room(stack: Stack) -> Iterator[Refusal]:
    """R144 A subnet has enough addresses for all that may come to be in it, beside the five that Azure keeps.

    A node is one address, and with azureCni each of its pods is one too. Upgrades add a third of a pool's nodes for a
    while. A training node is one address; private endpoints need 11.

    Source: AKS, IP address planning; Azure ML, compute in a virtual network.
    Example:
        stack:
          network: {addressSpace: [10.20.0.0/16], subnets: {nodes: 10.20.0.0/24}}
          inferenceCluster:
            {name: aks-inference, network: azureCni, subnet: nodes,
            userPools: {models: {size: Standard_D8s_v5, min: 3, max: 12}}}
        endpoint: {}
    """
    if not stack.network:
        return
    needs: dict[str, dict[str, int]] = {name: {} for name in stack.network.subnets}
    _add(needs, stack.network.endpoint_subnet, "private endpoints", _ENDPOINTS)
    for name, compute in sorted(stack.training.items()):
        _add(needs, compute.subnet, f"training.{name}", compute.max_nodes)
    if stack.inference_cluster:
        _add(needs, stack.inference_cluster.subnet, stack.inference_cluster.name, addresses(stack.inference_cluster))
    for name, users in needs.items():
        room = IPv4Network(stack.network.subnets[name]).num_addresses - RESERVED
        needed = sum(users.values())
        if needed and needed > room:
            parts = ", ".join(f"{user} {count}" for user, count in users.items())
            bits = 32 - (needed + RESERVED - 1).bit_length()
            cure = f"Give {name} a /{bits} or larger, or put less into it."
            got = f"{stack.network.subnets[name]} has room for {room}, and {needed} are needed ({parts})"
            yield Refusal("R144", f"network.subnets.{name}", got, f"{needed} addresses", cure)


def addresses(cluster: InferenceCluster) -> int:
    """The addresses that a cluster takes from its subnet when every pool is at its largest and being upgraded."""
    total = 0
    for pool in cluster.pools.values():
        nodes = pool.largest + -(-pool.largest // 3)
        total += nodes * (1 + pool.max_pods) if cluster.network == "azureCni" else nodes
    return total


def _add(needs: dict[str, dict[str, int]], subnet: str | None, user: str, count: int) -> None:
    if subnet in needs:
        needs[subnet][user] = count


STACK_RULES = (subnets_are_inside, ranges_do_not_meet, named_subnets_exist, subnets_have_room)
