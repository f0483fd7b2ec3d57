"""Compute to train on and to build images with."""

from typing import Annotated

from pydantic import Field

from settings.types import Shape, Size

COMPUTE_PATTERN = r"^[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]$"


class TrainingCompute(Shape):
    """A cluster of nodes that comes and goes with its jobs.

    `idleSeconds` without work before nodes go (Azure's own default is 120 s; 30 minutes is the most that pays).
    `lowPriority` nodes are cheaper and can be taken away at any time: not for building images. `subnet` names one of
    the network's. No node has a public address where the workspace is private.
    """

    size: Size = "Standard_DS3_v2"
    min_nodes: Annotated[int, Field(ge=0)] = 0
    max_nodes: Annotated[int, Field(ge=1, le=1000)] = 2
    idle_seconds: Annotated[int, Field(ge=30, le=86_400)] = 120
    low_priority: bool = False
    subnet: str | None = None
