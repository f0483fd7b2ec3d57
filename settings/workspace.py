"""The workspace: how far it is closed to networks, who it is, and the registry beside it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.existing import (
    GROUP,
    IDENTITY,
    INSIGHTS,
    LOGS,
    REGISTRY,
    STORAGE,
    VAULT,
    WORKSPACE,
    Existing,
    named_by,
    of_type,
    refuse_settings,
)
from settings.types import GroupName, Host, Names, ObjectId, Shape, Text

PREFIX_PATTERN = r"^(st|kv|log|appi|vnet|nsg|rt|afwp|ag|link|(pe|id|as|alert)-[A-Za-z0-9-]+)$"
REGISTRY_PATTERN = r"^[A-Za-z0-9]{5,50}$"
RESOURCE_PATTERN = r"^/subscriptions/[^/]+/.+"
PORTS_PATTERN = r"^(\*|\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*)$"
WORKSPACE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{2,32}$"
IDENTITY_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$"
RULE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{2,32}$"

Isolation = Literal["public", "managedVnet", "ownVnet"]
OutboundMode = Literal["allowInternetOutbound", "allowOnlyApprovedOutbound"]
_NEEDS = {"fqdn": ("host",), "privateEndpoint": ("resource", "subresource"), "serviceTag": ("serviceTag", "ports")}


class OutboundRule(Shape):
    """One way out of the managed network: to a host, to a resource by a private endpoint, or to a service tag.

    Source: Azure ML, managed virtual network, outbound rules.

    Example:
      pypi: {type: fqdn, host: pypi.org}
      features: {type: privateEndpoint, resource: /subscriptions/.../storageAccounts/stfeatures, subresource: blob}
      hub: {type: serviceTag, serviceTag: AzureActiveDirectory, protocol: TCP, ports: "443"}
    """

    type: Literal["fqdn", "privateEndpoint", "serviceTag"]
    """What the rule names. `fqdn` needs `host`, and brings Azure's firewall with its price. `privateEndpoint` needs
    `resource` and `subresource`. `serviceTag` needs `serviceTag` and `ports`."""
    host: Host | None = None
    """The host, with `*.` for all hosts below it."""
    resource: Annotated[str, Field(pattern=RESOURCE_PATTERN)] | None = None
    """The resource id."""
    subresource: str | None = None
    """The part of the resource: blob, file, vault, registry..."""
    service_tag: str | None = None
    """A service tag of Azure."""
    protocol: Literal["TCP", "UDP", "ICMP", "*"] = "TCP"
    """The protocol, for a service tag."""
    ports: Annotated[str, Field(pattern=PORTS_PATTERN)] | None = None
    """The ports, for a service tag, in quotes."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = {"host": self.host, "resource": self.resource, "subresource": self.subresource}
        given |= {"serviceTag": self.service_tag, "ports": self.ports}
        missing = [key for key in _NEEDS[self.type] if given[key] is None]
        if missing:
            raise ValueError(f"a rule of type {self.type} needs {' and '.join(missing)}")
        alien = [key for key, value in given.items() if value is not None and key not in _NEEDS[self.type]]
        if alien:
            raise ValueError(f"a rule of type {self.type} takes no {' and no '.join(alien)}")
        return self


class ManagedNetwork(Shape):
    """The network that Azure makes for the workspace. It is made with it, so before the first deployment.

    Example:
      {outbound: allowOnlyApprovedOutbound, firewallSku: standard, outboundRules: {pypi: {type: fqdn, host: pypi.org}}}
    """

    outbound: OutboundMode = "allowInternetOutbound"
    """Whether everything is open, or only what the rules name. Closing it can't be undone."""
    firewall_sku: Literal["basic", "standard"] = "standard"
    """The size of Azure's firewall, which rules with hosts bring."""
    outbound_rules: dict[Annotated[str, Field(pattern=RULE_PATTERN)], OutboundRule] = Field(default_factory=dict)
    """What is open, by name. What Azure itself needs is open without a rule."""


class Workspace(Shape):
    """The Azure ML workspace, and the resource group of everything in the stack.

    Example:
      name: ws-fraud
      resourceGroup: rg-fraud
      friendlyName: Fraud
      isolation: managedVnet
      managedNetwork: {outbound: allowInternetOutbound}
      publicNetworkAccess: disabled
      imageBuildCompute: builder
      identity: estate
      names: {st: stfraudprod}
      systemDatastoresAuthMode: identity
      softDeleteDays: 90
      logRetentionDays: 90
    """

    name: str = Field(pattern=WORKSPACE_PATTERN)
    """The workspace's name."""
    resource_group: GroupName
    """The resource group's name. The stack makes it, unless it or the workspace is `existing`."""
    existing: Annotated[Existing | None, BeforeValidator(of_type(WORKSPACE))] = None
    """A workspace that others own: `true`, or its resource id. All else about it is read; it is never changed."""
    friendly_name: Text | None = None
    """Free text, shown in the studio."""
    isolation: Isolation = "public"
    """`public`: open. `managedVnet`: in a network that Azure makes. `ownVnet`: private endpoints in `network`. The
    last two close workspace, storage, vault and registry to public networks."""
    managed_network: ManagedNetwork | None = None
    """How far the network of `managedVnet` is open."""
    public_network_access: Literal["enabled", "disabled"] | None = None
    """`enabled` keeps a workspace with an isolation open, `disabled` closes a public one. Left out: as `isolation`
    says."""
    image_build_compute: str | None = None
    """A training compute that builds images, where the registry is closed."""
    names: dict[Annotated[str, Field(pattern=PREFIX_PATTERN)], Annotated[str, Field(min_length=1, max_length=260)]] = (
        Field(default_factory=dict)
    )
    """Names of your own for what is named after the workspace, by the prefix that each has otherwise: `st` (storage),
    `kv` (key vault), `log`, `appi`, `vnet`, `nsg`, `ag` (action group), `pe-blob` (a private endpoint)."""
    system_datastores_auth_mode: Literal["accessKey", "identity"] = "accessKey"
    """`identity`: the storage account has no shared keys, and datastores are read by identity."""
    identity: str | None = None
    """One of `identities`, as the workspace's identity. Left out: Azure makes one."""
    soft_delete_days: int = Field(default=7, ge=7, le=90)
    """How many days a deleted vault, blob or container can be had back."""
    log_retention_days: int = Field(default=30, ge=30, le=730)
    """How many days logs are kept."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, raw: Any) -> Any:
        return named_by(raw, WORKSPACE, "name", "resourceGroup")

    @model_validator(mode="after")
    def _is_read(self) -> Self:
        refuse_settings(self, "name", "resource_group", "names")
        return self

    @property
    def is_private(self) -> bool:
        """Whether workspace, storage, vault and registry are closed to public networks."""
        if self.public_network_access:
            return self.public_network_access == "disabled"
        return self.isolation != "public"


class Registry(Shape):
    """The container registry of the workspace.

    Example:
      {name: acrfraud, sku: premium, zoneRedundant: true, untaggedDays: 30}
    """

    name: str = Field(pattern=REGISTRY_PATTERN)
    """The registry's name, unique in all of Azure."""
    existing: Annotated[Existing | None, BeforeValidator(of_type(REGISTRY))] = None
    """A registry that others own: `true`, or its resource id. Its tier is read."""
    sku: Literal["basic", "standard", "premium"] = "standard"
    """Its size. A private workspace needs `premium`."""
    zone_redundant: bool = False
    """Premium only: copies in several zones."""
    untagged_days: int | None = Field(default=None, ge=0, le=365)
    """Premium only: after how many days images without a tag are deleted. Left out: never."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, raw: Any) -> Any:
        return named_by(raw, REGISTRY, "name")

    @model_validator(mode="after")
    def _is_read(self) -> Self:
        refuse_settings(self, "name")
        return self


class Used(Shape):
    """What a workspace stands on and others own: each by its resource id, or by name and group.

    Example:
      resourceGroup: true
      storage: {name: stshared, resourceGroup: rg-platform}
      keyVault: {name: kv-shared, resourceGroup: rg-platform}
      logAnalytics: {name: log-shared, resourceGroup: rg-platform}
      applicationInsights: {name: appi-shared, resourceGroup: rg-platform}
    """

    resource_group: Annotated[Existing | None, BeforeValidator(of_type(GROUP))] = None
    """`true`: the group that `workspace.resourceGroup` names is there already."""
    storage: Annotated[Existing | None, BeforeValidator(of_type(STORAGE))] = None
    """The storage account: no data lake, and not premium."""
    key_vault: Annotated[Existing | None, BeforeValidator(of_type(VAULT))] = None
    """The key vault."""
    log_analytics: Annotated[Existing | None, BeforeValidator(of_type(LOGS))] = None
    """The Log Analytics workspace. The only one beside an existing workspace."""
    application_insights: Annotated[Existing | None, BeforeValidator(of_type(INSIGHTS))] = None
    """Application Insights."""

    @model_validator(mode="after")
    def _are_named(self) -> Self:
        for key in ("storage", "key_vault", "log_analytics", "application_insights"):
            if (one := getattr(self, key)) and one.name is None:
                alias = type(self).model_fields[key].alias
                raise ValueError(f"{alias} by its id, or by name and resourceGroup")
        return self


class UserIdentity(Shape):
    """A user-assigned identity, with its roles. They are granted before anything uses it.

    Example:
      scoring: {purpose: endpoint, federated: [default/scoring]}
      estate: {purpose: workspace}
    """

    existing: Annotated[Existing | None, BeforeValidator(of_type(IDENTITY))] = None
    """An identity that others own, with its roles. With a `purpose` it gets those on what this stack makes."""
    purpose: Literal["endpoint", "workspace", "none"] = "endpoint"
    """Which roles it gets. `endpoint`: pull images, read models, write metrics. `workspace`: what a workspace needs
    on its storage, vault, registry and insights. `none`: none."""
    federated: Names = ()
    """Kubernetes service accounts (NAMESPACE/NAME) of the inference cluster that may be this identity."""

    @model_validator(mode="before")
    @classmethod
    def _gets_nothing(cls, raw: Any) -> Any:
        return {"purpose": "none", **raw} if isinstance(raw, Mapping) and raw.get("existing") else raw

    @model_validator(mode="after")
    def _is_read(self) -> Self:
        refuse_settings(self, "purpose")
        return self


class Principal(Shape):
    """Someone in Microsoft Entra.

    Example:
      - {id: 11111111-1111-1111-1111-111111111111, type: ServicePrincipal}
    """

    id: ObjectId
    """The object id."""
    type: Literal["User", "Group", "ServicePrincipal"] = "Group"
    """What it is."""


class Access(Shape):
    """Who may deploy and who may call. Each gets custom roles with no more rights than that needs.

    Example:
      deployers: [{id: 11111111-1111-1111-1111-111111111111, type: ServicePrincipal}]
      invokers: [{id: 22222222-2222-2222-2222-222222222222}]
    """

    deployers: tuple[Principal, ...] = Field(default=(), strict=False)
    """Who may register, deploy and shift traffic."""
    invokers: tuple[Principal, ...] = Field(default=(), strict=False)
    """Who may call the endpoints."""
