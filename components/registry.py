"""The container registry that environments are built into and pulled from."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import containerregistry

from components.foundation import Foundation, ImageStore
from components.options import TYPE_PREFIX, child
from settings.stack import Stack
from settings.workspace import Registry as Wanted

_SKUS = {
    "basic": containerregistry.SkuName.BASIC,
    "standard": containerregistry.SkuName.STANDARD,
    "premium": containerregistry.SkuName.PREMIUM,
}


class Registry(pulumi.ComponentResource):
    """A registry without an admin user: images are pulled by identity (AcrPull). Protected in production."""

    store: ImageStore

    def __init__(
        self,
        name: str,
        stack: Stack,
        wanted: Wanted,
        base: Foundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Registry", name, None, opts)
        is_private = stack.workspace.is_private
        registry = containerregistry.Registry(
            name,
            registry_name=wanted.name,
            resource_group_name=base.resource_group,
            location=stack.location,
            sku={"name": _SKUS[wanted.sku]},
            admin_user_enabled=False,
            public_network_access=containerregistry.PublicNetworkAccess.DISABLED if is_private else None,
            network_rule_bypass_options=containerregistry.NetworkRuleBypassOptions.AZURE_SERVICES
            if is_private
            else None,
            zone_redundancy=containerregistry.ZoneRedundancy.ENABLED if wanted.zone_redundant else None,
            policies=_policies(wanted.untagged_days),
            tags=dict(sorted(stack.tags.items())),
            opts=child(self, pulumi.ResourceOptions(protect=stack.production, depends_on=base.after)),
        )
        self.store = ImageStore(registry.id, registry.login_server, after=[self])
        self.register_outputs({})


def _policies(untagged_days: int | None) -> containerregistry.PoliciesArgs | None:
    if untagged_days is None:
        return None
    retention = containerregistry.RetentionPolicyArgs(days=untagged_days, status="enabled")
    return containerregistry.PoliciesArgs(retention_policy=retention)
