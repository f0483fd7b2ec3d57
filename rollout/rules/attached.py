"""Rules for what Azure ML asks of a cluster that it is attached to: instance types, taints, the workspace's network."""

from collections.abc import Iterator, Mapping

from rollout.case import Case
from rollout.rules.pool_fit import number, pools_for
from rollout.rules.taints import SYSTEM, hindering_taints
from settings.attachment import Resources
from settings.cluster import InferenceCluster, Pool
from settings.refusal import Refusal
from settings.stack import Stack

_WHOLE = "requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: '1', memory: 2Gi}"


def instance_types_are_whole(stack: Stack) -> Iterator[Refusal]:
    """R201 An instance type names cpu and memory twice, as requests and as limits, and none of them is zero.

    Source: Azure ML on Kubernetes, create and manage instance types (parameters).
    Example:
        stack:
          inferenceCluster:
            {name: aks-inference, attach: {instanceTypes: {small: {requests: {cpu: 500m, memory: 1Gi}}}}}
        endpoint: {}
    """
    cluster = _with_extension(stack)
    if not cluster:
        return
    for name, kind in sorted(cluster.attach.instance_types.items()):
        for part, resources in (("requests", kind.requests), ("limits", kind.limits)):
            if missing := _missing(resources):
                path = f"inferenceCluster.attach.instanceTypes.{name}.{part}"
                cure = f"Write for example {{{_WHOLE}}}."
                yield Refusal("R201", path, f"no {' and no '.join(missing)}", "cpu and memory, above zero", cure)


def own_resources_are_whole(case: Case) -> Iterator[Refusal]:
    """R202 A deployment's own resources ask for cpu and memory, and are not above those of its instance type.

    With a GPU the limits of cpu and memory are said too.

    Source: Azure ML on Kubernetes, create and manage instance types (resource section validation).
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments: {blue: {instanceType: cpu-small, resources: {requests: {cpu: 500m}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        wanted = deployment.resources
        if wanted is None or case.wanted.kind != "kubernetes":
            continue
        path = case.at("deployments", name, "resources")
        has_gpu = bool(wanted.requests.gpu or wanted.limits.gpu)
        for part, resources in (("requests", wanted.requests), *([("limits", wanted.limits)] if has_gpu else [])):
            if missing := _missing(resources):
                cure = f"Write for example {{{_WHOLE}}}, or remove resources: the instance type's are taken."
                yield Refusal("R202", f"{path}.{part}", f"no {' and no '.join(missing)}", "cpu and memory", cure)
        yield from _above_the_type(case, deployment.instance_type, path, wanted.limits)


def instance_types_find_nodes(stack: Stack) -> Iterator[Refusal]:
    """R203 An instance type leads to a pool that takes its pods: no taint in their way, and GPUs where it has GPUs.

    The pods of a deployment tolerate Azure ML's own taints only (`ml.azure.com/amlarc=true:NoSchedule`, and a few
    more), so nothing ever runs on spot nodes, which AKS itself taints. The router's node selector holds for every
    instance type too.

    Source: Azure ML on Kubernetes, taints and tolerations; extension setting nodeSelector; AKS, spot node pools.
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            userPools:
              models: {size: Standard_D8s_v5}
              spot: {size: Standard_D8s_v5, spot: true}
            attach:
              instanceTypes:
                cheap:
                  nodeSelector: {pool: spot}
                  requests: {cpu: 500m, memory: 1Gi}
                  limits: {cpu: '1', memory: 2Gi}
        endpoint: {}
    """
    cluster = _with_extension(stack)
    if not cluster:
        return
    router = cluster.attach.router.node_selector
    for name, kind in sorted(cluster.attach.instance_types.items()):
        if any(kind.node_selector.get(key, value) != value for key, value in router.items()):
            found, selector = {}, kind.node_selector | router
        else:
            selector = router | kind.node_selector
            found = pools_for(cluster, _ours(selector))
        if not pools_for(cluster, _ours(kind.node_selector)):
            continue  # R173 says so
        fits = [pool for pool in found.values() if not hindering_taints(pool) and (pool.gpu or not kind.gpus)]
        if not fits and (any(pool.gpu for pool in cluster.pools.values()) or not kind.gpus):
            path = f"inferenceCluster.attach.instanceTypes.{name}.nodeSelector"
            yield Refusal(
                "R203", path, _why(found, bool(kind.gpus)), _expected(bool(kind.gpus)), _cure(cluster, kind.gpus)
            )


def router_finds_nodes(stack: Stack) -> Iterator[Refusal]:
    """R208 The router's node selector leads to a pool that takes the extension's pods: no taint in their way.

    Source: Azure ML on Kubernetes, taints and tolerations; extension setting nodeSelector.
    Example:
        stack:
          inferenceCluster:
            name: aks-inference
            userPools:
              models: {size: Standard_D8s_v5}
              routers: {size: Standard_D4s_v5, taints: ['team=ml:NoSchedule']}
            attach: {router: {nodeSelector: {pool: routers}}}
        endpoint: {}
    """
    cluster = _with_extension(stack)
    if not cluster:
        return
    selector = _ours(cluster.attach.router.node_selector)
    found = pools_for(cluster, selector)
    if selector and found and not for_the_extension(cluster):
        path = "inferenceCluster.attach.router.nodeSelector"
        got = ", ".join(f"{name} ({', '.join(hindering_taints(pool, SYSTEM))})" for name, pool in found.items())
        yield Refusal("R208", path, got, _expected(False), _cure(cluster, None))


def for_the_extension(cluster: InferenceCluster) -> list[Pool]:
    """The pools that take the pods of the Azure ML extension, the router's among them."""
    found = pools_for(cluster, _ours(cluster.attach.router.node_selector))
    return [pool for pool in found.values() if not hindering_taints(pool, SYSTEM)]


def not_beside_a_managed_network(stack: Stack) -> Iterator[Refusal]:
    """R204 A workspace with a managed virtual network has no Kubernetes compute, and no nodes in a subnet of yours.

    Source: Azure ML, managed virtual network, limitations.
    Example:
        stack:
          workspace: {name: ws-ml, resourceGroup: rg, isolation: managedVnet, publicNetworkAccess: enabled}
          inferenceCluster:
            {name: aks-inference, authorizedRanges: [203.0.113.0/24], attach: {router: {internalLoadBalancer: true}}}
        endpoint: {}
    """
    if stack.workspace.isolation != "managedVnet":
        return
    cluster, expected = stack.inference_cluster, "none with isolation: managedVnet"
    if cluster and cluster.attach.kind != "none":
        cure = "Write isolation: ownVnet under workspace (or public), or attach: {kind: none} under inferenceCluster."
        yield Refusal("R204", "inferenceCluster.attach.kind", cluster.attach.kind, expected, cure)
    for name, compute in sorted(stack.training.items()):
        if compute.subnet:
            cure = "Remove it: Azure puts the nodes into the managed network by itself."
            yield Refusal("R204", f"training.{name}.subnet", compute.subnet, expected, cure)


def _with_extension(stack: Stack) -> InferenceCluster | None:
    """The cluster, where the stack installs Azure ML's extension on it."""
    cluster = stack.inference_cluster
    return cluster if cluster and cluster.attach.kind == "extension" else None


def _missing(resources: Resources) -> list[str]:
    given = {"cpu": resources.cpu, "memory": resources.memory}
    return [key for key, value in given.items() if value is None or number(value) == 0]


def _above_the_type(case: Case, instance_type: str, path: str, limits: Resources) -> Iterator[Refusal]:
    cluster = case.stack.inference_cluster
    if not cluster or case.wanted.compute != (cluster.attach.compute or cluster.name):
        return
    kind = cluster.attach.instance_types.get(instance_type)
    for key in ("cpu", "memory", "gpu"):
        wanted, most = getattr(limits, key), getattr(kind.limits, key) if kind else None
        if wanted is not None and most is not None and number(wanted) > number(most):
            cure = f"Lower it, or raise the limits of the instance type {instance_type}."
            yield Refusal("R202", f"{path}.limits.{key}", str(wanted), f"at most {most}, as {instance_type} has", cure)


def _ours(selector: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in selector.items() if "/" not in key}


def _why(found: Mapping[str, Pool], is_gpu: bool) -> str:
    if not found:
        return "no pool has these labels and those of the router's nodeSelector"
    hindered = {name: hindering_taints(pool) for name, pool in found.items()}
    if is_gpu and not all(hindered.values()):
        return f"no GPUs in {', '.join(found)}"
    return ", ".join(f"{name} ({', '.join(taints)})" for name, taints in hindered.items() if taints)


def _expected(is_gpu: bool) -> str:
    return f"a pool {'with gpu: true and ' if is_gpu else ''}without a taint that Azure ML's pods do not tolerate"


def _cure(cluster: InferenceCluster, gpus: int | None) -> str:
    good = [n for n, pool in cluster.pools.items() if not hindering_taints(pool) and (pool.gpu or not gpus)]
    named = f"nodeSelector: {{pool: {good[-1]}}}" if good else "the selector of another pool"
    return f"Write for example {named}; a pool of Azure ML's own is tainted ml.azure.com/amlarc=true:NoSchedule."


RULES = (own_resources_are_whole,)
STACK_RULES = (instance_types_are_whole, instance_types_find_nodes, router_finds_nodes, not_beside_a_managed_network)
