"""The AKS inference cluster: nodes, networks, who may reach it, and how the workspace gets hold of it."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from settings.attachment import Attachment
from settings.autoscale import TIME_PATTERN
from settings.network import Cidr
from settings.types import Names, ObjectId, Region, Shape, Size

Purpose = Literal["devTest", "fastProd", "denseProd"]
POOL_PATTERN = r"^[a-z][a-z0-9]{0,11}$"
TAINT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}(=[A-Za-z0-9._-]{0,63})?:(NoSchedule|PreferNoSchedule|NoExecute)$"
LABEL_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9._/-]{0,251}[A-Za-z0-9])?$"
LABEL_VALUE_PATTERN = r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$"
VERSION_PATTERN = r"^1\.\d{1,2}(\.\d{1,2})?$"


class Pool(Shape):
    """Nodes of one size. With `max` the cluster autoscaler keeps between `min` and `max` nodes; else `min` are there.

    `gpu`: tainted (ml.azure.com/amlarc=true:NoSchedule), so that only what is Azure ML's lands there.
    `maxPods` per node.
    """

    size: Size
    min: Annotated[int, Field(ge=0, le=1000)] = 1
    max: Annotated[int, Field(ge=1, le=1000)] | None = None
    gpu: bool = False
    spot: bool = False
    zones: tuple[Literal["1", "2", "3"], ...] = Field(default=(), strict=False)
    max_pods: Annotated[int, Field(ge=10, le=250)] = 110
    os_disk_gb: Annotated[int, Field(ge=30, le=2048)] = 128
    labels: dict[Annotated[str, Field(pattern=LABEL_PATTERN)], Annotated[str, Field(pattern=LABEL_VALUE_PATTERN)]] = (
        Field(default_factory=dict)
    )
    taints: tuple[Annotated[str, Field(pattern=TAINT_PATTERN)], ...] = Field(default=(), strict=False)

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
    """When Azure may upgrade the cluster and its nodes: weekly, local time of `utcOffset`, for so many hours."""

    day: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] = "Sunday"
    start: Annotated[str, Field(pattern=TIME_PATTERN)] = "02:00"
    hours: Annotated[int, Field(ge=4, le=24)] = 4
    utc_offset: Annotated[str, Field(pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$")] = "+00:00"


class InferenceCluster(Shape):
    """An AKS cluster for models. `purpose` gives node counts and sizes where `systemPool` and `userPools` don't:

    devTest 1 + 1 nodes of 4 cores, no zones: the router does not scale itself there, so neither do nodes.
    fastProd 3 + 3 to 12 nodes of 8 cores over three zones: an answer matters more than a core.
    denseProd 3 + 3 to 6 nodes of 16 cores and 64 GB over three zones: many models beside each other.
    (Production wants 4 cores and 14 GB or more a node. Source: the AKS inference article and its v2 counterpart.)

    Networks: `kubenet` and `overlay` give pods addresses of their own (`podCidr`), `azureCni` takes them from
    `subnet`, which names one of the network's. `privateApiServer` or `authorizedRanges` close the API server; the
    latter hold Azure ML's own ranges too (A202). `adminGroups`: Entra signs in; local accounts stay while something is
    attached.
    `adoptPools` names user pools that the cluster has already (made by hand, or by version 0.1.0, which wrote all pools
    into the cluster's body): the next `up` takes them over. `horizontalPodAutoscaler` is here to be refused.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$")]
    location: Region | None = None
    purpose: Purpose = "devTest"
    kubernetes_version: Annotated[str, Field(pattern=VERSION_PATTERN)] | None = None
    network: Literal["kubenet", "azureCni", "overlay"] = "overlay"
    subnet: str | None = None
    pod_cidr: Cidr = "10.244.0.0/16"
    service_cidr: Cidr = "10.0.0.0/16"
    system_pool: Pool | None = None
    user_pools: dict[Annotated[str, Field(pattern=POOL_PATTERN)], Pool] = {}
    adopt_pools: Names = ()
    private_api_server: bool = False
    authorized_ranges: tuple[Cidr, ...] = Field(default=(), strict=False)
    admin_groups: tuple[ObjectId, ...] = Field(default=(), strict=False)
    workload_identity: bool = True
    container_insights: bool = True
    defender: bool = False
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] = "stable"
    maintenance: Maintenance = Maintenance()
    horizontal_pod_autoscaler: bool = False
    attach: Attachment = Attachment()

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
