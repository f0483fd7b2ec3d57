"""One deployment of an endpoint, with its autoscaler and its alerts."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.alerts import ActionGroup, alert
from components.autoscale import autoscale
from components.deployment_body import capacity, managed, on_kubernetes
from components.options import TYPE_PREFIX, child
from components.workspace import Workspace
from settings.stack import Stack


class Deployment(pulumi.ComponentResource):
    """A model, its environment and its code on so many instances; it goes when its endpoint goes.

    Where Azure Monitor (managed) or the router (Kubernetes) scales it, its count is theirs: only the first is said.
    """

    name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        stack: Stack,
        endpoint: ml.OnlineEndpoint,
        workspace: Workspace,
        hooks: pulumi.ResourceHookBinding,
        group: ActionGroup | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Deployment", f"{endpoint._name}-{name}", None, opts)
        kind = stack.endpoints[endpoint._name].kind
        wanted = stack.endpoints[endpoint._name].deployments[name]
        body = managed if kind == "managed" else on_kubernetes
        owned_by_autoscaler = ["sku.capacity"] if wanted.autoscale else []
        deployment = ml.OnlineDeployment(
            f"{endpoint._name}-{name}",
            deployment_name=name,
            endpoint_name=endpoint._name,
            workspace_name=workspace.name,
            resource_group_name=workspace.resource_group,
            location=stack.location,
            sku={"name": "Default", "capacity": capacity(wanted)},
            properties=body(wanted, workspace.workspace_id),
            tags=dict(sorted(wanted.tags.items())),
            opts=child(
                self,
                pulumi.ResourceOptions(deleted_with=endpoint, ignore_changes=owned_by_autoscaler, hooks=hooks),
            ),
        )
        if kind == "managed":
            if wanted.autoscale:
                autoscale(self, stack, wanted.autoscale, endpoint, deployment)
            alert(self, stack, wanted, endpoint, deployment, group)
        self.name = deployment.name
        self.register_outputs({})
