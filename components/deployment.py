"""One deployment of an endpoint, with its autoscaler and its alerts."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.alerts import ActionGroup, alert
from components.autoscale import autoscale
from components.deployment_body import capacity, managed, on_kubernetes
from components.options import TYPE_PREFIX
from components.workspace import Workspace
from settings.stack import Stack


def deployment(
    name: str,
    stack: Stack,
    endpoint: ml.OnlineEndpoint,
    workspace: Workspace,
    group: ActionGroup | None,
    opts: pulumi.ResourceOptions,
) -> ml.OnlineDeployment:
    """Declares a model, its environment and its code on so many instances; it goes when its endpoint goes.

    Where Azure Monitor (managed) or the router (Kubernetes) scales it, its count is theirs: only the first is said.
    """
    kind = stack.endpoints[endpoint._name].kind
    wanted = stack.endpoints[endpoint._name].deployments[name]
    body = managed if kind == "managed" else on_kubernetes
    was = _alias(f"{endpoint._name}-{name}")
    owned_by_autoscaler = ["sku.capacity"] if wanted.autoscale else []
    declared = ml.OnlineDeployment(
        f"{endpoint._name}-{name}",
        deployment_name=name,
        endpoint_name=endpoint._name,
        workspace_name=workspace.name,
        resource_group_name=workspace.resource_group,
        location=stack.location,
        sku={"name": "Default", "capacity": capacity(wanted)},
        properties=body(wanted, workspace.workspace_id),
        tags=dict(sorted(wanted.tags.items())),
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(deleted_with=endpoint, ignore_changes=owned_by_autoscaler, aliases=[was]),
        ),
    )
    if kind == "managed":
        its_own = pulumi.ResourceOptions(parent=declared, aliases=[was])
        if wanted.autoscale:
            autoscale(its_own, stack, wanted.autoscale, endpoint, declared)
        alert(its_own, stack, wanted, endpoint, declared, group)
    return declared


def _alias(name: str) -> pulumi.Alias:
    """Where 0.1.0 kept it: under a component of each deployment, a third of the resources of many endpoints."""
    parents = f"{TYPE_PREFIX}:Endpoint${TYPE_PREFIX}:Deployment"
    return pulumi.Alias(parent=f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{parents}::{name}")
