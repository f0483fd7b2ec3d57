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
    """The whole stack file: where things are, what the endpoints stand on, and the endpoints.

    Example:
      location: westeurope
      production: true
      workspace: {name: ws-fraud, resourceGroup: rg-fraud}
      registry: {name: acrfraud}
      tags: {team: risk}
      quotaCores: 200
      skipReservation: [Standard_DS3_v2]
      adopt: [endpoints.fraud]
      mostEndpoints: 100
      mostDeployments: 500
      identities: {scoring: {purpose: endpoint}}
      training: {cpu: {maxNodes: 4}}
      ignoreTags: [costCenter]
      watching: {alerts: {cpuPercent: 85}}
      endpoints: {}
    """

    location: Region
    """The region. It is the one key that is written as `azure-native:location`."""
    production: bool = False
    """`true`: nothing of the estate is deleted by accident (`protect`), and more rules hold."""
    workspace: Workspace
    """The Azure ML workspace."""
    existing: Used = Used()
    """What the workspace stands on and others own: read, and never changed."""
    registry: Registry | None
    """The container registry."""
    tags: dict[Annotated[str, Field(pattern=TAG_PATTERN)], Annotated[Text, Field(max_length=256)]] = Field(
        default_factory=dict, max_length=50
    )
    """Tags on every resource in Azure."""
    ignore_tags: tuple[Annotated[str, Field(pattern=TAG_PATTERN)], ...] = Field(default=(), strict=False)
    """Tags that a policy or a person writes in Azure: the stack leaves them alone."""
    quota_cores: int | None = Field(default=None, ge=0)
    """The cores that the subscription may use in this region. Azure keeps 20 percent of them free for upgrades.
    Left out: cores are not counted."""
    skip_reservation: tuple[str, ...] = Field(default=(), strict=False)
    """Instance types for which Azure keeps none free: its documentation marks them 'Skip 20% Reservation'."""
    adopt: tuple[Annotated[str, Field(pattern=ADOPT_PATTERN)], ...] = Field(default=(), strict=False)
    """What Azure has and the stack's state has not: the next `up` takes it over. Remove it afterwards."""
    most_endpoints: int = Field(default=100, ge=1)
    """Azure's limit of endpoints in a subscription and region. Raise it where support has raised it."""
    most_deployments: int = Field(default=500, ge=1)
    """Azure's limit of deployments in a subscription. Raise it where support has raised it."""
    network: Network | None = None
    """A virtual network that the stack makes."""
    identities: dict[Annotated[str, Field(pattern=IDENTITY_PATTERN)], UserIdentity] = Field(default_factory=dict)
    """User-assigned identities, by name."""
    access: Access = Access()
    """Who may deploy and who may call."""
    training: dict[Annotated[str, Field(pattern=COMPUTE_PATTERN)], TrainingCompute] = Field(default_factory=dict)
    """Clusters for jobs and for building images, by name."""
    images: dict[Annotated[str, Field(pattern=ENVIRONMENT_PATTERN)], Image] = Field(default_factory=dict)
    """Environments that are finished images, by name."""
    inference_cluster: InferenceCluster | None = None
    """An AKS cluster for Kubernetes endpoints."""
    watching: Watching = Watching()
    """Alerts, logs and a workbook."""
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    """The online endpoints, by name."""
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
