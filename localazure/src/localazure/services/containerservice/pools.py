"""Node pools: in a cluster's body, or resources of their own."""

import re
from typing import Any, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Child, Flag, Text, Whole
from localazure.arm.context import Azure
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.create_only import refused_change
from localazure.services.containerservice.errors import fixed, invalid
from localazure.services.network.names import SUBNET
from localazure.store import Record

TYPE = "Microsoft.ContainerService/managedClusters/agentPools"
NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
MOST_NODES = 1000
VERSION = "1.33.5"


class UpgradeSettings(Body):
    """How nodes are replaced."""

    max_surge: Text | None = None
    max_unavailable: Text | None = None
    drain_timeout_in_minutes: Whole | None = None
    node_soak_duration_in_minutes: Whole | None = None


class PoolProperties(Body):
    """Properties of a node pool."""

    read_only = frozenset({"provisioningState", "currentOrchestratorVersion", "nodeImageVersion", "powerState", "eTag"})
    availability_zones: list[Text] | None = None
    count: Whole | None = None
    enable_auto_scaling: Flag | None = None
    enable_encryption_at_host: Flag | None = None
    enable_fips: Flag | None = Field(None, alias="enableFIPS")
    enable_node_public_ip: Flag | None = Field(None, alias="enableNodePublicIP")
    max_count: Whole | None = None
    max_pods: Whole | None = None
    min_count: Whole | None = None
    mode: Literal["System", "User"] | None = None
    node_labels: dict[str, Text] | None = None
    node_taints: list[Text] | None = None
    orchestrator_version: Text | None = None
    os_disk_size_gb: Whole | None = Field(None, alias="osDiskSizeGB")
    os_disk_type: Literal["Managed", "Ephemeral"] | None = None
    os_sku: Literal["Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux", "AzureLinux3"] | None = Field(
        None, alias="osSKU"
    )
    os_type: Literal["Linux", "Windows"] | None = None
    pod_subnet_id: Text | None = Field(None, alias="podSubnetID")
    scale_down_mode: Literal["Delete", "Deallocate"] | None = None
    scale_set_eviction_policy: Literal["Delete", "Deallocate"] | None = None
    scale_set_priority: Literal["Spot", "Regular"] | None = None
    spot_max_price: float | None = None
    tags: dict[str, Text] | None = None
    type: Literal["VirtualMachineScaleSets", "AvailabilitySet", "VirtualMachines"] | None = None
    upgrade_settings: UpgradeSettings | None = None
    vm_size: Text
    vnet_subnet_id: Text | None = Field(None, alias="vnetSubnetID")


class Profile(PoolProperties):
    """A pool in a cluster's body."""

    name: Text


class PoolBody(Child):
    """PUT of a pool of its own."""

    properties: PoolProperties


def build_pool(azure: Azure, pool: ResourceId, body: PoolBody, before: Record | None) -> Made:
    """The document of a pool that is written by itself."""
    return Made(pool_properties(azure, pool.name, body.properties, before))


def pool_properties(azure: Azure, name: str, sent: PoolProperties, before: Record | None) -> dict[str, Any]:
    """The properties as a GET shows them; raises ArmError 400 for a pool that cannot be."""
    if NAME.fullmatch(name) is None:
        raise invalid("agentPool.name", f"'{name}' must be 1 to 12 lower-case letters and digits, a letter first.")
    wanted = sent.sent()
    check_count(name, sent)
    for path in ("vnetSubnetID", "podSubnetID"):
        record = azure.store.get(wanted[path]) if path in wanted else None
        if path in wanted and (record is None or record.type.lower() != SUBNET.lower()):
            raise invalid(f"agentPool.{path}", f"The subnet {wanted[path]} of pool '{name}' does not exist.")
    changed = refused_change(TYPE, before.document, {"properties": wanted}) if before is not None else None
    if changed is not None:
        raise fixed(f"agentPoolProfile.{changed}")
    return {
        "count": 1,
        "enableAutoScaling": False,
        "enableNodePublicIP": False,
        "maxPods": 110,
        "mode": "User",
        "osDiskSizeGB": 128,
        "osDiskType": "Managed",
        "osSKU": "Ubuntu",
        "osType": "Linux",
        "scaleDownMode": "Delete",
        "type": "VirtualMachineScaleSets",
        "orchestratorVersion": VERSION,
        **wanted,
        "currentOrchestratorVersion": wanted.get("orchestratorVersion", VERSION),
        "powerState": {"code": "Running"},
        "provisioningState": "Succeeded",
    }


def check_count(name: str, sent: PoolProperties) -> None:
    """A system pool has a node; an autoscaled pool's count lies between its limits, which others have none of."""
    count, least, most = sent.count if sent.count is not None else 1, sent.min_count, sent.max_count
    floor = 1 if sent.mode == "System" else 0
    if not floor <= count <= MOST_NODES:
        raise invalid("agentPool.count", f"Pool '{name}' must have {floor} to {MOST_NODES} nodes, got {count}.")
    if not sent.enable_auto_scaling:
        if least is not None or most is not None:
            raise invalid("agentPool.minCount", f"Pool '{name}' has limits and no enableAutoScaling.")
        return
    if least is None or most is None or not floor <= least <= count <= most <= MOST_NODES:
        message = f"Pool '{name}': minCount <= count <= maxCount must hold, got {least}, {count}, {most}."
        raise invalid("agentPool.minCount", message)
