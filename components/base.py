"""What a workspace stands on: resource group, storage, key vault, logs and application insights."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import applicationinsights, authorization, keyvault, operationalinsights, resources, storage

from components.options import TYPE_PREFIX, child
from settings import names
from settings.regions import has_zones
from settings.stack import Stack


class Base(pulumi.ComponentResource):
    """The resource group and the four services that every Azure ML workspace needs.

    Where the workspace is private, storage and vault are closed to public networks; trusted Azure services get in.
    What is deleted in either can be had back for `softDeleteDays`. Logs and insights take what is sent to them from
    anywhere: who may read them is a matter of roles.
    """

    resource_group: str
    group: pulumi.Resource
    group_id: pulumi.Output[str]
    storage_id: pulumi.Output[str]
    key_vault_id: pulumi.Output[str]
    log_analytics_id: pulumi.Output[str]
    insights_id: pulumi.Output[str]

    def __init__(
        self, name: str, stack: Stack, opts: pulumi.ResourceOptions | None = None, *, recovers_vault: bool = False
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Base", name, None, opts)
        group = resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=stack.workspace.resource_group,
            location=stack.location,
            tags=dict(sorted(stack.tags.items())),
            opts=child(self, pulumi.ResourceOptions(protect=stack.production)),
        )
        self.resource_group = stack.workspace.resource_group
        self.group, self._protect = group, stack.production
        self.group_id = group.id
        account = self._storage(name, stack)
        self.storage_id = account.id
        self._blobs(name, stack, account)
        self.key_vault_id = self._key_vault(name, stack, recovers_vault).id
        self.log_analytics_id = self._logs(name, stack).id
        self.insights_id = self._insights(name, stack).id
        self.register_outputs({})

    def _in_group(self, ignore_changes: list[str] | None = None) -> pulumi.ResourceOptions:
        # The group is named by a plain string, so that a first preview shows it; the order is said apart.
        options = pulumi.ResourceOptions(depends_on=[self.group], protect=self._protect, ignore_changes=ignore_changes)
        return child(self, options)

    def _storage(self, name: str, stack: Stack) -> storage.StorageAccount:
        return storage.StorageAccount(
            f"{name}-storage",
            account_name=names.storage_account(stack.workspace),
            resource_group_name=self.resource_group,
            location=stack.location,
            kind=storage.Kind.STORAGE_V2,
            sku={"name": _sku(stack)},
            allow_blob_public_access=False,
            enable_https_traffic_only=True,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            public_network_access=storage.PublicNetworkAccess.DISABLED if stack.workspace.is_private else None,
            network_rule_set=_closed_storage() if stack.workspace.is_private else None,
            tags=dict(sorted(stack.tags.items())),
            # How it is replicated stays as it was made: Azure takes no change between one zone and three.
            opts=self._in_group(ignore_changes=["sku"]),
        )

    def _blobs(self, name: str, stack: Stack, account: storage.StorageAccount) -> None:
        kept = storage.DeleteRetentionPolicyArgs(enabled=True, days=stack.workspace.soft_delete_days)
        storage.BlobServiceProperties(
            f"{name}-blobs",
            account_name=names.storage_account(stack.workspace),
            # An account has one, from the beginning, of this name; nobody deletes it.
            blob_services_name="default",
            resource_group_name=self.resource_group,
            delete_retention_policy=kept,
            container_delete_retention_policy=kept,
            opts=child(self, pulumi.ResourceOptions(depends_on=[account], deleted_with=account)),
        )

    def _key_vault(self, name: str, stack: Stack, recovers: bool) -> keyvault.Vault:
        properties = keyvault.VaultPropertiesArgs(
            tenant_id=authorization.get_client_config_output().tenant_id,
            sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
            # A deleted one comes back as it was; without this word the next `up` makes it what the stack file says.
            create_mode=keyvault.CreateMode.RECOVER if recovers else None,
            enable_rbac_authorization=True,
            enable_soft_delete=True,
            soft_delete_retention_in_days=stack.workspace.soft_delete_days,
            # Azure takes only true here, and never back.
            enable_purge_protection=True if stack.production else None,
            public_network_access="Disabled" if stack.workspace.is_private else None,
            network_acls=_closed_vault() if stack.workspace.is_private else None,
        )
        return keyvault.Vault(
            f"{name}-vault",
            vault_name=names.key_vault(stack.workspace),
            resource_group_name=self.resource_group,
            location=stack.location,
            properties=properties,
            tags=dict(sorted(stack.tags.items())),
            opts=self._in_group(),
        )

    def _logs(self, name: str, stack: Stack) -> operationalinsights.Workspace:
        return operationalinsights.Workspace(
            f"{name}-logs",
            workspace_name=names.log_analytics(stack.workspace),
            resource_group_name=self.resource_group,
            location=stack.location,
            sku={"name": operationalinsights.WorkspaceSkuNameEnum.PER_GB2018},
            retention_in_days=stack.workspace.log_retention_days,
            tags=dict(sorted(stack.tags.items())),
            opts=self._in_group(),
        )

    def _insights(self, name: str, stack: Stack) -> applicationinsights.Component:
        return applicationinsights.Component(
            f"{name}-insights",
            resource_name_=names.application_insights(stack.workspace),
            resource_group_name=self.resource_group,
            location=stack.location,
            kind="web",
            application_type=applicationinsights.ApplicationType.WEB,
            ingestion_mode=applicationinsights.IngestionMode.LOG_ANALYTICS,
            workspace_resource_id=self.log_analytics_id,
            tags=dict(sorted(stack.tags.items())),
            # Whoever has them may write logs.
            opts=pulumi.ResourceOptions.merge(
                self._in_group(),
                pulumi.ResourceOptions(additional_secret_outputs=["connection_string", "instrumentation_key"]),
            ),
        )


def _sku(stack: Stack) -> storage.SkuName:
    is_zoned = stack.production and has_zones(stack.location)
    return storage.SkuName.STANDARD_ZRS if is_zoned else storage.SkuName.STANDARD_LRS


def _closed_storage() -> storage.NetworkRuleSetArgs:
    return storage.NetworkRuleSetArgs(bypass=storage.Bypass.AZURE_SERVICES, default_action=storage.DefaultAction.DENY)


def _closed_vault() -> keyvault.NetworkRuleSetArgs:
    return keyvault.NetworkRuleSetArgs(
        bypass=keyvault.NetworkRuleBypassOptions.AZURE_SERVICES, default_action=keyvault.NetworkRuleAction.DENY
    )
