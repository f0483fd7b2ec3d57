"""The whole stack file as one frozen value."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from settings.cluster import InferenceCluster
from settings.endpoint import Endpoint
from settings.existing import UNREAD
from settings.images import ENVIRONMENT_PATTERN, Image
from settings.network import Network
from settings.training import COMPUTE_PATTERN, TrainingCompute
from settings.types import TAG_PATTERN, Region, Shape, Text
from settings.watching import Watching
from settings.workspace import IDENTITY_PATTERN, Access, Registry, Used, UserIdentity, Workspace

ADOPT_PATTERN = (
    r"^(resourceGroup|storage|keyVault|logAnalytics|applicationInsights|registry|workspace|inferenceCluster"
    r"|endpoints\.[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)?)$"
)


class Stack(Shape):
    """What a stack file says: where, what the endpoints stand on, and the endpoints by name.

    `quota_cores` is the cores that the subscription may use here; Azure keeps 20 percent for upgrades, except for
    the instance types that its documentation marks 'Skip 20% Reservation': name those in `skip_reservation`.
    `existing` is what the workspace stands on and others own. `ignore_tags` are tags that a policy or a person writes
    in Azure, which the stack leaves alone.
    `most_endpoints` (a subscription and region) and `most_deployments` (a subscription) are Azure's own limits; name
    the raised ones where support has raised them. `adopt` names what Azure has and the stack's state does not, to be
    taken over by the next `up`: a part of the estate, `endpoints.NAME`, or `endpoints.NAME.DEPLOYMENT`.
    """

    location: Region
    production: bool = False
    workspace: Workspace
    existing: Used = Used()
    registry: Registry | None
    tags: dict[Annotated[str, Field(pattern=TAG_PATTERN)], Annotated[Text, Field(max_length=256)]] = Field(
        default_factory=dict, max_length=50
    )
    ignore_tags: tuple[Annotated[str, Field(pattern=TAG_PATTERN)], ...] = Field(default=(), strict=False)
    quota_cores: int | None = Field(default=None, ge=0)
    skip_reservation: tuple[str, ...] = Field(default=(), strict=False)
    adopt: tuple[Annotated[str, Field(pattern=ADOPT_PATTERN)], ...] = Field(default=(), strict=False)
    most_endpoints: int = Field(default=100, ge=1)
    most_deployments: int = Field(default=500, ge=1)
    network: Network | None = None
    identities: dict[Annotated[str, Field(pattern=IDENTITY_PATTERN)], UserIdentity] = Field(default_factory=dict)
    access: Access = Access()
    training: dict[Annotated[str, Field(pattern=COMPUTE_PATTERN)], TrainingCompute] = Field(default_factory=dict)
    images: dict[Annotated[str, Field(pattern=ENVIRONMENT_PATTERN)], Image] = Field(default_factory=dict)
    inference_cluster: InferenceCluster | None = None
    watching: Watching = Watching()
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    _secret: frozenset[str] = PrivateAttr(default=frozenset())

    @model_validator(mode="before")
    @classmethod
    def _stands_on_what_exists(cls, raw: Any) -> Any:
        """An existing workspace brings its region and its registry."""
        workspace = raw.get("workspace") if isinstance(raw, Mapping) else None
        if not isinstance(workspace, Mapping) or not workspace.get("existing"):
            return raw
        return {"location": UNREAD, "registry": None, **raw}

    def is_secret(self, key: str) -> bool:
        """Whether something under this key of the stack file (endpoints, watching...) is encrypted there.

        The engine says no more than that, so all free text under it is taken for secret.
        """
        return key in self._secret

    @property
    def registry_sku(self) -> str | None:
        """The registry's tier; None where it is not known, as it is an existing workspace's own."""
        return self.registry.sku if self.registry else None

    def access_of(self, endpoint: Endpoint) -> Literal["enabled", "disabled"]:
        """Whether an endpoint answers on public networks: as it says, else as its workspace does."""
        follows: Literal["enabled", "disabled"] = "disabled" if self.workspace.is_private else "enabled"
        return endpoint.public_network_access or follows
