"""The AKS cluster that Kubernetes online endpoints run on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

import pulumi
from pulumi_azure_native import authorization, containerservice, managedidentity

from components.base import Base
from components.cluster_watching import container_insights
from components.identities import ACR_PULL, NETWORK_CONTRIBUTOR, Scope, grant
from components.network import Network
from components.node_pools import UserPools, not_the_clusters, pool_inputs
from components.options import TYPE_PREFIX, child
from components.registry import Registry
from settings import names
from settings.cluster import InferenceCluster as Wanted
from settings.stack import Stack

_PLUGINS: dict[str, dict[str, Any]] = {
    "kubenet": {"network_plugin": "kubenet", "network_policy": "calico"},
    "azureCni": {"network_plugin": "azure", "network_policy": "azure"},
    "overlay": {"network_plugin": "azure", "network_plugin_mode": "overlay", "network_policy": "azure"},
}
_DNS_PREFIX = 54
_DNS_ADDRESS = 10  # the tenth address of the service range, as AKS itself does


class InferenceCluster(pulumi.ComponentResource):
    """A cluster with a system pool and user pools, closed as far as the stack file says; see settings.cluster.

    The system pool is made with the cluster and stands in its body; every other pool is a resource, so that pools come
    and go while the cluster stays (ADR 3). AKS changes neither size nor zones of a pool: for another size add a pool
    with another name, and remove the old one when it is empty.

    Its nodes pull by identity (AcrPull); Entra signs people in and Azure's roles say what they may do. Local accounts
    are off where admin groups are named and nothing is attached: Azure ML does not work without them. Its
    API server and its pools follow the settings of the same names.
    """

    cluster_id: pulumi.Output[str]
    name: str
    issuer: pulumi.Output[str]
    resource: pulumi.Resource
    images: Scope
    blobs: Scope
    before_attach: list[pulumi.Resource]

    def __init__(
        self,
        name: str,
        stack: Stack,
        wanted: Wanted,
        base: Base,
        registry: Registry,
        network: Network | None = None,
        live_counts: Mapping[str, int] | None = None,
        adopted: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:InferenceCluster", name, None, opts)
        self._stack, self._wanted, self.name = stack, wanted, wanted.name
        self.images = Scope("registry", registry.registry_id, registry)
        self.blobs = Scope("storage", base.storage_id, base)
        self.before_attach = []
        subnet = network.subnets[wanted.subnet] if network and wanted.subnet else None
        tags = dict(sorted(stack.tags.items()))
        identity, before = self._identity(name, base, network)
        counts = live_counts or {}
        system, pools = wanted.pools["system"], UserPools(self, name, stack, wanted, counts, adopted or {})
        cluster = containerservice.ManagedCluster(
            name,
            resource_name_=wanted.name,
            resource_group_name=base.resource_group,
            location=wanted.location or stack.location,
            identity=containerservice.ManagedClusterIdentityArgs(**identity),
            dns_prefix=_dns_prefix(wanted.name),
            kubernetes_version=wanted.kubernetes_version,
            sku=containerservice.ManagedClusterSKUArgs(name="Base", tier="Standard" if stack.production else "Free"),
            enable_rbac=True,
            agent_pool_profiles=[
                containerservice.ManagedClusterAgentPoolProfileArgs(
                    name="system", **pool_inputs("system", system, subnet, tags, counts.get("system"))
                )
            ],
            network_profile=_network_profile(stack, wanted),
            **_closed(wanted),
            **_watched(wanted, base),
            oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=wanted.workload_identity),
            auto_upgrade_profile=_upgrades(wanted),
            tags=tags,
            opts=child(
                self,
                pulumi.ResourceOptions(
                    protect=stack.production,
                    depends_on=before,
                    ignore_changes=not_the_clusters(system, counts),
                    hooks=pools.of_cluster,
                ),
            ),
        )
        self.resource, self.cluster_id = cluster, cluster.id
        self.issuer = cluster.oidc_issuer_profile.apply(lambda profile: (profile.issuer_url if profile else "") or "")
        pools.declare(cluster, subnet, tags)
        self._maintenance(name, base, cluster)
        if wanted.container_insights:
            container_insights(self, name, stack, wanted, base, cluster)
        self._pulls(name, stack, cluster)
        self.register_outputs({})

    def _identity(self, name: str, base: Base, network: Network | None) -> tuple[dict[str, Any], list[pulumi.Resource]]:
        """In a subnet of ours the cluster is an identity that may join it before the cluster is made."""
        if network is None or self._wanted.subnet is None:
            return {"type": containerservice.ResourceIdentityType.SYSTEM_ASSIGNED}, [base]
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=names.in_group("id-aks", self._stack.workspace),
            resource_group_name=base.resource_group,
            location=self._wanted.location or self._stack.location,
            tags=dict(sorted(self._stack.tags.items())),
            opts=child(self, pulumi.ResourceOptions(depends_on=[base])),
        )
        scope = Scope("subnet", network.subnets[self._wanted.subnet], network)
        granted = grant(self, f"{name}-joins", self._stack, NETWORK_CONTRIBUTOR, identity.principal_id, scope)
        kind = containerservice.ResourceIdentityType.USER_ASSIGNED
        return {"type": kind, "user_assigned_identities": [identity.id]}, [granted]

    def _maintenance(self, name: str, base: Base, cluster: pulumi.Resource) -> None:
        if self._wanted.upgrade_channel == "none":
            return
        window = self._wanted.maintenance
        # Azure knows these two names: when the cluster is upgraded, and when its nodes' system is.
        for config in ("aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"):
            containerservice.MaintenanceConfiguration(
                f"{name}-{config}",
                config_name=config,
                resource_name_=self.name,
                resource_group_name=base.resource_group,
                maintenance_window={
                    "duration_hours": window.hours,
                    "start_time": window.start,
                    "utc_offset": window.utc_offset,
                    "schedule": {"weekly": {"day_of_week": window.day, "interval_weeks": 1}},
                },
                opts=child(self, pulumi.ResourceOptions(depends_on=[cluster], deleted_with=cluster)),
            )

    def _pulls(self, name: str, stack: Stack, cluster: containerservice.ManagedCluster) -> authorization.RoleAssignment:
        kubelet = cluster.identity_profile.apply(lambda profile: (profile or {})["kubeletidentity"].object_id or "")
        return grant(self, f"{name}-pulls", stack, ACR_PULL, kubelet, self.images)


def _dns_prefix(name: str) -> str:
    """The cluster's name as a name server takes it: at most 54 letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9-]", "-", name)[:_DNS_PREFIX].strip("-")


def _network_profile(stack: Stack, wanted: Wanted) -> Any:
    # A plain map: the SDK's class would add a pod range, which Azure CNI has no use for.
    egress = stack.network.egress if stack.network and wanted.subnet else None
    return {
        **_PLUGINS[wanted.network],
        "load_balancer_sku": "standard",
        "outbound_type": "userDefinedRouting" if egress and egress.firewall_address else "loadBalancer",
        "service_cidr": wanted.service_cidr,
        "dns_service_ip": str(IPv4Network(wanted.service_cidr)[_DNS_ADDRESS]),
        **({} if wanted.network == "azureCni" else {"pod_cidr": wanted.pod_cidr}),
    }


def _upgrades(wanted: Wanted) -> containerservice.ManagedClusterAutoUpgradeProfileArgs:
    nodes = "None" if wanted.upgrade_channel == "none" else "NodeImage"
    return containerservice.ManagedClusterAutoUpgradeProfileArgs(
        upgrade_channel=wanted.upgrade_channel, node_os_upgrade_channel=nodes
    )


def _closed(wanted: Wanted) -> dict[str, Any]:
    """Who reaches the API server, and who may do what there."""
    reach: dict[str, Any] = {}
    if wanted.private_api_server:
        reach = {"enable_private_cluster": True, "enable_private_cluster_public_fqdn": False}
    elif wanted.authorized_ranges:
        reach = {"authorized_ip_ranges": list(wanted.authorized_ranges)}
    # Azure ML signs in to an attached cluster by a local account. Source: its article on the extension, limitations.
    has_local_accounts = wanted.attach.kind != "none" or not wanted.admin_groups
    entra = {"managed": True, "enable_azure_rbac": True, "admin_group_object_ids": list(wanted.admin_groups)}
    return {
        "api_server_access_profile": reach or None,
        "aad_profile": entra if wanted.admin_groups else None,
        "disable_local_accounts": None if has_local_accounts else True,
    }


def _watched(wanted: Wanted, base: Base) -> dict[str, Any]:
    """Container Insights, without which Microsoft gives no support for the router; Defender; workload identity."""
    logs = base.log_analytics_id
    insights = {"enabled": True, "config": {"logAnalyticsWorkspaceResourceID": logs, "useAADAuth": "true"}}
    security: dict[str, Any] = {}
    if wanted.defender:
        security["defender"] = {
            "log_analytics_workspace_resource_id": logs,
            "security_monitoring": {"enabled": True},
        }
    if wanted.workload_identity:
        security["workload_identity"] = {"enabled": True}
    return {
        "addon_profiles": {"omsagent": insights} if wanted.container_insights else None,
        "security_profile": security or None,
    }
