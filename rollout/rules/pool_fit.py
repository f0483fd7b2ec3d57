"""Rules for what runs on the inference cluster's pools: it finds nodes, and it fits on them."""

import re
from collections.abc import Iterator, Mapping

from rollout.rules.pools import path_of
from rollout.rules.quota import cores
from rollout.rules.taints import SYSTEM, hindering_taints
from settings.attachment import Resources
from settings.cluster import InferenceCluster, Pool
from settings.refusal import Refusal
from settings.stack import Stack

_LEAST_CORES = 2
_LEAST_PODS = 30
_MOST_NODES, _MOST_POOLS = 5000, 100
_LEGACY_CORES = 12
_QUANTITY = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>m|[KMGT]i?)?")
_UNITS = {"m": 0.001, **{f"{unit}": 1000.0 ** (power + 1) for power, unit in enumerate("KMGT")}}
_UNITS |= {f"{unit}i": 1024.0 ** (power + 1) for power, unit in enumerate("KMGT")}


def selectors_find_nodes(stack: Stack) -> Iterator[Refusal]:
    """R173 A node selector names labels that nodes of one pool have: each pool's nodes carry `pool: NAME`.

    So a pool that an instance type stands on is not removed before the instance type. Labels with a slash are
    Kubernetes's and Azure's own, and are not judged.

    Source: Azure ML on Kubernetes, instance types; Kubernetes, nodeSelector.
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            userPools: {models: {size: Standard_D8s_v5}}
            attach:
              instanceTypes:
                small:
                  nodeSelector: {pool: gpu}
                  requests: {cpu: 500m, memory: 1Gi}
                  limits: {cpu: '1', memory: 2Gi}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster:
        return
    attach = cluster.attach
    selectors = {"router": attach.router.node_selector}
    selectors |= {f"instanceTypes.{name}": kind.node_selector for name, kind in sorted(attach.instance_types.items())}
    for path, selector in selectors.items():
        wanted = {key: value for key, value in selector.items() if "/" not in key}
        if wanted and not pools_for(cluster, wanted):
            cure = f"Name a pool that is there (pool: {sorted(cluster.pools)[0]}), or give a pool these labels."
            got = ", ".join(f"{key}: {value}" for key, value in sorted(wanted.items()))
            expected = f"labels of one of the pools {', '.join(sorted(cluster.pools))}"
            yield Refusal("R173", f"inferenceCluster.attach.{path}.nodeSelector", got, expected, cure)


def requests_are_within_limits(stack: Stack) -> Iterator[Refusal]:
    """R174 A container's requests are not above its limits; its GPUs are the same number in both.

    Source: Kubernetes, resource management for pods and containers; device plugins.
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            attach:
              instanceTypes: {small: {requests: {cpu: '3', memory: 1Gi}, limits: {cpu: '2', memory: 1Gi}}}
        endpoint: {}
    """
    for path, requests, limits in _containers(stack):
        for key in ("cpu", "memory", "gpu"):
            asked, held = getattr(requests, key), getattr(limits, key)
            if asked is None or held is None:
                continue
            if (key == "gpu" and asked != held) or number(asked) > number(held):
                expected = "as many as the limits" if key == "gpu" else "at most the limits"
                cure = f"Write for example requests: {{{key}: {held}}}, limits: {{{key}: {held}}}."
                if key == "gpu":
                    cure = f"Write limits: {{gpu: {held}}} alone: Kubernetes asks for as many."
                yield Refusal("R174", f"{path}.requests.{key}", f"{asked}, limits {held}", expected, cure)


def requests_fit_a_node(stack: Stack) -> Iterator[Refusal]:
    """R175 What an instance type asks for fits on a node of a pool that it may run on.

    A node keeps some of its cores for itself, so asking for all of them finds no node either.

    Source: Azure ML on Kubernetes, instance types; AKS, resource reservations.
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            userPools: {models: {size: Standard_D8s_v5}}
            attach: {instanceTypes: {large: {requests: {cpu: '8', memory: 8Gi}, limits: {cpu: '8', memory: 8Gi}}}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    for name, kind in sorted(cluster.attach.instance_types.items()) if cluster else ():
        wanted = {key: value for key, value in kind.node_selector.items() if "/" not in key}
        pools = pools_for(cluster, wanted) if cluster else {}
        sizes = [cores(pool.size) for pool in pools.values()]
        if kind.requests.cpu and sizes and all(0 < size <= number(kind.requests.cpu) for size in sizes):
            path = f"inferenceCluster.attach.instanceTypes.{name}.requests.cpu"
            cure = "Ask for less, or give the pool a larger size."
            got = f"{kind.requests.cpu}, on nodes of {max(sizes)} cores"
            yield Refusal("R175", path, got, f"less than {max(sizes)}", cure)


def nodes_are_large_enough(stack: Stack) -> Iterator[Refusal]:
    """R176 Nodes have 2 cores or more, a cluster has room for 30 pods before it grows, and at most 5,000 nodes.

    Source: AKS, system node pools and limits; Azure CNI, maximum pods per node (at least 30 in a cluster).
    Example:
        stack: {inferenceCluster: {name: aks-inference, systemPool: {size: Standard_D1_v2}}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster:
        return
    for name, pool in cluster.pools.items():
        if 0 < cores(pool.size) < _LEAST_CORES:
            cure = "Write for example size: Standard_D4s_v5."
            yield Refusal("R176", f"{path_of(name)}.size", pool.size, "2 cores or more", cure)
    system = cluster.pools["system"]
    if 0 < system.min * system.max_pods < _LEAST_PODS:
        got = f"{system.max_pods} on {system.min} nodes"
        cure = "Write maxPods: 30 or more, or raise min."
        yield Refusal("R176", f"{path_of('system')}.maxPods", got, "room for 30 pods", cure)
    nodes = sum(pool.largest for pool in cluster.pools.values())
    if nodes > _MOST_NODES or len(cluster.pools) > _MOST_POOLS:
        got = f"{len(cluster.pools)} pools, {nodes} nodes at most"
        expected = f"at most {_MOST_POOLS} pools and {_MOST_NODES} nodes"
        yield Refusal("R176", "inferenceCluster.userPools", got, expected, "Make a second cluster for some of them.")


def something_takes_pods(stack: Stack) -> Iterator[Refusal]:
    """R177 The Azure ML extension finds nodes for its own pods: a pool without GPUs, spot nodes and taints of your own.

    Source: Azure ML on Kubernetes, extension Microsoft.AzureML.Kubernetes.
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            systemPool: {size: Standard_D4s_v5, min: 3, taints: ['CriticalAddonsOnly=true:NoSchedule']}
            userPools: {spot: {size: Standard_D8s_v5, spot: true}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if cluster and cluster.attach.kind == "extension" and not _plain(cluster):
        cure = "Add a pool, for example models: {size: Standard_D8s_v5, min: 3, max: 12}."
        got = "every pool is tainted, or has GPUs or spot nodes"
        yield Refusal("R177", "inferenceCluster.userPools", got, "a pool that takes the extension's pods", cure)


def legacy_purpose_has_its_cores(stack: Stack) -> Iterator[Refusal]:
    """R178 Attached the v1 way, a cluster for FastProd or DenseProd has 12 cores or more.

    Source: Azure ML v1, attach an AKS cluster (cluster purpose).
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            purpose: fastProd
            systemPool: {size: Standard_D4s_v5, min: 1}
            userPools: {models: {size: Standard_D4s_v5, min: 1}}
            attach: {kind: legacy}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster or cluster.attach.kind != "legacy" or cluster.purpose == "devTest":
        return
    parts = [cores(pool.size) * pool.min for pool in cluster.pools.values()]
    if all(cores(pool.size) for pool in cluster.pools.values()) and sum(parts) < _LEGACY_CORES:
        cure = "Raise a pool's min or size, or write purpose: devTest."
        got = f"{cluster.purpose} with {sum(parts)} cores"
        yield Refusal("R178", "inferenceCluster.purpose", got, f"{_LEGACY_CORES} cores", cure)


def pools_for(cluster: InferenceCluster, selector: Mapping[str, str]) -> dict[str, Pool]:
    """The pools whose nodes carry these labels, by name."""
    return {
        name: pool
        for name, pool in cluster.pools.items()
        if selector.items() <= {**pool.labels, "pool": name, "agentpool": name}.items()
    }


def _plain(cluster: InferenceCluster) -> list[Pool]:
    return [pool for pool in cluster.pools.values() if not pool.gpu and not hindering_taints(pool, SYSTEM)]


def _containers(stack: Stack) -> Iterator[tuple[str, Resources, Resources]]:
    """(path, requests, limits) of every instance type, and of every deployment that says its own."""
    if stack.inference_cluster:
        for name, kind in sorted(stack.inference_cluster.attach.instance_types.items()):
            yield f"inferenceCluster.attach.instanceTypes.{name}", kind.requests, kind.limits
    for name, endpoint in sorted(stack.endpoints.items()):
        for key, deployment in sorted(endpoint.deployments.items()):
            if deployment.resources:
                path = f"endpoints.{name}.deployments.{key}.resources"
                yield path, deployment.resources.requests, deployment.resources.limits


def number(quantity: str | int) -> float:
    """A quantity as Kubernetes writes it, as a number: 500m is 0.5, 1Ki is 1024."""
    match = _QUANTITY.fullmatch(str(quantity))
    return float(match["number"]) * _UNITS.get(match["unit"] or "", 1.0) if match else 0.0


STACK_RULES = (
    selectors_find_nodes,
    requests_are_within_limits,
    requests_fit_a_node,
    nodes_are_large_enough,
    something_takes_pods,
    legacy_purpose_has_its_cores,
)
