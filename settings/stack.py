"""The whole stack file as one frozen value."""

from typing import Literal

from pydantic import Field

from settings.endpoint import Endpoint
from settings.types import Region, ResourceName, Shape

REGISTRY_PATTERN = r"^[A-Za-z0-9]{5,50}$"


class Workspace(Shape):
    """The Azure ML workspace and the resource group that everything of the stack lives in."""

    name: ResourceName
    resource_group: ResourceName
    friendly_name: str | None = None
    isolation: Literal["public"] = "public"
    soft_delete_days: int = Field(default=7, ge=7, le=90)
    log_retention_days: int = Field(default=30, ge=30, le=730)


class Registry(Shape):
    """The container registry; `premium` is what a private workspace needs."""

    name: str = Field(pattern=REGISTRY_PATTERN)
    sku: Literal["basic", "standard", "premium"] = "standard"


class Stack(Shape):
    """What a stack file says: where, the workspace and its registry, and the endpoints by name.

    `quota_cores` is the cores that the subscription may use here; Azure keeps 20 percent for upgrades, except for
    the instance types that its documentation marks 'Skip 20% Reservation': name those in `skip_reservation`.
    """

    location: Region
    production: bool = False
    workspace: Workspace
    registry: Registry
    tags: dict[str, str] = {}
    quota_cores: int | None = Field(default=None, ge=0)
    skip_reservation: tuple[str, ...] = Field(default=(), strict=False)
    endpoints: dict[str, Endpoint] = {}
