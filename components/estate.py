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
from components.training import TrainingCompute
from components.watching import Workbook
from components.workspace import Workspace
from rollout.applied import ground_to_keep
from rollout.edits import tell
from rollout.model import Step
from settings.stack import Stack


def declare(stack: Stack, steps: Mapping[str, Step], observation: Observation, adopted: Adopted) -> pulumi.Inputs:
    """Declare every resource of the stack and return its outputs; keys leave only as secrets.

    `adopted` is what is taken over.
    """
    keep_secret(stack)
    guard = Guard(stack, steps, observation, Standing(stack, observation, adopted))
    base = Base("base", stack, recovers_vault=adopted.recovers_vault)
    registry = Registry("registry", stack, base)
    ground = _ground(stack, base, registry, guard, observation, adopted)
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


def _ground(
    stack: Stack, base: Base, registry: Registry, guard: Guard, observation: Observation, adopted: Adopted
) -> Ground:
    """What the endpoints stand on. Components are quick to import: the SDK's classes behind them load when used."""
    network, identities, group, before = None, None, None, list[pulumi.Resource]()
    after_base = pulumi.ResourceOptions(depends_on=[base])
    if stack.network:
        network = Network("network", stack, stack.network, base)
    if stack.identities:
        identities = Identities("identities", stack, base, registry)
    workspace = Workspace(
        "workspace", stack, base, registry, ComputeGuard(stack, takes_down=observation.takes_down), identities
    )
    if identities:
        identities.grant_on_workspace(workspace.workspace_id, workspace)
        before += identities.grants
    if network and stack.network and stack.network.endpoint_subnet:
        wanted = targets(base, registry, workspace)
        before.append(PrivateAccess("private-access", stack, network, stack.network.endpoint_subnet, wanted))
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
    if stack.watching.action_group:
        group = ActionGroup("action-group", stack, stack.watching.action_group, after_base)
    if stack.watching.workbook:
        Workbook("workbook", stack, base, after_base)
    return Ground(base, workspace, guard, identities, group, tuple(before))
