"""One deployment of an endpoint, with its autoscaler and its alerts."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.alerts import alert
from components.autoscale import autoscale
from components.deployment_body import capacity, managed, on_kubernetes
from components.ground import Ground
from components.kinds import DEPLOYMENT
from components.observed import Observation
from components.options import TYPE_PREFIX
from rollout.carried import KEPT
from rollout.counts import live_count
from rollout.renewal import failed_at_birth
from settings.stack import Stack

# What the stack file has no word for is sent as it is: Azure's own notes, and what others made a deployment with.
_KEPT = ("kind", "sku.tier", "properties.properties", *(f"properties.{key}" for key in KEPT))
_COMPONENT = f"{TYPE_PREFIX}:Endpoint${TYPE_PREFIX}:Deployment"
"""Where 0.1.0 kept a deployment: under a component of its own, which made a third of many endpoints' resources."""


def deployment(
    name: str,
    stack: Stack,
    parent: pulumi.Resource,
    endpoint: ml.OnlineEndpoint,
    ground: Ground,
    after: pulumi.Resource,
    observation: Observation,
) -> ml.OnlineDeployment:
    """Declares a model, its environment and its code on so many instances; it goes when its endpoint goes.

    Where Azure Monitor (managed) or the router (Kubernetes) scales it, its count is theirs: the first one is said, and
    with an edit the one that runs, since a PUT carries the whole body.
    """
    kind = stack.endpoints[endpoint._name].kind
    wanted = stack.endpoints[endpoint._name].deployments[name]
    seen, kept = observation.endpoints.get(endpoint._name), observation.applied.endpoints.get(endpoint._name)
    count = live_count(stack, endpoint._name, name, seen, kept)
    live = seen.deployments.get(name) if seen else None
    is_renewed = seen is not None and failed_at_birth(seen, name, kept)
    if is_renewed:
        pulumi.log.info(f"{endpoint._name}: {name} failed while it was made: it is replaced", resource=parent)
    ignored = [*_KEPT, *(["sku.capacity"] if wanted.autoscale and count is None else [])]
    if wanted.egress_public_network_access is None:
        ignored.append("properties.egressPublicNetworkAccess")  # fixed when it was made
    body = managed if kind == "managed" else on_kubernetes
    declared = ml.OnlineDeployment(
        f"{endpoint._name}-{name}",
        deployment_name=name,
        endpoint_name=endpoint._name,
        workspace_name=ground.workspace.name,
        resource_group_name=ground.workspace.resource_group,
        location=stack.location,
        sku={"name": "Default", "capacity": capacity(wanted) if count is None else count},
        properties=body(wanted, ground.workspace.asset_id),
        tags=dict(sorted(wanted.tags.items())),
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[after],
            deleted_with=endpoint,
            ignore_changes=ignored,
            # Azure takes no change of one that failed while it was made: it is deleted and made again.
            delete_before_replace=True,
            replace_on_changes=["*"] if is_renewed else None,
            import_=live.id if live and f"endpoints.{endpoint._name}.{name}" in stack.adopt else None,
            aliases=[_urn(f"{_COMPONENT}$azure-native:machinelearningservices:OnlineDeployment", endpoint, name)],
            hooks=ground.guard.of_deployment(endpoint._name, name),
        ),
    )
    ground.guard.watch(DEPLOYMENT, declared, endpoint._name, name)
    if kind == "managed":
        # Alerts and autoscalers live in the resource group: Azure deletes them with that, and not with the endpoint.
        its_own = pulumi.ResourceOptions(
            parent=declared,
            deleted_with=ground.base.group,
            aliases=[pulumi.Alias(parent=_urn(_COMPONENT, endpoint, name))],
        )
        if wanted.autoscale:
            autoscale(its_own, stack, wanted.autoscale, endpoint, declared)
        alert(its_own, stack, wanted, endpoint, declared, ground.action_group, ground.logs)
    return declared


def _urn(types: str, endpoint: ml.OnlineEndpoint, name: str) -> str:
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{types}::{endpoint._name}-{name}"
