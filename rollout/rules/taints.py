"""Which taints of a pool keep Azure ML's pods away. Source: Azure ML on Kubernetes, taints and tolerations."""

from collections.abc import Mapping

from settings.cluster import Pool

# What the pods of a deployment tolerate; `*` is any value (a resource group's, a workspace's, a compute's).
WORKLOAD = {
    "ml.azure.com/amlarc": "true",
    "ml.azure.com/amlarc-workload": "true",
    "ml.azure.com/resource-group": "*",
    "ml.azure.com/workspace": "*",
    "ml.azure.com/compute": "*",
}
# What the extension's own pods tolerate.
SYSTEM = {"ml.azure.com/amlarc": "true", "ml.azure.com/amlarc-system": "true"}


def hindering_taints(pool: Pool, tolerated: Mapping[str, str] = WORKLOAD) -> list[str]:
    """The taints of a pool that keep pods away; AKS taints spot nodes by itself, a GPU pool's taint is tolerated."""
    return [*(one for one in pool.taints if _hinders(one, tolerated)), *(["spot"] if pool.spot else [])]


def _hinders(taint: str, tolerated: Mapping[str, str]) -> bool:
    key, _, rest = taint.partition("=") if "=" in taint else (taint.partition(":")[0], "", "")
    is_tolerated = key in tolerated and tolerated[key] in ("*", rest.partition(":")[0])
    return not is_tolerated and not taint.endswith(":PreferNoSchedule")
