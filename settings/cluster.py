"""The AKS inference cluster: nodes, networks, who may reach it, and how the workspace gets hold of it."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from settings.attachment import Attachment
from settings.autoscale import TIME_PATTERN
from settings.network import Cidr
from settings.types import Names, ObjectId, Region, Shape, Size

Purpose = Literal["devTest", "fastProd", "denseProd"]
CLUSTER_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$"
OFFSET_PATTERN = r"^[+-](0\d|1[0-4]):[0-5]\d$"
POOL_PATTERN = r"^[a-z][a-z0-9]{0,11}$"
TAINT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}(=[A-Za-z0-9._-]{0,63})?:(NoSchedule|PreferNoSchedule|NoExecute)$"
LABEL_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9._/-]{0,251}[A-Za-z0-9])?$"
LABEL_VALUE_PATTERN = r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$"
VERSION_PATTERN = r"^1\.\d{1,2}(\.\d{1,2})?$"


class Pool(Shape):
    """Nodes of one size. AKS changes neither size nor zones of a pool: add one with another name, then remove the
    old one.

    Example:
      models: {size: Standard_D8s_v5, min: 3, max: 12, zones: ["1", "2", "3"], maxPods: 30, osDiskGb: 128}
      gpu: {size: Standard_NC24ads_A100_v4, gpu: true, min: 0, max: 2}
      tools: {size: Standard_D4s_v5, spot: true, labels: {team: risk}, taints: ["team=risk:NoSchedule"]}
    """

    size: Size
    """The size of the machines."""
    min: Annotated[int, Field(ge=0, le=1000)] = 1
    """The fewest nodes; without `max` exactly this many."""
    max: Annotated[int, Field(ge=1, le=1000)] | None = None
    """The most nodes: the cluster autoscaler then sets the number. Left out: there is no autoscaler."""
    gpu: bool = False
    """`true`: the pool gets Azure ML's taint (`ml.azure.com/amlarc=true:NoSchedule`), so that only its deployments
    land there."""
    spot: bool = False
    """`true`: cheaper nodes, which Azure takes away when it needs them. Deployments of Azure ML don't run there."""
    zones: tuple[Literal["1", "2", "3"], ...] = Field(default=(), strict=False)
    """The availability zones that the nodes are spread over."""
    max_pods: Annotated[int, Field(ge=10, le=250)] = 110
    """The most pods on one node."""
    os_disk_gb: Annotated[int, Field(ge=30, le=2048)] = 128
    """The size of each node's disk, in GB."""
    labels: dict[Annotated[str, Field(pattern=LABEL_PATTERN)], Annotated[str, Field(pattern=LABEL_VALUE_PATTERN)]] = (
        Field(default_factory=dict)
    )
    """Kubernetes labels of the nodes. `pool` is taken: it holds the pool's name."""
    taints: tuple[Annotated[str, Field(pattern=TAINT_PATTERN)], ...] = Field(default=(), strict=False)
    """Kubernetes taints of the nodes. Deployments of Azure ML don't run on nodes with taints of yours (R203)."""

    @model_validator(mode="after")
    def _leaves_its_own_label(self) -> Self:
        if "pool" in self.labels:
            raise ValueError("labels other than pool, which holds the pool's name")
        return self

    @property
    def largest(self) -> int:
        """The most nodes that the pool may come to have."""
        return self.max or self.min


class Maintenance(Shape):
    """When Azure may upgrade the cluster and its nodes: once a week.

    Example:
      {day: Sunday, start: "02:00", hours: 4, utcOffset: "+01:00"}
    """

    day: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] = "Sunday"
    """The day of the week."""
    start: Annotated[str, Field(pattern=TIME_PATTERN)] = "02:00"
    """When the window opens, as HH:MM in quotes."""
    hours: Annotated[int, Field(ge=4, le=24)] = 4
    """How long it is open, in hours."""
    utc_offset: Annotated[str, Field(pattern=OFFSET_PATTERN)] = "+00:00"
    """The offset of the local time from UTC, in quotes."""


class InferenceCluster(Shape):
    """An AKS cluster for models. `purpose` gives number and size of nodes where `systemPool` and `userPools` don't:

    devTest: 1 + 1 nodes of 4 cores, no zones. The router does not scale itself there, so neither do nodes.
    fastProd: 3 + 3 to 12 nodes of 8 cores over three zones: an answer matters more than a core. denseProd: 3 + 3 to
    6 nodes of 16 cores and 64 GB over three zones: many models beside each other. Production wants nodes of 4 cores
    and 14 GB or more. Source: the AKS inference article and its v2 counterpart.

    Example:
      name: aks-fraud
      location: westeurope
      purpose: fastProd
      kubernetesVersion: "1.33"
      network: overlay
      podCidr: 10.244.0.0/16
      serviceCidr: 10.0.0.0/16
      systemPool: {size: Standard_D4s_v5, min: 3}
      userPools: {models: {size: Standard_D8s_v5, min: 3, max: 12}}
      authorizedRanges: [203.0.113.0/24]
      adminGroups: [33333333-3333-3333-3333-333333333333]
      workloadIdentity: true
      containerInsights: true
      defender: true
      upgradeChannel: patch
      maintenance: {day: Sunday, start: "02:00"}
      attach: {compute: aks-fraud}
    """

    name: Annotated[str, Field(pattern=CLUSTER_PATTERN)]
    """The cluster's name."""
    location: Region | None = None
    """Its region. Left out: the stack's."""
    purpose: Purpose = "devTest"
    """What the cluster is for; it gives number and size of nodes."""
    kubernetes_version: Annotated[str, Field(pattern=VERSION_PATTERN)] | None = None
    """The version of Kubernetes, in quotes. Left out: Azure's default."""
    network: Literal["kubenet", "azureCni", "overlay"] = "overlay"
    """`overlay` and `kubenet` give pods addresses of their own (`podCidr`); `azureCni` takes them from `subnet`."""
    subnet: str | None = None
    """The nodes' subnet: one of the network's. Left out: AKS makes a network of its own."""
    pod_cidr: Cidr = "10.244.0.0/16"
    """The pods' addresses, for `overlay` and `kubenet`."""
    service_cidr: Cidr = "10.0.0.0/16"
    """The addresses of Kubernetes services."""
    system_pool: Pool | None = None
    """The pool that Kubernetes itself runs on. Left out: as `purpose` says."""
    user_pools: dict[Annotated[str, Field(pattern=POOL_PATTERN)], Pool] = {}
    """The pools that models run on, by name. Left out: as `purpose` says."""
    adopt_pools: Names = ()
    """User pools that the cluster has already, to be taken over by the next `up`. Remove it afterwards."""
    private_api_server: bool = False
    """`true`: the API server has no public address."""
    authorized_ranges: tuple[Cidr, ...] = Field(default=(), strict=False)
    """The addresses that reach the API server. Azure ML's own have to be among them (A202). Left out: all."""
    admin_groups: tuple[ObjectId, ...] = Field(default=(), strict=False)
    """Groups of Microsoft Entra, by object id, that administer the cluster. People then sign in by Entra."""
    workload_identity: bool = True
    """Lets Kubernetes service accounts be identities of this stack (`identities.NAME.federated`)."""
    container_insights: bool = True
    """Logs of the containers go to Log Analytics. Microsoft gives no support for the router without them."""
    defender: bool = False
    """Microsoft Defender for Containers."""
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] = "stable"
    """Which versions of Kubernetes the cluster upgrades itself to."""
    maintenance: Maintenance = Maintenance()
    """When it may do so."""
    horizontal_pod_autoscaler: bool = False
    """Only here to be refused: the router scales the replicas."""
    attach: Attachment = Attachment()
    """How the cluster becomes a compute of the workspace."""

    @field_validator("horizontal_pod_autoscaler")
    @classmethod
    def _router_scales(cls, is_wanted: bool) -> bool:
        if is_wanted:
            raise ValueError("false: the router scales the replicas, and a second scaler, which guesses, would compete")
        return is_wanted

    @field_validator("user_pools")
    @classmethod
    def _one_system_pool(cls, pools: dict[str, Pool]) -> dict[str, Pool]:
        if "system" in pools:
            raise ValueError("names other than system: that pool stands under systemPool")
        return pools

    @model_validator(mode="after")
    def _adopts_its_own(self) -> Self:
        if unknown := sorted(set(self.adopt_pools) - set(self.pools) | set(self.adopt_pools) & {"system"}):
            raise ValueError(f"adoptPools names user pools of the stack, and {', '.join(unknown)} is none of them")
        return self

    @model_validator(mode="after")
    def _one_way_to_close(self) -> Self:
        if self.private_api_server and self.authorized_ranges:
            raise ValueError("a private API server takes no authorizedRanges: it has no public address")
        return self

    @property
    def pools(self) -> dict[str, Pool]:
        """All pools by name, `system` first, with what the purpose gives."""
        system, users = PRESETS[self.purpose]
        return {"system": self.system_pool or system, **dict(sorted((self.user_pools or users).items()))}


_ZONES = ("1", "2", "3")
PRESETS: dict[Purpose, tuple[Pool, dict[str, Pool]]] = {
    "devTest": (Pool(size="Standard_D4s_v5"), {"models": Pool(size="Standard_D4s_v5")}),
    "fastProd": (
        Pool(size="Standard_D4s_v5", min=3, zones=_ZONES),
        {"models": Pool(size="Standard_D8s_v5", min=3, max=12, zones=_ZONES)},
    ),
    "denseProd": (
        Pool(size="Standard_D4s_v5", min=3, zones=_ZONES),
        {"models": Pool(size="Standard_D16s_v5", min=3, max=6, zones=_ZONES)},
    ),
}
