"""Whether pods of a deployment would find a node: what an instance type says, labels and taints of nodes.

Source: Azure ML on Kubernetes, create and manage instance types; taints and tolerations; AKS, spot node pools.
"""

import re
from collections.abc import Mapping
from typing import Any

from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.services.containerservice.pools import TYPE as POOL
from localazure.services.kubernetesconfiguration.models import ML
from localazure.services.kubernetesconfiguration.models import TYPE as EXTENSION
from localazure.services.machinelearning.errors import over_limit
from localazure.store import Record

GPU = "nvidia.com/gpu"
_GPU_SIZE = re.compile(r"standard_n[cdgv]", re.IGNORECASE)
_TOLERATED = re.compile(
    r"ml\.azure\.com/(amlarc(-workload)?=true|(resource-group|workspace|compute)=[^:]*):.*|.*:PreferNoSchedule"
)


def check_types(types: Mapping[str, Any]) -> None:
    """Every instance type says cpu and memory twice, and GPUs in its limits only; raises ArmError 400."""
    for name, kind in types.items():
        resources = kind.get("resources") or {}
        requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
        missing = [f"{part}.{key}" for part, of in (("requests", requests), ("limits", limits)) for key in _missing(of)]
        if missing:
            raise bad_request("BadArgument", f"Instance type '{name}' lacks {', '.join(missing)}.")
        if requests.get(GPU) is not None:
            raise bad_request("BadArgument", f"Instance type '{name}': {GPU} can be specified only in limits.")


def check_nodes(azure: Azure, compute: Record, name: str, kind: Mapping[str, Any]) -> None:
    """Some pool's nodes take its pods; raises ArmError 400, where Azure's deployment waits and fails in the end."""
    cluster = azure.store.get(compute.properties["resourceId"])
    pools = azure.store.children(cluster.id, POOL) if cluster else []
    if cluster is None or not pools:
        return
    settings = _settings(azure, cluster)
    selector = dict(kind.get("nodeSelector") or {})
    selector |= {
        key.removeprefix("nodeSelector."): settings[key] for key in settings if key.startswith("nodeSelector.")
    }
    gpus = str(((kind.get("resources") or {}).get("limits") or {}).get(GPU) or "0") != "0"
    reasons = {pool.name: _hindrance(pool, selector, gpus, settings) for pool in pools}
    if all(reasons.values()):
        told = "; ".join(f"{pool}: {reason}" for pool, reason in sorted(reasons.items()))
        raise over_limit(f"No node takes the pods of instance type '{name}' on '{compute.name}' ({told}).")


def _missing(of: Mapping[str, Any]) -> list[str]:
    return [key for key in ("cpu", "memory") if not of.get(key)]


def _settings(azure: Azure, cluster: Record) -> dict[str, str]:
    extensions = azure.store.children(cluster.id, EXTENSION)
    mine = [each for each in extensions if each.properties["extensionType"].lower() == ML]
    return dict(mine[0].properties["configurationSettings"]) if mine else {}


def _hindrance(pool: Record, selector: Mapping[str, str], gpus: bool, settings: Mapping[str, str]) -> str | None:
    labels = {**(pool.properties.get("nodeLabels") or {}), "agentpool": pool.name}
    # Labels with a slash are Kubernetes's and Azure's own: nobody here knows them.
    if any("/" not in key and labels.get(key) != value for key, value in selector.items()):
        return "other labels"
    taints = list(pool.properties.get("nodeTaints") or [])
    if pool.properties.get("scaleSetPriority") == "Spot":
        taints.append("kubernetes.azure.com/scalesetpriority=spot:NoSchedule")
    if bad := [taint for taint in taints if not _TOLERATED.fullmatch(taint)]:
        return f"taint {bad[0]}"
    if gpus and not _GPU_SIZE.match(pool.properties["vmSize"]):
        return "no GPU"
    if gpus and settings.get("installNvidiaDevicePlugin", "").lower() != "true":
        return "no device plugin"
    return None
