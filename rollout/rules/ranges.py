"""Rules for the inference cluster's networks: ranges that AKS takes, who reaches the API server and the router."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from settings.cluster import InferenceCluster
from settings.refusal import Refusal
from settings.stack import Stack

_RESERVED = ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
_NODE_PREFIX = 24  # each node's pods get a /24 of the pod range
_KUBENET_NODES = 400
_MOST_RANGES = 200
_SMALLEST_SUBNET = 29
_NAME_OF_NODES = 80


def service_range_is_of_a_size(stack: Stack) -> Iterator[Refusal]:
    """R181 The range for services is smaller than a /12, and has 16 addresses or more: the tenth is the name server's.

    Source: AKS, IP address planning (service CIDR, DNS service IP).
    Example:
        stack: {inferenceCluster: {name: aks-inference, serviceCidr: 10.0.0.0/30}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if cluster and not 12 < IPv4Network(cluster.service_cidr).prefixlen <= 28:
        cure = "Write for example serviceCidr: 10.0.0.0/16."
        yield Refusal("R181", "inferenceCluster.serviceCidr", cluster.service_cidr, "a /13 to /28", cure)


def ranges_are_free(stack: Stack) -> Iterator[Refusal]:
    """R182 The cluster's pods, services and network don't use the ranges that AKS keeps for itself.

    Source: AKS, IP address planning: 169.254.0.0/16, 172.30.0.0/16, 172.31.0.0/16, 192.0.2.0/24.
    Example:
        stack: {inferenceCluster: {name: aks-inference, podCidr: 172.31.0.0/16}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster:
        return
    ranges = [("inferenceCluster.serviceCidr", cluster.service_cidr)]
    if cluster.network != "azureCni":
        ranges.append(("inferenceCluster.podCidr", cluster.pod_cidr))
    if cluster.subnet and stack.network:
        ranges += [("network.addressSpace", prefix) for prefix in stack.network.address_space]
    for path, prefix in ranges:
        taken = [one for one in _RESERVED if IPv4Network(one).overlaps(IPv4Network(prefix))]
        if taken:
            yield Refusal("R182", path, prefix, f"nothing of {taken[0]}", "Choose another private range.")


def ranges_are_outside_the_network(stack: Stack) -> Iterator[Refusal]:
    """R183 The cluster's ranges for pods and services lie outside its whole network, not only outside the subnets.

    Source: AKS, IP address planning (service CIDR and pod CIDR).
    Example:
        stack:
          network: {addressSpace: [10.30.0.0/16], subnets: {nodes: 10.30.0.0/20}}
          inferenceCluster: {name: aks-inference, subnet: nodes, podCidr: 10.30.128.0/17}
        endpoint: {}
    """
    cluster, network = stack.inference_cluster, stack.network
    if not cluster or not cluster.subnet or not network:
        return
    ranges = {"serviceCidr": cluster.service_cidr}
    if cluster.network != "azureCni":
        ranges["podCidr"] = cluster.pod_cidr
    for key, prefix in sorted(ranges.items()):
        meets_a_subnet = any(IPv4Network(prefix).overlaps(IPv4Network(one)) for one in network.subnets.values())
        inside = [one for one in network.address_space if IPv4Network(prefix).overlaps(IPv4Network(one))]
        if inside and not meets_a_subnet:
            cure = f"Give {key} a range that no network of yours has."
            yield Refusal("R183", f"inferenceCluster.{key}", prefix, f"no address of {inside[0]}", cure)


def pods_have_ranges(stack: Stack) -> Iterator[Refusal]:
    """R184 The range for pods has a /24 for every node of the largest cluster; kubenet has 400 nodes at most.

    Source: AKS, Azure CNI Overlay and kubenet (a /24 a node; kubenet's route table has 400 routes).
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            podCidr: 10.244.0.0/21
            userPools: {models: {size: Standard_D8s_v5, min: 3, max: 12}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster or cluster.network == "azureCni":
        return
    nodes = sum(pool.largest + -(-pool.largest // 3) for pool in cluster.pools.values())
    room = 2 ** max(_NODE_PREFIX - IPv4Network(cluster.pod_cidr).prefixlen, 0)
    if nodes > room:
        prefix = _NODE_PREFIX - (nodes - 1).bit_length()
        got = f"{cluster.pod_cidr} has room for {room} nodes"
        yield Refusal("R184", "inferenceCluster.podCidr", got, f"room for {nodes}", f"Write a /{prefix} or larger.")
    if cluster.network == "kubenet" and nodes > _KUBENET_NODES:
        cure = "Write network: overlay, or lower the pools' max."
        yield Refusal("R184", "inferenceCluster.network", f"kubenet with {nodes} nodes", "at most 400", cure)


def kubenet_has_a_network_of_its_own(stack: Stack) -> Iterator[Refusal]:
    """R185 A cluster with kubenet is not in a subnet of the stack.

    AKS puts a route table on the subnet. The stack's next update of the network would remove it.

    Source: AKS, kubenet with an own subnet.
    Example:
        stack:
          network: {addressSpace: [10.30.0.0/16], subnets: {nodes: 10.30.0.0/20}}
          inferenceCluster: {name: aks-inference, network: kubenet, subnet: nodes}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if cluster and cluster.network == "kubenet" and cluster.subnet:
        cure = "Write network: overlay, which needs no route table; or remove subnet."
        yield Refusal("R185", "inferenceCluster.subnet", f"{cluster.subnet} with kubenet", "none with kubenet", cure)


def subnets_are_possible(stack: Stack) -> Iterator[Refusal]:
    """R186 A subnet is a /29 or larger, and the network's address ranges do not overlap.

    Source: Azure Virtual Network.
    Example:
        stack: {network: {addressSpace: [10.30.0.0/16], subnets: {endpoints: 10.30.0.0/30}}}
        endpoint: {}
    """
    if not stack.network:
        return
    for name, prefix in sorted(stack.network.subnets.items()):
        if IPv4Network(prefix).prefixlen > _SMALLEST_SUBNET:
            yield Refusal("R186", f"network.subnets.{name}", prefix, "a /29 or larger", "Write for example a /24.")
    for one, other in combinations(stack.network.address_space, 2):
        if IPv4Network(one).overlaps(IPv4Network(other)):
            cure = "Leave the one out that the other holds."
            yield Refusal("R186", "network.addressSpace", f"{one} and {other}", "ranges that do not overlap", cure)


def authorized_ranges_close(stack: Stack) -> Iterator[Refusal]:
    """R187 The authorized ranges keep somebody out, and there are 200 at most.

    Source: AKS, API server authorized IP ranges.
    Example:
        stack: {inferenceCluster: {name: aks-inference, authorizedRanges: [0.0.0.0/0]}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    path = "inferenceCluster.authorizedRanges"
    for prefix in cluster.authorized_ranges if cluster else ():
        if IPv4Network(prefix).prefixlen == 0:
            cure = "Name your own ranges, for example 203.0.113.0/24; or remove the key, if everybody may."
            yield Refusal("R187", path, prefix, "ranges of those who may reach the API server", cure)
    if cluster and len(cluster.authorized_ranges) > _MOST_RANGES:
        cure = "Bring neighbouring ranges together."
        yield Refusal("R187", path, f"{len(cluster.authorized_ranges)} ranges", f"at most {_MOST_RANGES}", cure)


def router_is_as_closed_as_the_rest(stack: Stack) -> Iterator[Refusal]:
    """R188 In a private workspace the router has no public address, and in production it speaks TLS.

    A load balancer is public unless it is internal; without TLS keys and data cross the network in the clear.

    Source: the AKS inference article, security; Azure ML on Kubernetes, secure the inference router.
    Example:
        stack:
          production: true
          inferenceCluster: {name: aks-inference, purpose: fastProd, authorizedRanges: [203.0.113.0/24]}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster or cluster.attach.kind != "extension":
        return
    router, path = cluster.attach.router, "inferenceCluster.attach.router"
    if stack.workspace.is_private and router.service == "loadBalancer" and not router.internal_load_balancer:
        cure = "Write internalLoadBalancer: true."
        yield Refusal("R188", f"{path}.internalLoadBalancer", "false in a private workspace", "true", cure)
    if stack.production and router.tls is None:
        cure = "Write tls: {secret: azureml-tls, cname: models.example.org}, and make the secret in the cluster."
        yield Refusal("R188", f"{path}.tls", "none in production", "TLS", cure)


def group_of_nodes_can_be_named(stack: Stack) -> Iterator[Refusal]:
    """R189 Azure names the nodes' resource group after group, cluster and region; that name has 80 characters at most.

    Source: AKS, node resource group.
    Example:
        stack:
          workspace: {name: ws-diabetes, resourceGroup: rg-machine-learning-models-for-the-diabetes-clinics}
          inferenceCluster: {name: aks-inference-for-diabetes, attach: {kind: none}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if cluster:
        name = _group_of_nodes(stack, cluster)
        if len(name) > _NAME_OF_NODES:
            got = f"{name}, which has {len(name)} characters"
            cure = "Shorten the cluster's name or the resource group's."
            yield Refusal("R189", "inferenceCluster.name", got, f"at most {_NAME_OF_NODES}", cure)


def _group_of_nodes(stack: Stack, cluster: InferenceCluster) -> str:
    return f"MC_{stack.workspace.resource_group}_{cluster.name}_{cluster.location or stack.location}"


STACK_RULES = (
    service_range_is_of_a_size,
    ranges_are_free,
    ranges_are_outside_the_network,
    pods_have_ranges,
    kubenet_has_a_network_of_its_own,
    subnets_are_possible,
    authorized_ranges_close,
    router_is_as_closed_as_the_rest,
    group_of_nodes_can_be_named,
)
