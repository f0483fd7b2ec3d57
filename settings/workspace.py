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
    """One way out of the managed network: a host, a private endpoint to a resource, or a service tag.

    `fqdn` needs `host` (and brings Azure's firewall with its price); `privateEndpoint` needs `resource` (a resource
    id) and `subresource` (blob, file, vault, registry...); `serviceTag` needs `serviceTag` and `ports`, as 443 or
    80-443. Source: Azure ML, managed virtual network, outbound rules.
    """

    type: Literal["fqdn", "privateEndpoint", "serviceTag"]
    host: Host | None = None
    resource: Annotated[str, Field(pattern=RESOURCE_PATTERN)] | None = None
    subresource: str | None = None
    service_tag: str | None = None
    protocol: Literal["TCP", "UDP", "ICMP", "*"] = "TCP"
    ports: Annotated[str, Field(pattern=PORTS_PATTERN)] | None = None

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
    """The network that Azure makes for the workspace; provisioned with it, so before the first deployment.

    Closing it (`allowOnlyApprovedOutbound`) can't be undone; the rules that Azure itself needs come without saying.
    """

    outbound: OutboundMode = "allowInternetOutbound"
    firewall_sku: Literal["basic", "standard"] = "standard"
    outbound_rules: dict[Annotated[str, Field(pattern=RULE_PATTERN)], OutboundRule] = Field(default_factory=dict)


class Workspace(Shape):
    """The Azure ML workspace and the resource group that everything of the stack lives in.

    `isolation`: public; managedVnet (Azure's network, `managedNetwork` says how far it is open); ownVnet (private
    endpoints in the `network` of the stack file). Other than public closes workspace, storage, vault and registry to
    public networks, unless `publicNetworkAccess` says enabled. `imageBuildCompute` names a training compute that
    builds images where the registry is closed. `identity` names one of `identities`; without it the workspace has its
    own. `names` gives what is named after the workspace a name of its own, by the prefix that it has otherwise: st
    (storage), kv (key vault), log, appi, vnet, nsg, ag (action group), pe-blob (a private endpoint) and so on.
    `systemDatastoresAuthMode: identity` makes a storage account without shared keys.
    `softDeleteDays`: how long a deleted vault, blob or container can be had back. Days are days.

    `existing`: a workspace that others own; all else about it is read. It is in the stack's subscription, and what it
    stands on is its own: the stack has no registry then, and no location of its own.
    """

    name: str = Field(pattern=WORKSPACE_PATTERN)
    resource_group: GroupName
    existing: Annotated[Existing | None, BeforeValidator(of_type(WORKSPACE))] = None
    friendly_name: Text | None = None
    isolation: Isolation = "public"
    managed_network: ManagedNetwork | None = None
    public_network_access: Literal["enabled", "disabled"] | None = None
    image_build_compute: str | None = None
    names: dict[Annotated[str, Field(pattern=PREFIX_PATTERN)], Annotated[str, Field(min_length=1, max_length=260)]] = (
        Field(default_factory=dict)
    )
    system_datastores_auth_mode: Literal["accessKey", "identity"] = "accessKey"
    identity: str | None = None
    soft_delete_days: int = Field(default=7, ge=7, le=90)
    log_retention_days: int = Field(default=30, ge=30, le=730)

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
    """The container registry; `premium` is what a private workspace needs. `untaggedDays`: premium only."""

    name: str = Field(pattern=REGISTRY_PATTERN)
    existing: Annotated[Existing | None, BeforeValidator(of_type(REGISTRY))] = None
    sku: Literal["basic", "standard", "premium"] = "standard"
    zone_redundant: bool = False
    untagged_days: int | None = Field(default=None, ge=0, le=365)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, raw: Any) -> Any:
        return named_by(raw, REGISTRY, "name")

    @model_validator(mode="after")
    def _is_read(self) -> Self:
        refuse_settings(self, "name")
        return self


class Used(Shape):
    """What a workspace stands on and others own, each in the stack's subscription or another one.

    Its place in the stack file names only the group; the others are named by id, or by name and group.
    """

    resource_group: Annotated[Existing | None, BeforeValidator(of_type(GROUP))] = None
    storage: Annotated[Existing | None, BeforeValidator(of_type(STORAGE))] = None
    key_vault: Annotated[Existing | None, BeforeValidator(of_type(VAULT))] = None
    log_analytics: Annotated[Existing | None, BeforeValidator(of_type(LOGS))] = None
    application_insights: Annotated[Existing | None, BeforeValidator(of_type(INSIGHTS))] = None

    @model_validator(mode="after")
    def _are_named(self) -> Self:
        for key in ("storage", "key_vault", "log_analytics", "application_insights"):
            if (one := getattr(self, key)) and one.name is None:
                alias = type(self).model_fields[key].alias
                raise ValueError(f"{alias} by its id, or by name and resourceGroup")
        return self


class UserIdentity(Shape):
    """A user-assigned identity, and what it may do: granted before anything uses it.

    `endpoint`: pulls images, reads models, writes metrics, which an endpoint's own identity gets by itself and a
    user-assigned one does not. `workspace`: what a workspace needs on its storage, vault, registry and insights.
    `federated` lets a Kubernetes service account (namespace/name) of the inference cluster be this identity.
    `existing`: one that others own, with its roles; with a `purpose` it gets those on what this stack makes.
    """

    existing: Annotated[Existing | None, BeforeValidator(of_type(IDENTITY))] = None
    purpose: Literal["endpoint", "workspace", "none"] = "endpoint"
    federated: Names = ()

    @model_validator(mode="before")
    @classmethod
    def _gets_nothing(cls, raw: Any) -> Any:
        return {"purpose": "none", **raw} if isinstance(raw, Mapping) and raw.get("existing") else raw

    @model_validator(mode="after")
    def _is_read(self) -> Self:
        refuse_settings(self, "purpose")
        return self


class Principal(Shape):
    """Someone in Microsoft Entra, by object id."""

    id: ObjectId
    type: Literal["User", "Group", "ServicePrincipal"] = "Group"


class Access(Shape):
    """Who may deploy and who may call, each by a custom role that holds no more than that needs."""

    deployers: tuple[Principal, ...] = Field(default=(), strict=False)
    invokers: tuple[Principal, ...] = Field(default=(), strict=False)
