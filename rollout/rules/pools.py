"""Rules for node pools that are there already: what can't change, and who made them.

Both are asked by the engine's hooks before a pool is made or updated, in a preview too: only the engine knows what
this stack applied last.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from settings.refusal import Refusal

SYSTEM = "inferenceCluster.systemPool"
# ARM's name of what a pool is born with -> the stack file's.
_FIXED = {
    "vmSize": "size",
    "availabilityZones": "zones",
    "osDiskSizeGB": "osDiskGb",
    "maxPods": "maxPods",
    "scaleSetPriority": "spot",
    "vnetSubnetID": "subnet",
}


def path_of(pool: str) -> str:
    """Where a pool stands in the stack file."""
    return SYSTEM if pool == "system" else f"inferenceCluster.userPools.{pool}"


def another_pool(is_system: bool) -> str:
    """What to do instead of changing what a pool was made with."""
    if is_system:
        return "Write the old value again: the cluster's own pool stays as it was made."
    return (
        "Add a pool with another name, run 'pulumi up', move what runs on the old one (kubectl drain), then "
        "remove the old one."
    )


def guard_born_with(path: str, applied: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Refusal]:
    """R170 A pool keeps what it was made with: size, zones, disk, pods a node, subnet, spot or not.

    For other values make another pool: AKS moves no node to another size. `applied` and `wanted` are the pool's ARM
    properties; what is not known yet in a preview is passed over.

    Source: AKS, node pools: these properties cannot be updated.
    Example:
        pool: models
        applied: {vmSize: Standard_D8s_v5}
        wanted: {vmSize: Standard_D16s_v5}
    """
    for key, name in _FIXED.items():
        before, after = _plain(applied.get(key)), _plain(wanted.get(key))
        if before != after and "?" not in (before, after):
            cure = another_pool(is_system=path == SYSTEM)
            yield Refusal("R170", f"{path}.{name}", after, f"{before}, as the pool was made", cure)


def guard_new_pool(pool: str, is_there: bool) -> Iterator[Refusal]:
    """R171 A pool that the cluster has already is not made a second time.

    It was made by hand, or by version 0.1.0, whose pools stood in the cluster's own body.

    Source: azure-native creates nothing that exists; AKS, node pools: a name is unique in its cluster.
    Example:
        pool: models
        exists: true
    """
    if is_there:
        cure = (
            f"Take it over: write inferenceCluster.adoptPools: [{pool}], run 'pulumi up', then remove the key again. "
            "Or choose another name."
        )
        yield Refusal("R171", path_of(pool), "the cluster has a pool of this name", "a name that is free", cure)


def guard_adopted(pool: str, is_there: bool) -> Iterator[Refusal]:
    """R172 A pool that is to be taken over is there.

    Source: Pulumi, option import: the resource must exist.
    Example:
        pool: models
        exists: false
    """
    if not is_there:
        cure = f"Remove {pool} from adoptPools: the next 'pulumi up' makes the pool."
        yield Refusal("R172", "inferenceCluster.adoptPools", pool, "a pool that the cluster has", cure)


def _plain(value: Any) -> str:
    """A value in words; `?` where a preview does not know it."""
    if value is None or value == []:
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else "?"
