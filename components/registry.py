"""The container registry that environments are built into and pulled from."""

import pulumi
from pulumi_azure_native import containerregistry

from components.base import Base
from components.options import TYPE_PREFIX, child
from settings.stack import Stack

_SKUS = {
    "basic": containerregistry.SkuName.BASIC,
    "standard": containerregistry.SkuName.STANDARD,
    "premium": containerregistry.SkuName.PREMIUM,
}


class Registry(pulumi.ComponentResource):
    """A registry without an admin user: images are pulled by identity (AcrPull). Protected in production."""

    registry_id: pulumi.Output[str]
    login_server: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        stack: Stack,
        base: Base,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Registry", name, None, opts)
        registry = containerregistry.Registry(
            name,
            registry_name=stack.registry.name,
            resource_group_name=base.resource_group,
            location=stack.location,
            sku={"name": _SKUS[stack.registry.sku]},
            admin_user_enabled=False,
            tags=dict(sorted(stack.tags.items())),
            opts=child(self, pulumi.ResourceOptions(protect=stack.production, depends_on=[base])),
        )
        self.registry_id = registry.id
        self.login_server = registry.login_server
        self.register_outputs({})
