"""The Azure ML workspace."""

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.base import Base
from components.options import TYPE_PREFIX, child
from components.registry import Registry
from settings.stack import Stack


class Workspace(pulumi.ComponentResource):
    """A workspace on its storage, key vault, insights and registry; an identity of its own. Protected in production."""

    workspace_id: pulumi.Output[str]
    name: str
    resource_group: str

    def __init__(
        self, name: str, stack: Stack, base: Base, registry: Registry, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Workspace", name, None, opts)
        workspace = ml.Workspace(
            name,
            workspace_name=stack.workspace.name,
            resource_group_name=base.resource_group,
            location=stack.location,
            friendly_name=stack.workspace.friendly_name or stack.workspace.name,
            identity={"type": ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED},
            storage_account=base.storage_id,
            key_vault=base.key_vault_id,
            application_insights=base.insights_id,
            container_registry=registry.registry_id,
            public_network_access=ml.PublicNetworkAccessType.ENABLED,
            v1_legacy_mode=False,
            tags=dict(sorted(stack.tags.items())),
            opts=child(self, pulumi.ResourceOptions(protect=stack.production)),
        )
        self.workspace_id = workspace.id
        self.name = stack.workspace.name
        self.resource_group = base.resource_group
        self.register_outputs({})
