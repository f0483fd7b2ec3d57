"""Deployments that failed while they were made: Azure takes no change of them, so they are replaced."""

from rollout.model import AppliedEndpoint, ObservedEndpoint


def failed_at_birth(seen: ObservedEndpoint, name: str, kept: AppliedEndpoint | None) -> bool:
    """Whether an idle deployment is Failed and was never part of a whole `up`; nothing is lost with it.

    Source: recorded behaviour, 'failed during initial provisioning and is in an unrecoverable state'.
    """
    live = seen.deployments.get(name)
    if live is None or live.state != "Failed" or seen.traffic.get(name) or seen.mirror.get(name):
        return False
    return kept is None or name not in kept.deployments
