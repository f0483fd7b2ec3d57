"""What a stack's estate is made with and cannot change afterwards: by path of the stack file, with what becomes of it.

One table for the rules (R066, R067, R170). The stand-in for azure-native and the local Azure have a table of their own,
by type and property; a test holds the two together.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from settings.cluster import InferenceCluster, Pool
from settings.stack import Stack
from settings.training import TrainingCompute
from settings.workspace import OutboundRule, Used

Effect = Literal["replaces", "refuses"]
Standing = Literal["endpoints", "kubernetes"]
Value = Callable[[Stack], str | None]

CLUSTER = "containerservice:ManagedCluster"
POOL = "containerservice:AgentPool"
WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"
RULE = "machinelearningservices:ManagedNetworkSettingsRule"
VAULT = "keyvault:Vault"


@dataclass(frozen=True, slots=True)
class Fixed:
    """One value that stays: `replaces`, azure-native deletes and makes again; `refuses`, Azure takes no change.

    `stands` says what serves on it. `value` is what a stack file asks for, None where it asks for nothing fixed.
    """

    path: str
    type: str
    property: str
    effect: Effect
    value: Value
    stands: Standing = "endpoints"


def _of(value: Callable[[InferenceCluster], object]) -> Value:
    """A value of the cluster, in words; None where there is none."""

    def of(stack: Stack) -> str | None:
        found = value(stack.inference_cluster) if stack.inference_cluster else None
        return None if found is None else _text(found)

    return of


def _attached(value: Callable[[InferenceCluster], object]) -> Value:
    return _of(lambda cluster: None if cluster.attach.kind == "none" else value(cluster))


def _if(holds: Callable[[Stack], bool], word: str) -> Value:
    """What can be switched on later, and never off."""
    return lambda stack: word if holds(stack) else None


def _outbound(stack: Stack) -> str | None:
    cluster, network = stack.inference_cluster, stack.network
    if cluster is None:
        return None
    routed = network and network.egress and network.egress.firewall_address and cluster.subnet
    return "userDefinedRouting" if routed else "loadBalancer"


def _closed(stack: Stack) -> bool:
    network = stack.workspace.managed_network
    return network is not None and network.outbound == "allowOnlyApprovedOutbound"


def _makes_registry(stack: Stack) -> bool:
    return stack.workspace.existing is None and stack.registry is not None and stack.registry.existing is None


def _makes_vault(stack: Stack) -> bool:
    return stack.workspace.existing is None and stack.existing.key_vault is None


def _camel(field: str) -> str:
    return str(Used.model_fields[field].alias or field)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# Source: pulumi-azure-native, provider/pkg/gen/replacement.go (what replaces), and path parameters, which always do.
REPLACED = (
    Fixed(
        "workspace.resourceGroup",
        "resources:ResourceGroup",
        "resourceGroupName",
        "replaces",
        lambda stack: stack.workspace.resource_group,
    ),
    Fixed("workspace.name", WORKSPACE, "workspaceName", "replaces", lambda stack: stack.workspace.name),
    Fixed(
        "registry.name",
        "containerregistry:Registry",
        "registryName",
        "replaces",
        lambda stack: stack.registry.name if _makes_registry(stack) and stack.registry else None,
    ),
    Fixed(
        "network.endpointSubnet",
        "network:PrivateEndpoint",
        "subnet",
        "replaces",
        lambda stack: stack.network.endpoint_subnet if stack.network else None,
    ),
    *(
        Fixed(f"inferenceCluster.{key}", CLUSTER, name, "replaces", _of(value), "kubernetes")
        for key, name, value in (
            ("name", "resourceName", lambda cluster: cluster.name),
            ("network", "networkProfile.networkPlugin", lambda cluster: cluster.network),
            (
                "podCidr",
                "networkProfile.podCidr",
                lambda cluster: None if cluster.network == "azureCni" else cluster.pod_cidr,
            ),
            ("serviceCidr", "networkProfile.serviceCidr", lambda cluster: cluster.service_cidr),
        )
    ),
    Fixed(
        "inferenceCluster.location",
        CLUSTER,
        "location",
        "replaces",
        lambda stack: (stack.inference_cluster.location or stack.location) if stack.inference_cluster else None,
        "kubernetes",
    ),
    Fixed(
        "network.egress.firewallAddress", CLUSTER, "networkProfile.outboundType", "replaces", _outbound, "kubernetes"
    ),
    Fixed(
        "inferenceCluster.attach.compute",
        COMPUTE,
        "computeName",
        "replaces",
        _attached(lambda cluster: cluster.attach.compute or cluster.name),
        "kubernetes",
    ),
)

# Source: each row of localazure/create_only/azure.py names its own: Microsoft's documentation, and what Terraform's
# provider has to make again.
REFUSED = (
    Fixed(
        "workspace.isolation",
        WORKSPACE,
        "managedNetwork.isolationMode",
        "refuses",
        _if(lambda stack: stack.workspace.isolation == "managedVnet" and not stack.workspace.existing, "managedVnet"),
    ),
    Fixed(
        "workspace.managedNetwork.outbound",
        WORKSPACE,
        "managedNetwork.isolationMode",
        "refuses",
        _if(_closed, "allowOnlyApprovedOutbound"),
    ),
    Fixed(
        "workspace.softDeleteDays",
        VAULT,
        "properties.softDeleteRetentionInDays",
        "refuses",
        lambda stack: str(stack.workspace.soft_delete_days) if _makes_vault(stack) else None,
    ),
    Fixed(
        "production",
        VAULT,
        "properties.enablePurgeProtection",
        "refuses",
        _if(lambda s: s.production and _makes_vault(s), "true"),
    ),
    Fixed(
        "registry.zoneRedundant",
        "containerregistry:Registry",
        "zoneRedundancy",
        "refuses",
        lambda stack: _text(stack.registry.zone_redundant) if _makes_registry(stack) and stack.registry else None,
    ),
    *(
        Fixed(f"inferenceCluster.{key}", type_, name, "refuses", _of(value), "kubernetes")
        for key, type_, name, value in (
            (
                "privateApiServer",
                CLUSTER,
                "apiServerAccessProfile.enablePrivateCluster",
                lambda cluster: cluster.private_api_server,
            ),
            ("subnet", CLUSTER, "agentPoolProfiles[*].vnetSubnetID", lambda cluster: cluster.subnet or "of its own"),
            (
                "workloadIdentity",
                CLUSTER,
                "oidcIssuerProfile.enabled",
                lambda cluster: cluster.workload_identity or None,
            ),
        )
    ),
    *(
        Fixed(f"inferenceCluster.attach.{key}", type_, name, "refuses", _attached(value), "kubernetes")
        for key, type_, name, value in (
            ("kind", COMPUTE, "properties.computeType", lambda cluster: cluster.attach.kind),
            ("namespace", COMPUTE, "properties.properties.namespace", lambda cluster: cluster.attach.namespace),
            (
                "releaseTrain",
                "kubernetesconfiguration:Extension",
                "releaseTrain",
                lambda cluster: cluster.attach.release_train if cluster.attach.kind == "extension" else None,
            ),
        )
    ),
)
FIXED: tuple[Fixed, ...] = (*REPLACED, *REFUSED)

POOL_FIXED: Mapping[str, tuple[str, Callable[[Pool], str]]] = {
    "size": ("vmSize", lambda pool: pool.size),
    "zones": ("availabilityZones", lambda pool: ", ".join(pool.zones) or "none"),
    "osDiskGb": ("osDiskSizeGB", lambda pool: str(pool.os_disk_gb)),
    "maxPods": ("maxPods", lambda pool: str(pool.max_pods)),
    "spot": ("scaleSetPriority", lambda pool: _text(pool.spot)),
}
"""What a node pool is born with, by the stack file's key (R170): ARM's property, and the value."""
TRAINING_FIXED: Mapping[str, tuple[str, Callable[[TrainingCompute], str]]] = {
    "size": ("properties.properties.vmSize", lambda compute: compute.size),
    "lowPriority": ("properties.properties.vmPriority", lambda compute: _text(compute.low_priority)),
    "subnet": ("properties.properties.subnet", lambda compute: compute.subnet or "none"),
}
RULE_FIXED: Mapping[str, tuple[str, Callable[[OutboundRule], str]]] = {
    "type": ("properties.type", lambda rule: rule.type)
}


def estate_of(stack: Stack) -> dict[str, str]:
    """What the stack file's estate is made with: paths of the stack file to values; what it has not is left out."""
    found = {fixed.path: fixed.value(stack) for fixed in FIXED}
    estate = {path: value for path, value in found.items() if value is not None}
    return {**estate, **dict(_pools(stack)), **dict(_parts(stack)), **dict(_used(stack))}


def is_part(path: str) -> bool:
    """Whether a path is of a training compute or an outbound rule: it may leave the stack file, but not change."""
    return path.startswith(("training.", "workspace.managedNetwork.outboundRules."))


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
        is_closed = mode == "AllowOnlyApprovedOutbound"
        found["workspace.managedNetwork.outbound"] = "allowOnlyApprovedOutbound" if is_closed else None
    return {path: str(value) for path, value in found.items() if value}


def _used(stack: Stack) -> Iterator[tuple[str, str]]:
    owned = (
        ("workspace", stack.workspace.existing),
        ("registry", stack.registry and stack.registry.existing),
        *((_camel(key), getattr(stack.existing, key)) for key in type(stack.existing).model_fields),
    )
    yield from ((f"{part}.existing", "true") for part, theirs in owned if theirs is not None)


def _pools(stack: Stack) -> Iterator[tuple[str, str]]:
    for name, pool in stack.inference_cluster.pools.items() if stack.inference_cluster else ():
        place = "inferenceCluster.systemPool" if name == "system" else f"inferenceCluster.userPools.{name}"
        yield from ((f"{place}.{key}", value(pool)) for key, (_, value) in POOL_FIXED.items())


def _parts(stack: Stack) -> Iterator[tuple[str, str]]:
    for name, compute in stack.training.items():
        yield from ((f"training.{name}.{key}", value(compute)) for key, (_, value) in TRAINING_FIXED.items())
    network = stack.workspace.managed_network
    for name, rule in network.outbound_rules.items() if network else ():
        place = f"workspace.managedNetwork.outboundRules.{name}"
        yield from ((f"{place}.{key}", value(rule)) for key, (_, value) in RULE_FIXED.items())
