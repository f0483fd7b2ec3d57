"""Managed clusters: what a PUT may say, and how the document looks."""

from ipaddress import IPv4Network
from typing import Any, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Identity, Text, TrackedResource
from localazure.arm.context import Azure
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.containerservice.errors import invalid
from localazure.services.containerservice.pools import VERSION, Profile
from localazure.store import Record

TYPE = "Microsoft.ContainerService/managedClusters"
LOGS = "microsoft.operationalinsights/workspaces"


class Sku(Body):
    """The tier of the control plane."""

    name: Literal["Base", "Automatic"] | None = None
    tier: Literal["Free", "Standard", "Premium"] | None = None


class Switch(Body):
    """Something that is on or off."""

    enabled: Flag | None = None


class NetworkProfile(Body):
    """How pods and services get addresses, and how traffic leaves."""

    dns_service_ip: Text | None = Field(None, alias="dnsServiceIP")
    load_balancer_sku: Literal["standard", "basic"] | None = None
    network_dataplane: Literal["azure", "cilium"] | None = None
    network_plugin: Literal["azure", "kubenet", "none"] | None = None
    network_plugin_mode: Literal["overlay"] | None = None
    network_policy: Literal["none", "calico", "azure", "cilium"] | None = None
    outbound_type: (
        Literal["loadBalancer", "userDefinedRouting", "managedNATGateway", "userAssignedNATGateway", "none"] | None
    ) = None
    pod_cidr: Text | None = None
    service_cidr: Text | None = None


class ApiServer(Body):
    """Who reaches the API server."""

    authorized_ip_ranges: list[Text] | None = Field(None, alias="authorizedIPRanges")
    disable_run_command: Flag | None = None
    enable_private_cluster: Flag | None = None
    enable_private_cluster_public_fqdn: Flag | None = Field(None, alias="enablePrivateClusterPublicFQDN")
    private_dns_zone: Text | None = Field(None, alias="privateDNSZone")


class Entra(Body):
    """Sign-in by Entra ID."""

    admin_group_object_ids: list[Text] | None = Field(None, alias="adminGroupObjectIDs")
    enable_azure_rbac: Flag | None = Field(None, alias="enableAzureRBAC")
    managed: Flag | None = None
    tenant_id: Text | None = Field(None, alias="tenantID")


class Addon(Body):
    """An add-on with its settings, which are text."""

    read_only = frozenset({"identity"})
    enabled: Flag
    config: dict[str, Text] | None = None


class Defender(Body):
    """Microsoft Defender for the cluster."""

    log_analytics_workspace_resource_id: Text | None = None
    security_monitoring: Switch | None = None


class Security(Body):
    """Defender and workload identity."""

    defender: Defender | None = None
    workload_identity: Switch | None = None


class Upgrades(Body):
    """What upgrades itself."""

    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] | None = None
    node_os_upgrade_channel: Literal["None", "Unmanaged", "NodeImage", "SecurityPatch"] | None = Field(
        None, alias="nodeOSUpgradeChannel"
    )


class Properties(Body):
    """Properties of a managed cluster."""

    read_only = frozenset(
        {"provisioningState", "powerState", "currentKubernetesVersion", "fqdn", "privateFQDN", "azurePortalFQDN"}
        | {"resourceUID", "maxAgentPools", "identityProfile"}
    )
    aad_profile: Entra | None = None
    addon_profiles: dict[str, Addon] | None = None
    agent_pool_profiles: list[Profile] | None = None
    api_server_access_profile: ApiServer | None = None
    auto_upgrade_profile: Upgrades | None = None
    disable_local_accounts: Flag | None = None
    dns_prefix: Text | None = None
    enable_rbac: Flag | None = Field(None, alias="enableRBAC")
    kubernetes_version: Text | None = None
    network_profile: NetworkProfile | None = None
    node_resource_group: Text | None = None
    oidc_issuer_profile: Switch | None = None
    security_profile: Security | None = None
    support_plan: Literal["KubernetesOfficial", "AKSLongTermSupport"] | None = None


class ClusterBody(TrackedResource):
    """PUT of a managed cluster."""

    sku: Sku | None = None
    identity: Identity | None = None
    properties: Properties = Properties()


def build_cluster(azure: Azure, cluster: ResourceId, body: ClusterBody, before: Record | None) -> Made:
    """The cluster's document without its pools, which are stored beside it."""
    sent = body.properties
    _check_new(cluster, body, before)
    _check_network(sent.network_profile)
    _check_closed(sent)
    for path, workspace in _workspaces(sent):
        record = azure.store.get(workspace)
        if record is None or record.type.lower() != LOGS:
            raise invalid(path, f"The Log Analytics workspace {workspace} does not exist.")
    wanted = {key: value for key, value in sent.sent().items() if key != "agentPoolProfiles"}
    old = before.properties if before else {}
    location, group = body.location.lower().replace(" ", ""), cluster.group
    network = {"networkPlugin": "azure", "loadBalancerSku": "standard", "outboundType": "loadBalancer"}
    properties: dict[str, Any] = {
        "enableRBAC": True,
        "supportPlan": "KubernetesOfficial",
        "kubernetesVersion": VERSION,
        "nodeResourceGroup": f"MC_{group}_{cluster.name}_{location}",
        "disableLocalAccounts": False,
        "maxAgentPools": 100,
        "powerState": {"code": "Running"},
        **{key: old[key] for key in ("fqdn", "identityProfile", "dnsPrefix", "nodeResourceGroup") if key in old},
        **wanted,
        "networkProfile": network | old.get("networkProfile", {}) | wanted.get("networkProfile", {}),
    }
    properties["currentKubernetesVersion"] = properties["kubernetesVersion"]
    if sent.oidc_issuer_profile and sent.oidc_issuer_profile.enabled:
        issuer = old.get("oidcIssuerProfile", {}).get("issuerURL")
        properties["oidcIssuerProfile"] = {"enabled": True} | ({"issuerURL": issuer} if issuer else {})
    sku = {"name": "Base", "tier": "Free"} | (body.sku.sent() if body.sku else {})
    return Made(properties, {"sku": sku})


def _check_new(cluster: ResourceId, body: ClusterBody, before: Record | None) -> None:
    sent = body.properties
    if body.identity is None or body.identity.type.lower() == "none":
        raise invalid("identity", "A managed cluster needs an identity: SystemAssigned, or UserAssigned with one.")
    if before is None and not sent.dns_prefix:
        raise invalid("dnsPrefix", f"The cluster '{cluster.name}' needs dnsPrefix.")
    pools = sent.agent_pool_profiles or []
    if before is None and not any(pool.mode == "System" for pool in pools):
        raise invalid("agentPoolProfiles", "There has to be at least one agent pool of mode System.")


def _check_network(sent: NetworkProfile | None) -> None:
    if sent is None:
        return
    if sent.network_plugin_mode and sent.network_plugin != "azure":
        raise invalid("networkProfile.networkPluginMode", "overlay is for networkPlugin azure.")
    if sent.pod_cidr and sent.network_plugin == "azure" and sent.network_plugin_mode is None:
        raise invalid("networkProfile.podCidr", "podCidr is not for Azure CNI without overlay.")
    service = _range("networkProfile.serviceCidr", sent.service_cidr)
    pods = _range("networkProfile.podCidr", sent.pod_cidr)
    if service is not None and pods is not None and service.overlaps(pods):
        raise invalid("networkProfile.podCidr", f"podCidr {pods} overlaps serviceCidr {service}.")
    if service is not None and sent.dns_service_ip and sent.dns_service_ip not in map(str, service):
        raise invalid("networkProfile.dnsServiceIP", f"{sent.dns_service_ip} is not in serviceCidr {service}.")


def _check_closed(sent: Properties) -> None:
    access = sent.api_server_access_profile
    if access and access.enable_private_cluster and access.authorized_ip_ranges:
        message = "authorizedIPRanges are not for a private cluster."
        raise invalid("apiServerAccessProfile.authorizedIPRanges", message)
    if sent.disable_local_accounts and sent.aad_profile is None:
        raise invalid("disableLocalAccounts", "Local accounts can be disabled only where aadProfile is set.")
    workload = sent.security_profile.workload_identity if sent.security_profile else None
    if workload and workload.enabled and not (sent.oidc_issuer_profile and sent.oidc_issuer_profile.enabled):
        raise invalid("securityProfile.workloadIdentity", "Workload identity needs oidcIssuerProfile.enabled.")


def _workspaces(sent: Properties) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, addon in (sent.addon_profiles or {}).items():
        for key, value in (addon.config or {}).items():
            if key.lower() == "loganalyticsworkspaceresourceid":
                found.append((f"addonProfiles.{name}.config.{key}", value))
    defender = sent.security_profile.defender if sent.security_profile else None
    if defender and defender.log_analytics_workspace_resource_id:
        path = "securityProfile.defender.logAnalyticsWorkspaceResourceId"
        found.append((path, defender.log_analytics_workspace_resource_id))
    return found


def _range(path: str, text: str | None) -> IPv4Network | None:
    try:
        return IPv4Network(text) if text else None
    except ValueError as error:
        raise invalid(path, f"'{text}' is no IPv4 range ({error}).") from None
