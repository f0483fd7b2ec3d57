"""The Azure ML workspace, and the network that Azure makes for it."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.computes import ComputeGuard
from components.foundation import Foundation, Home, ImageStore
from components.identities import Identities
from components.options import TYPE_PREFIX, child
from settings.stack import Stack
from settings.workspace import ManagedNetwork, OutboundRule

_MODES = {
    "allowInternetOutbound": ml.IsolationMode.ALLOW_INTERNET_OUTBOUND,
    "allowOnlyApprovedOutbound": ml.IsolationMode.ALLOW_ONLY_APPROVED_OUTBOUND,
}
# Keys are Azure's own default, and left unsaid.
_AUTH = {"identity": "identity"}
_FIREWALLS = {"basic": ml.FirewallSku.BASIC, "standard": ml.FirewallSku.STANDARD}


class Workspace(pulumi.ComponentResource):
    """A workspace on its storage, key vault, insights and registry. Protected in production.

    It has an identity of its own, or one of the stack's with its roles granted before. A managed network is
    provisioned with it and its outbound rules are made after it, in turn; a deployment depends on this component, so
    it comes after both.
    """

    home: Home

    def __init__(
        self,
        name: str,
        stack: Stack,
        base: Foundation,
        registry: ImageStore,
        computes: ComputeGuard,
        identities: Identities | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Workspace", name, None, opts)
        network = _managed_network(stack)
        workspace = ml.Workspace(
            name,
            workspace_name=stack.workspace.name,
            resource_group_name=base.resource_group,
            location=stack.location,
            friendly_name=stack.workspace.friendly_name or stack.workspace.name,
            **_identity(stack, identities),
            storage_account=base.storage_id,
            key_vault=base.key_vault_id,
            application_insights=base.insights_id,
            container_registry=registry.registry_id,
            public_network_access=_access(stack),
            image_build_compute=stack.workspace.image_build_compute,
            managed_network=_network_settings(network) if network else None,
            provision_network_now=True if network else None,
            v1_legacy_mode=False,
            system_datastores_auth_mode=_AUTH.get(stack.workspace.system_datastores_auth_mode),
            tags=dict(sorted(stack.tags.items())),
            opts=child(
                self,
                pulumi.ResourceOptions(
                    protect=stack.production,
                    depends_on=identities.grants if identities else None,
                    # Not its outboundRules: a refresh takes all of them for inputs, and what is ignored is sent as it
                    # stands there; Azure takes no required rule back (docs/measured.md).
                    ignore_changes=["managedNetwork.status"],
                ),
            ),
        )
        self._resource = workspace
        self.home = Home(
            stack.workspace.name, base.resource_group, workspace.id, computes, resource=workspace, after=[self]
        )
        self._outbound_rules(name, network)
        self.register_outputs({})

    def _outbound_rules(self, name: str, network: ManagedNetwork | None) -> None:
        before: pulumi.Resource = self._resource
        for rule, wanted in sorted(network.outbound_rules.items()) if network else ():
            # In turn: the managed network takes one change at a time.
            before = ml.ManagedNetworkSettingsRule(
                f"{name}-{rule}",
                rule_name=rule,
                workspace_name=self.home.name,
                resource_group_name=self.home.resource_group,
                properties=_rule(wanted),
                opts=child(self, pulumi.ResourceOptions(depends_on=[before], deleted_with=self._resource)),
            )


def _managed_network(stack: Stack) -> ManagedNetwork | None:
    if stack.workspace.isolation != "managedVnet":
        return None
    return stack.workspace.managed_network or ManagedNetwork()


def _network_settings(network: ManagedNetwork) -> ml.ManagedNetworkSettingsArgs:
    # Only a host rule brings a firewall; its size is said only where there is one.
    has_firewall = any(rule.type == "fqdn" for rule in network.outbound_rules.values())
    return ml.ManagedNetworkSettingsArgs(
        isolation_mode=_MODES[network.outbound],
        firewall_sku=_FIREWALLS[network.firewall_sku] if has_firewall else None,
    )


def _identity(stack: Stack, identities: Identities | None) -> dict[str, Any]:
    named = stack.workspace.identity
    if named is None or identities is None:
        return {"identity": {"type": ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED}}
    identity = identities.ids[named]
    return {
        "identity": {
            "type": ml.ManagedServiceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [identity],
        },
        "primary_user_assigned_identity": identity,
    }


def _access(stack: Stack) -> ml.PublicNetworkAccessType:
    is_private = stack.workspace.is_private
    return ml.PublicNetworkAccessType.DISABLED if is_private else ml.PublicNetworkAccessType.ENABLED


def _rule(
    wanted: OutboundRule,
) -> ml.FqdnOutboundRuleArgs | ml.PrivateEndpointOutboundRuleArgs | ml.ServiceTagOutboundRuleArgs:
    category = ml.RuleCategory.USER_DEFINED
    if wanted.type == "fqdn":
        return ml.FqdnOutboundRuleArgs(type="FQDN", category=category, destination=wanted.host)
    if wanted.type == "privateEndpoint":
        endpoint = ml.PrivateEndpointDestinationArgs(
            service_resource_id=wanted.resource, subresource_target=wanted.subresource, spark_enabled=False
        )
        return ml.PrivateEndpointOutboundRuleArgs(type="PrivateEndpoint", category=category, destination=endpoint)
    tag = ml.ServiceTagDestinationArgs(
        service_tag=wanted.service_tag, protocol=wanted.protocol, port_ranges=wanted.ports, action=ml.RuleAction.ALLOW
    )
    return ml.ServiceTagOutboundRuleArgs(type="ServiceTag", category=category, destination=tag)
