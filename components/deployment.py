"""One deployment of an endpoint, with its autoscaler and its alerts."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.alerts import alert
from components.autoscale import autoscale
from components.deployment_body import capacity, managed, on_kubernetes
from components.ground import Ground
from components.options import TYPE_PREFIX
from settings.stack import Stack

_COMPONENT = f"{TYPE_PREFIX}:Endpoint${TYPE_PREFIX}:Deployment"
"""Where 0.1.0 kept a deployment: under a component of its own, which made a third of many endpoints' resources."""


def deployment(
    name: str,
    stack: Stack,
    parent: pulumi.Resource,
    endpoint: ml.OnlineEndpoint,
    ground: Ground,
    after: pulumi.Resource,
) -> ml.OnlineDeployment:
    """Declares a model, its environment and its code on so many instances; it goes when its endpoint goes.

    Where Azure Monitor (managed) or the router (Kubernetes) scales it, its count is theirs: only the first is said.
    """
    kind = stack.endpoints[endpoint._name].kind
    wanted = stack.endpoints[endpoint._name].deployments[name]
    body = managed if kind == "managed" else on_kubernetes
    declared = ml.OnlineDeployment(
        f"{endpoint._name}-{name}",
        deployment_name=name,
        endpoint_name=endpoint._name,
        workspace_name=ground.workspace.name,
        resource_group_name=ground.workspace.resource_group,
        location=stack.location,
        sku={"name": "Default", "capacity": capacity(wanted)},
        properties=body(wanted, ground.workspace.asset_id),
        tags=dict(sorted(wanted.tags.items())),
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[after],
            deleted_with=endpoint,
            ignore_changes=["properties.properties", *(["sku.capacity"] if wanted.autoscale else [])],
            aliases=[_urn(f"{_COMPONENT}$azure-native:machinelearningservices:OnlineDeployment", endpoint, name)],
            hooks=ground.guard.deployment,
        ),
    )
    if kind == "managed":
        its_own = pulumi.ResourceOptions(
            parent=declared, aliases=[pulumi.Alias(parent=_urn(_COMPONENT, endpoint, name))]
        )
        if wanted.autoscale:
            autoscale(its_own, stack, wanted.autoscale, endpoint, declared)
        alert(its_own, stack, wanted, endpoint, declared, ground.group)
    return declared


def _urn(types: str, endpoint: ml.OnlineEndpoint, name: str) -> str:
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{types}::{endpoint._name}-{name}"
