"""Environments that are finished images."""

from typing import Annotated

from pydantic import Field

from settings.types import Shape

IMAGE_PATTERN = r"^[a-z0-9][a-z0-9.-]*(:\d+)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$"
ENVIRONMENT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$"
_VERSION_LENGTH = 12


class Image(Shape):
    """An environment made of one image, named by its digest, so that what ran once runs again.

    Its version is the first 12 characters of the digest: `environment: azureml:NAME:VERSION`. Azure pulls it by
    identity (AcrPull).

    Example:
      scoring-image:
        image: acrfraud.azurecr.io/scoring@sha256:9f2c41aa9f2c41aa9f2c41aa9f2c41aa9f2c41aa9f2c41aa9f2c41aa9f2c41aa
        port: 8080
        livenessPath: /live
        readinessPath: /ready
        scoringPath: /score
    """

    image: Annotated[str, Field(pattern=IMAGE_PATTERN)]
    """The image, with its digest."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 5001
    """The port of the image's server."""
    liveness_path: str = "/"
    """Where Azure asks whether it is alive."""
    readiness_path: str = "/"
    """Where Azure asks whether it is ready."""
    scoring_path: str = "/score"
    """Where requests are sent."""

    @property
    def version(self) -> str:
        """The environment's version, which follows the image."""
        return self.image.partition("@sha256:")[2][:_VERSION_LENGTH]
