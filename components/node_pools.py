"""The node pools of the inference cluster: the system pool in its body, all others as resources of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
from pulumi_azure_native import containerservice

from components.azure_reads import GET_POOL, get, pool_place, whole
from components.options import child
from rollout.guard import guard_count
from rollout.rules.pools import guard_adopted, guard_born_with, guard_new_pool, path_of
from settings.cluster import InferenceCluster, Pool
from settings.refusal import Refusal, Refused
from settings.stack import Stack

# The one taint that all of Azure ML's pods tolerate, the GPU device plugin of its extension among them; other taints
# keep its workloads away. Source: Azure ML on Kubernetes, taints and tolerations.
GPU_TAINT = "ml.azure.com/amlarc=true:NoSchedule"
_SPOT_TAINT = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"
_MOST_POOLS = 100  # Azure's own limit


def pool_inputs(
    name: str, pool: Pool, subnet: pulumi.Input[str] | None, tags: dict[str, str], live_count: int | None = None
) -> dict[str, Any]:
    """A pool as the SDK's classes take it, but for its name.

    With a maximum the cluster autoscaler has the count: the stack names the first one, and with an edit the one that is
    live, since a PUT carries the whole body. A GPU pool is tainted: nothing but what is Azure ML's lands there. An
    upgrade adds nodes before it takes any away (a third at a time).
    """
    taints = [*pool.taints, *([GPU_TAINT] if pool.gpu else []), *([_SPOT_TAINT] if pool.spot else [])]
    scaling = {"enable_auto_scaling": True, "min_count": pool.min, "max_count": pool.max} if pool.max else {}
    spot = {"scale_set_priority": "Spot", "scale_set_eviction_policy": "Delete", "spot_max_price": -1.0}
    return {
        "mode": "System" if name == "system" else "User",
        "vm_size": pool.size,
        "count": pool.min if live_count is None else live_count,
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


def not_the_clusters(system: Pool, live_counts: Mapping[str, int]) -> list[str]:
    """What a cluster leaves alone in its own body: pools behind the first one, and a count that the autoscaler has.

    Azure shows every pool in the cluster, and a refresh would take them for drift (ADR 3).
    """
    others = [f"agentPoolProfiles[{index}]" for index in range(1, _MOST_POOLS)]
    return [*others, *(["agentPoolProfiles[0].count"] if system.max and "system" not in live_counts else [])]


class UserPools:
    """A resource for each user pool; one after the other, as AKS changes one pool of a cluster at a time."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        stack: Stack,
        wanted: InferenceCluster,
        live_counts: Mapping[str, int],
        adopted: Mapping[str, str],
    ) -> None:
        self._parent, self._name, self._wanted = parent, name, wanted
        self._counts, self._adopted = live_counts, adopted
        self._stack = stack
        in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
        made = pulumi.ResourceHook("refuse-existing-pool", self._before_create, in_preview)
        changed = pulumi.ResourceHook("refuse-pool-change", self._before_update, in_preview)
        system = pulumi.ResourceHook("refuse-system-pool-change", _before_cluster_update, in_preview)
        self.of_cluster = pulumi.ResourceHookBinding(before_update=[system])
        self._of_pool = pulumi.ResourceHookBinding(before_create=[made], before_update=[changed])

    def declare(
        self, cluster: pulumi.Resource, subnet: pulumi.Input[str] | None, tags: dict[str, str]
    ) -> list[pulumi.Resource]:
        """Every pool but `system`. Their hooks refuse, in a preview too, what Azure would (R170 to R172)."""
        made: list[pulumi.Resource] = [cluster]
        for key, pool in self._wanted.pools.items():
            if key == "system":
                continue
            options = pulumi.ResourceOptions(
                depends_on=[made[-1]],
                deleted_with=cluster,
                protect=self._stack.production,
                ignore_changes=["count"] if pool.max and key not in self._counts else None,
                hooks=self._of_pool,
                import_=self._adopted.get(path_of(key)),
            )
            made.append(
                containerservice.AgentPool(
                    f"{self._name}-{key}",
                    agent_pool_name=key,
                    resource_name_=self._wanted.name,
                    resource_group_name=self._stack.workspace.resource_group,
                    **pool_inputs(key, pool, subnet, tags, self._counts.get(key)),
                    opts=child(self._parent, options),
                )
            )
        return made[1:]

    async def _before_create(self, args: pulumi.ResourceHookArgs) -> None:
        pool = str((args.new_inputs or {})["agentPoolName"])
        is_there = await get(GET_POOL, pool_place(self._stack, pool)) is not None
        guard = guard_adopted if pool in self._wanted.adopt_pools else guard_new_pool
        _refuse(guard(pool, is_there))

    async def _before_update(self, args: pulumi.ResourceHookArgs) -> None:
        old, new = args.old_inputs or {}, args.new_inputs or {}
        name = str(new["agentPoolName"])
        refusals = list(guard_born_with(path_of(name), old, new))
        if new.get("enableAutoScaling"):
            live = await get(GET_POOL, pool_place(self._stack, name)) or {}
            refusals += guard_count(path_of(name), whole(new.get("count")), whole(live.get("count")))
        _refuse(refusals)


async def _before_cluster_update(args: pulumi.ResourceHookArgs) -> None:
    _refuse(guard_born_with(path_of("system"), _system(args.old_inputs), _system(args.new_inputs)))


def _system(inputs: Mapping[str, Any] | None) -> Mapping[str, Any]:
    profiles = (inputs or {}).get("agentPoolProfiles") or []
    return next((profile for profile in profiles if profile.get("name") == "system"), {})


def _refuse(refusals: Iterable[Refusal]) -> None:
    found = list(refusals)
    if found:
        raise Refused(found)
