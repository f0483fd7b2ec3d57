"""The workspace: how far it is closed to networks, who it is, and the registry beside it."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.existing import Existing, named_by, of_type
from settings.types import GroupName, Host, Names, ObjectId, Shape, Text

REGISTRY_PATTERN = r"^[A-Za-z0-9]{5,50}$"
RESOURCE_PATTERN = r"^/subscriptions/[^/]+/.+"
PORTS_PATTERN = r"^(\*|\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*)$"
WORKSPACE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{2,32}$"
IDENTITY_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$"
RULE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{2,32}$"

WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
REGISTRY = "Microsoft.ContainerRegistry/registries"

Isolation = Literal["public", "managedVnet", "ownVnet"]
OutboundMode = Literal["allowInternetOutbound", "allowOnlyApprovedOutbound"]
_NEEDS = {"fqdn": ("host",), "privateEndpoint": ("resource", "subresource"), "serviceTag": ("serviceTag", "ports")}


def refuse_settings(part: Shape, *named: str) -> None:
    """Raises ValueError where a part that exists is told what to be like: that is read."""
    fields = type(part).model_fields
    alien = sorted(fields[key].alias or key for key in part.model_fields_set - {*named, "existing"})
    if getattr(part, "existing", None) and alien:
        raise ValueError(f"no {' and no '.join(alien)} beside existing: it is as its owner made it, and it is read")


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
    own. `softDeleteDays`: how long a deleted vault, blob or container can be had back. Days are days.

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
    identity: str | None = None
    soft_delete_days: int = Field(default=7, ge=7, le=90)
    log_retention_days: int = Field(default=30, ge=30, le=730)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, raw: Any) -> Any:
        return named_by(raw, WORKSPACE, "name", "resourceGroup")

    @model_validator(mode="after")
    def _is_read(self) -> Self:
        refuse_settings(self, "name", "resource_group")
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
    sku: Literal["basic", "standard", "premium"] = "standard"
    zone_redundant: bool = False
    untagged_days: int | None = Field(default=None, ge=0, le=365)


class UserIdentity(Shape):
    """A user-assigned identity, and what it may do: granted before anything uses it.

    `endpoint`: pulls images, reads models, writes metrics, which an endpoint's own identity gets by itself and a
    user-assigned one does not. `workspace`: what a workspace needs on its storage, vault, registry and insights.
    `federated` lets a Kubernetes service account (namespace/name) of the inference cluster be this identity.
    """

    purpose: Literal["endpoint", "workspace", "none"] = "endpoint"
    federated: Names = ()


class Principal(Shape):
    """Someone in Microsoft Entra, by object id."""

    id: ObjectId
    type: Literal["User", "Group", "ServicePrincipal"] = "Group"


class Access(Shape):
    """Who may deploy and who may call, each by a custom role that holds no more than that needs."""

    deployers: tuple[Principal, ...] = Field(default=(), strict=False)
    invokers: tuple[Principal, ...] = Field(default=(), strict=False)
