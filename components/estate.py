"""The whole of a stack's resources, in the order they stand on each other."""

from collections.abc import Mapping

import pulumi

from components.access import Access
from components.adopted import Adopted
from components.alerts import ActionGroup
from components.attachment import Attachment
from components.base import Base
from components.computes import ComputeGuard
from components.endpoint import Endpoint
from components.foundation import Foundation, Home, ImageStore, Wiring, id_of
from components.ground import Ground
from components.guard import Guard
from components.identities import Identities
from components.images import Image
from components.inference_cluster import InferenceCluster
from components.network import Network
from components.observed import Observation
from components.private_access import PrivateAccess, targets
from components.registry import Registry
from components.secrets import keep_secret
from components.speed.tricks import short_stacks
from components.standing import Standing
from components.tags import leave_alone
from components.training import TrainingCompute
from components.used import foundation_of, home_of, registry_of, wiring_of
from components.watching import Workbook
from components.workspace import Workspace
from rollout.applied import ground_to_keep
from rollout.edits import tell
from rollout.existing import Completed
from rollout.model import Step


def declare(used: Completed, steps: Mapping[str, Step], observation: Observation, adopted: Adopted) -> pulumi.Inputs:
    """Declare every resource of the stack and return its outputs; keys leave only as secrets.

    `used` is the stack with what others own; `adopted` is what is taken over.
    """
    stack = used.stack
    keep_secret(stack)
    leave_alone(stack)
    guard = Guard(stack, steps, observation, Standing(stack, observation, adopted))
    base, registry = _foundation(used, adopted)
    ground = _ground(used, base, registry, guard, observation, adopted)
    if not observation.takes_down:
        guard.announce(tell(stack, steps, observation.endpoints, observation.applied, observation.found.assets))
    with short_stacks():
        endpoints = [Endpoint(name, stack, step, observation, ground) for name, step in steps.items()]
    return {
        "resourceGroup": base.resource_group,
        "workspace": ground.workspace.name,
        "registry": registry.login_server,
        "endpoints": {endpoint.name: endpoint.outputs for endpoint in endpoints},
        "live": {endpoint.name: endpoint.live for endpoint in endpoints},
        "applied": {
            **ground_to_keep(stack),
            "subscription": observation.subscription,
            "endpoints": {each.name: each.applied for each in endpoints},
        },
        "appliedVariables": {each.name: each.values for each in endpoints},
        "keys": {endpoint.name: endpoint.keys for endpoint in endpoints if endpoint.keys is not None},
    }


def _foundation(used: Completed, adopted: Adopted) -> tuple[Foundation, ImageStore]:
    """What the workspace stands on: the stack's own, or what an existing workspace has."""
    if used.stack.workspace.existing is not None or used.stack.registry is None:
        return foundation_of(used.stack, used), registry_of(used.stack, used)
    base = Base("base", used, recovers_vault=adopted.recovers_vault).foundation
    if used.stack.registry.existing is not None:
        return base, registry_of(used.stack, used)
    return base, Registry("registry", used.stack, used.stack.registry, base).store


def _network(used: Completed, base: Foundation) -> Wiring | None:
    wanted = used.stack.network
    if wanted is None:
        return None
    if wanted.existing is not None:
        return wiring_of(used.stack, used)
    return Network("network", used.stack, wanted, base).wiring


def _home(used: Completed, base: Foundation, registry: ImageStore, identities: Identities | None, down: bool) -> Home:
    computes = ComputeGuard(used.stack, takes_down=down)
    if used.stack.workspace.existing is not None:
        return home_of(used.stack, used, computes)
    return Workspace("workspace", used.stack, base, registry, computes, identities).home


def _ground(
    used: Completed,
    base: Foundation,
    registry: ImageStore,
    guard: Guard,
    observation: Observation,
    adopted: Adopted,
) -> Ground:
    """What the endpoints stand on. Components are quick to import: the SDK's classes behind them load when used."""
    stack = used.stack
    network, identities, group, before = _network(used, base), None, None, list[pulumi.Resource]()
    after_base = pulumi.ResourceOptions(depends_on=base.after)
    if stack.identities:
        identities = Identities("identities", used, base, registry)
    workspace = _home(used, base, registry, identities, observation.takes_down)
    if identities:
        identities.grant_on_workspace(workspace)
        before += identities.grants
    if network and stack.network and stack.network.endpoint_subnet:
        wanted = targets(base, registry, workspace)
        before.append(PrivateAccess("private-access", used, network, stack.network.endpoint_subnet, wanted))
    if stack.access.deployers or stack.access.invokers:
        Access("access", stack, base.group_id, workspace)
    for name, training in sorted(stack.training.items()):
        before.append(TrainingCompute(name, stack, training, workspace, network))
    for name, image in sorted(stack.images.items()):
        before.append(Image(name, image, workspace))
    if stack.inference_cluster:
        wanted_cluster = stack.inference_cluster
        counts = observation.pools
        cluster = InferenceCluster("cluster", stack, wanted_cluster, base, registry, network, counts, adopted.ids)
        if identities:
            identities.federate(cluster.issuer, cluster, cluster.cluster_id, cluster.before_attach)
        if wanted_cluster.attach.kind != "none":
            before.append(Attachment("attachment", stack, wanted_cluster, cluster, workspace))
    if stack.watching.action_group and stack.watching.action_group.existing is not None:
        group = id_of(used, "watching.actionGroup")
    elif stack.watching.action_group:
        group = ActionGroup("action-group", stack, stack.watching.action_group, after_base).group_id
    if stack.watching.workbook:
        Workbook("workbook", stack, base, after_base)
    logs = base.log_analytics_id if stack.existing.log_analytics is not None else None
    return Ground(base, workspace, guard, identities, group, logs, tuple(before))
