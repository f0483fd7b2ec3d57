"""Compute to train on and to build images with."""

from typing import Annotated

from pydantic import Field

from settings.types import Shape, Size

COMPUTE_PATTERN = r"^[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]$"


class TrainingCompute(Shape):
    """A cluster of machines that comes and goes with its jobs. No node has a public address where the workspace is
    private.

    Example:
      cpu: {size: Standard_DS3_v2, minNodes: 0, maxNodes: 4, idleSeconds: 300, subnet: training}
      cheap: {size: Standard_DS3_v2, maxNodes: 8, lowPriority: true}
    """

    size: Size = "Standard_DS3_v2"
    """The size of the machines."""
    min_nodes: Annotated[int, Field(ge=0)] = 0
    """The fewest nodes. 0: nothing runs and nothing costs while there is no job."""
    max_nodes: Annotated[int, Field(ge=1, le=1000)] = 2
    """The most nodes."""
    idle_seconds: Annotated[int, Field(ge=30, le=86_400)] = 120
    """How long a node stays without work, in seconds. More than 30 minutes doesn't pay."""
    low_priority: bool = False
    """`true`: cheaper nodes that can be taken away at any time. Not for building images."""
    subnet: str | None = None
    """One of the network's subnets. Left out: Azure's own network."""
