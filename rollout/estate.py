"""What a stack's estate is made with and cannot change afterwards: by path of the stack file, with what Azure does.

One table for the rules (R066, R067). The stand-in for azure-native and the local Azure have a table of their own, by
type and property; a test holds the two together.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from settings.cluster import InferenceCluster, Pool
from settings.stack import Stack

Effect = Literal["replaces", "refuses"]
Standing = Literal["endpoints", "kubernetes", "always"]

CLUSTER = "containerservice:ManagedCluster"
POOL = "containerservice:AgentPool"
WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"


@dataclass(frozen=True, slots=True)
class Fixed:
    """One value that stays: `replaces`, azure-native deletes and makes anew; `refuses`, Azure takes no change.

    `stands` says when a change does harm: while any endpoint serves, while one on Kubernetes does, or always. `value`
    is the value that a stack file asks for, None where it asks for none.
    """

    path: str
    type: str
    property: str
    effect: Effect
    value: Callable[[Stack], str | None]
    stands: Standing = "endpoints"


def _of_cluster(value: Callable[[InferenceCluster], str | None]) -> Callable[[Stack], str | None]:
    return lambda stack: value(stack.inference_cluster) if stack.inference_cluster else None


def _attached(stack: Stack, value: Callable[[InferenceCluster], str]) -> str | None:
    cluster = stack.inference_cluster
    return value(cluster) if cluster and cluster.attach.kind != "none" else None


def _outbound(stack: Stack) -> str | None:
    cluster, network = stack.inference_cluster, stack.network
    if cluster is None:
        return None
    routed = network and network.egress and network.egress.firewall_address and cluster.subnet
    return "userDefinedRouting" if routed else "loadBalancer"


# Source: pulumi-azure-native, provider/pkg/gen/replacement.go (what replaces), and path parameters, which always do;
# Azure ML, managed virtual network (it can't be disabled); AKS, node pools and egress.
FIXED: tuple[Fixed, ...] = (
    Fixed(
        "workspace.resourceGroup",
        "resources:ResourceGroup",
        "resourceGroupName",
        "replaces",
        lambda stack: stack.workspace.resource_group,
    ),
    Fixed("workspace.name", WORKSPACE, "workspaceName", "replaces", lambda stack: stack.workspace.name),
    Fixed(
        "workspace.isolation",
        WORKSPACE,
        "managedNetwork.isolationMode",
        "refuses",
        lambda stack: "managedVnet" if stack.workspace.isolation == "managedVnet" else None,
        "always",
    ),
    Fixed(
        "registry.name",
        "containerregistry:Registry",
        "registryName",
        "replaces",
        lambda stack: stack.registry.name,
    ),
    Fixed(
        "network.endpointSubnet",
        "network:PrivateEndpoint",
        "subnet",
        "replaces",
        lambda stack: stack.network.endpoint_subnet if stack.network else None,
    ),
    Fixed("inferenceCluster.name", CLUSTER, "resourceName", "replaces", _of_cluster(lambda c: c.name), "kubernetes"),
    Fixed(
        "inferenceCluster.location",
        CLUSTER,
        "location",
        "replaces",
        lambda stack: (stack.inference_cluster.location or stack.location) if stack.inference_cluster else None,
        "kubernetes",
    ),
    Fixed(
        "inferenceCluster.network",
        CLUSTER,
        "networkProfile.networkPlugin",
        "replaces",
        _of_cluster(lambda c: c.network),
        "kubernetes",
    ),
    Fixed(
        "inferenceCluster.podCidr",
        CLUSTER,
        "networkProfile.podCidr",
        "replaces",
        _of_cluster(lambda c: None if c.network == "azureCni" else c.pod_cidr),
        "kubernetes",
    ),
    Fixed(
        "inferenceCluster.serviceCidr",
        CLUSTER,
        "networkProfile.serviceCidr",
        "replaces",
        _of_cluster(lambda c: c.service_cidr),
        "kubernetes",
    ),
    Fixed(
        "network.egress.firewallAddress",
        CLUSTER,
        "networkProfile.outboundType",
        "replaces",
        _outbound,
        "kubernetes",
    ),
    Fixed(
        "inferenceCluster.subnet",
        CLUSTER,
        "agentPoolProfiles.vnetSubnetID",
        "refuses",
        _of_cluster(lambda c: c.subnet or "of its own"),
        "kubernetes",
    ),
    Fixed(
        "inferenceCluster.attach.kind",
        COMPUTE,
        "properties.computeType",
        "refuses",
        lambda stack: _attached(stack, lambda c: c.attach.kind),
        "kubernetes",
    ),
    Fixed(
        "inferenceCluster.attach.compute",
        COMPUTE,
        "computeName",
        "replaces",
        lambda stack: _attached(stack, lambda c: c.attach.compute or c.name),
        "kubernetes",
    ),
    Fixed(
        "inferenceCluster.attach.namespace",
        COMPUTE,
        "properties.namespace",
        "refuses",
        lambda stack: _attached(stack, lambda c: c.attach.namespace),
        "kubernetes",
    ),
)

POOL_FIXED: Mapping[str, Callable[[Pool], str]] = {
    "size": lambda pool: pool.size,
    "zones": lambda pool: ", ".join(pool.zones) or "none",
    "osDiskGb": lambda pool: str(pool.os_disk_gb),
    "maxPods": lambda pool: str(pool.max_pods),
    "spot": lambda pool: str(pool.spot).lower(),
}
"""What a node pool is born with, by the stack file's key (R170)."""


def estate_of(stack: Stack) -> dict[str, str]:
    """What the stack file's estate is made with: paths of the stack file to values; what it has not is left out."""
    found = {fixed.path: fixed.value(stack) for fixed in FIXED}
    estate = {path: value for path, value in found.items() if value is not None}
    return {**estate, **dict(_pools(stack))}


def estate_from(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The same as far as a state of version 0.2.0 or older tells it: resource types (without azure-native:) to outputs.

    Those versions kept no output `applied`.
    """
    found: dict[str, Any] = {}
    if cluster := resources.get(CLUSTER):
        network = cluster.get("networkProfile") or {}
        plugin, mode = network.get("networkPlugin"), network.get("networkPluginMode")
        found["inferenceCluster.name"] = cluster.get("name")
        found["inferenceCluster.podCidr"] = network.get("podCidr")
        found["inferenceCluster.serviceCidr"] = network.get("serviceCidr")
        found["network.egress.firewallAddress"] = network.get("outboundType")
        found["inferenceCluster.network"] = "overlay" if mode else {"azure": "azureCni"}.get(str(plugin), plugin)
        if found["inferenceCluster.network"] == "azureCni":
            found["inferenceCluster.podCidr"] = None
    if registry := resources.get("containerregistry:Registry"):
        found["registry.name"] = registry.get("name")
    if managed := (resources.get(WORKSPACE) or {}).get("managedNetwork"):
        mode = str(managed.get("isolationMode") or "Disabled")
        found["workspace.isolation"] = None if mode == "Disabled" else "managedVnet"
    return {path: str(value) for path, value in found.items() if value}


def _pools(stack: Stack) -> Iterator[tuple[str, str]]:
    for name, pool in stack.inference_cluster.pools.items() if stack.inference_cluster else ():
        place = "inferenceCluster.systemPool" if name == "system" else f"inferenceCluster.userPools.{name}"
        yield from ((f"{place}.{key}", value(pool)) for key, value in POOL_FIXED.items())
