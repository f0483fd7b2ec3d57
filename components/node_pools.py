"""The node pools of the inference cluster."""

from typing import Any

import pulumi

from settings.cluster import Pool

GPU_TAINT = "sku=gpu:NoSchedule"
_SPOT_TAINT = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"


def pool_inputs(name: str, pool: Pool, subnet: pulumi.Input[str] | None, tags: dict[str, str]) -> dict[str, Any]:
    """A pool as the SDK's class takes it.

    With a maximum the cluster autoscaler has the count, so the stack names only the first one. A GPU pool is tainted:
    only what asks for a GPU lands there. An upgrade adds nodes before it takes any away (a third at a time).
    """
    taints = [*pool.taints, *([GPU_TAINT] if pool.gpu else []), *([_SPOT_TAINT] if pool.spot else [])]
    scaling = {"enable_auto_scaling": True, "min_count": pool.min, "max_count": pool.max} if pool.max else {}
    spot = {"scale_set_priority": "Spot", "scale_set_eviction_policy": "Delete", "spot_max_price": -1.0}
    return {
        "name": name,
        "mode": "System" if name == "system" else "User",
        "vm_size": pool.size,
        "count": pool.min,
        "os_type": "Linux",
        "os_disk_size_gb": pool.os_disk_gb,
        "max_pods": pool.max_pods,
        "availability_zones": list(pool.zones) or None,
        "node_labels": dict(sorted({**pool.labels, "pool": name}.items())),
        "node_taints": taints or None,
        "vnet_subnet_id": subnet,
        "type": "VirtualMachineScaleSets",
        "tags": tags,
        **scaling,
        **(spot if pool.spot else {"upgrade_settings": {"max_surge": "33%"}}),
    }
