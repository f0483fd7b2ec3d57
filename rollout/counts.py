"""Counts that a scaler owns: an edit sends the one that runs, and no edit sends none.

A PUT carries the whole body, so the count of the stack file would scale a deployment or a pool back to its first day.
"""

from rollout.applied import is_edited, pool_digest
from rollout.case import changed_keys
from rollout.model import Applied, AppliedEndpoint, ObservedEndpoint
from settings.stack import Stack


def live_count(
    stack: Stack, endpoint: str, name: str, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None
) -> int | None:
    """The count to send for an autoscaled deployment that this step edits; None: leave the count alone."""
    wanted = stack.endpoints[endpoint]
    deployment, live = wanted.deployments[name], seen.deployments.get(name) if seen else None
    if deployment.autoscale is None or live is None or live.instance_count is None:
        return None
    edited = is_edited(wanted.kind, name, deployment, kept)
    return live.instance_count if edited or changed_keys(live, deployment) else None


def pools_to_read(stack: Stack, applied: Applied) -> list[str]:
    """The node pools whose count the cluster's scaler owns and that this step edits, as far as that is known."""
    cluster = stack.inference_cluster
    if cluster is None:
        return []
    return [
        name for name, pool in cluster.pools.items() if pool.max and applied.pools.get(name) != pool_digest(stack, name)
    ]
