"""Rules for the inference cluster's pools, its API server and what runs on them."""

import re
from collections.abc import Iterator

from rollout.case import Case
from rollout.rules.attached import for_the_extension
from rollout.rules.quota import cores
from settings.cluster import Pool
from settings.refusal import Refusal
from settings.stack import Stack

_GPU_SIZE = re.compile(r"^standard_n[cdgv]", re.IGNORECASE)
_ROUTERS = 3
_LEAST_CORES = 4
_ALWAYS_THERE = "defaultinstancetype"


def gpu_pool_has_gpus(stack: Stack) -> Iterator[Refusal]:
    """R151 A GPU pool has a size with GPUs.

    Source: the AKS inference article, nodes; Azure, N-series sizes.
    Example:
        stack:
          inferenceCluster: {name: aks-inference, userPools: {gpu: {size: Standard_D8s_v5, gpu: true}}}
        endpoint: {}
    """
    for path, pool in _pools(stack):
        if pool.gpu and not _GPU_SIZE.match(pool.size):
            cure = "Write for example size: Standard_NC24ads_A100_v4, or remove gpu: true."
            yield Refusal("R151", f"{path}.size", pool.size, "a size with GPUs (NC, ND, NV)", cure)


def pool_is_in_order(stack: Stack) -> Iterator[Refusal]:
    """R152 A pool's minimum is not above its maximum, and the system pool has a node at all times.

    Source: AKS, node pools: system pools have one node or more, no GPU taint and no spot nodes.
    Example:
        stack:
          inferenceCluster: {name: aks-inference, userPools: {models: {size: Standard_D8s_v5, min: 5, max: 3}}}
        endpoint: {}
    """
    for path, pool in _pools(stack):
        if pool.max is not None and pool.min > pool.max:
            got = f"min {pool.min}, max {pool.max}"
            yield Refusal(
                "R152", path, got, "min <= max", "Write for example {size: Standard_D8s_v5, min: 3, max: 12}."
            )
        if path.endswith("systemPool") and (pool.min < 1 or pool.gpu or pool.spot):
            cure = "Write for example systemPool: {size: Standard_D4s_v5, min: 3}; GPUs and spot nodes are user pools'."
            got = f"min {pool.min}, gpu {pool.gpu}, spot {pool.spot}".lower()
            yield Refusal("R152", path, got, "at least 1 node, no gpu, no spot", cure)


def cni_has_a_subnet(stack: Stack) -> Iterator[Refusal]:
    """R153 With Azure CNI the cluster's pods take their addresses from a subnet of the stack.

    Source: the AKS inference article, networks (an existing virtual network: DNS and outbound are yours).
    Example:
        stack: {inferenceCluster: {name: aks-inference, network: azureCni}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if cluster and cluster.network == "azureCni" and not cluster.subnet:
        cure = "Write subnet: nodes, with nodes in network.subnets; or network: overlay."
        yield Refusal("R153", "inferenceCluster.subnet", "none", "a subnet for network: azureCni", cure)


def routers_have_nodes(stack: Stack) -> Iterator[Refusal]:
    """R154 A highly available router needs three nodes that its node selector finds and that have no taint.

    Source: Azure ML on Kubernetes, extension settings: inferenceRouterHA.
    Example:
        stack: {inferenceCluster: {name: aks-inference, attach: {router: {highlyAvailable: true}}}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster or cluster.attach.kind != "extension":
        return
    said = cluster.attach.router.highly_available
    is_available = cluster.purpose != "devTest" if said is None else said
    nodes = sum(pool.min for pool in for_the_extension(cluster) if not pool.gpu)
    if is_available and nodes < _ROUTERS:
        path = "inferenceCluster.attach.router.highlyAvailable"
        cure = "Raise a pool's min, write purpose: fastProd, or write highlyAvailable: false."
        yield Refusal("R154", path, f"true with {nodes} nodes", f"{_ROUTERS} nodes without GPU, spot or taint", cure)


def production_nodes_are_large(stack: Stack) -> Iterator[Refusal]:
    """R155 In production a cluster's nodes have 4 cores or more.

    Source: limits, AKS (4 vCPU and 14 GB or more in production).
    Example:
        stack:
          production: true
          inferenceCluster:
            name: aks-inference
            authorizedRanges: [203.0.113.0/24]
            systemPool: {size: Standard_D2s_v5, min: 3}
            attach: {kind: none}
        endpoint: {}
    """
    for path, pool in _pools(stack) if stack.production else ():
        if 0 < cores(pool.size) < _LEAST_CORES:
            cure = "Write for example size: Standard_D4s_v5."
            yield Refusal("R155", f"{path}.size", pool.size, "4 cores or more in production", cure)


def api_server_is_closed(stack: Stack) -> Iterator[Refusal]:
    """R156 In production, and in a private workspace, not everybody reaches the cluster's API server.

    Source: the AKS inference article, security; AKS, API server access.
    Example:
        stack: {production: true, inferenceCluster: {name: aks-inference, attach: {kind: none}}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    must = stack.production or stack.workspace.is_private
    if cluster and must and not cluster.private_api_server and not cluster.authorized_ranges:
        cure = "Write privateApiServer: true and network.endpointSubnet, or authorizedRanges with yours "
        cure += "and those of Azure ML."
        yield Refusal(
            "R156", "inferenceCluster.privateApiServer", "false, without authorizedRanges", "one of them", cure
        )


def gpus_are_there(stack: Stack) -> Iterator[Refusal]:
    """R157 An instance type that asks for a GPU needs a GPU pool.

    Source: Azure ML on Kubernetes, instance types.
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            attach:
              instanceTypes:
                gpu: {requests: {cpu: '1', memory: 4Gi}, limits: {cpu: '1', memory: 4Gi, gpu: 1}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster or any(pool.gpu for pool in cluster.pools.values()):
        return
    for name, kind in sorted(cluster.attach.instance_types.items()):
        if kind.requests.gpu or kind.limits.gpu:
            path = f"inferenceCluster.attach.instanceTypes.{name}"
            cure = "Write userPools: {gpu: {size: Standard_NC24ads_A100_v4, gpu: true, min: 0, max: 2}}."
            yield Refusal("R157", path, "asks for a GPU", "a pool with gpu: true", cure)


def instance_type_exists(case: Case) -> Iterator[Refusal]:
    """R158 A deployment on the stack's cluster has one of the instance types that the cluster is attached with.

    Source: Azure ML on Kubernetes, instance types.
    Example:
        stack: {inferenceCluster: {name: aks-inference}}
        endpoint: {kind: kubernetes, compute: aks-inference, deployments: {blue: {instanceType: large}}}
    """
    cluster = case.stack.inference_cluster
    if not cluster or case.wanted.compute != (cluster.attach.compute or cluster.name):
        return
    known = {_ALWAYS_THERE, *cluster.attach.instance_types}
    for name, deployment in case.wanted.deployments.items():
        if case.wanted.kind == "kubernetes" and deployment.instance_type not in known:
            path = case.at("deployments", name, "instanceType")
            cure = (
                f"Add {deployment.instance_type} to inferenceCluster.attach.instanceTypes, or name one that is there."
            )
            yield Refusal("R158", path, deployment.instance_type, f"one of {', '.join(sorted(known))}", cure)


def _pools(stack: Stack) -> Iterator[tuple[str, Pool]]:
    """(path, pool) of every pool of the cluster; a preset's pool stands under the path that would replace it."""
    if stack.inference_cluster:
        for name, pool in stack.inference_cluster.pools.items():
            yield f"inferenceCluster.{'systemPool' if name == 'system' else f'userPools.{name}'}", pool


RULES = (instance_type_exists,)
STACK_RULES = (
    gpu_pool_has_gpus,
    pool_is_in_order,
    cni_has_a_subnet,
    routers_have_nodes,
    production_nodes_are_large,
    api_server_is_closed,
    gpus_are_there,
)
