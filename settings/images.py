"""Environments that are finished images."""

from typing import Annotated

from pydantic import Field

from settings.types import Shape

IMAGE_PATTERN = r"^[a-z0-9][a-z0-9.-]*(:\d+)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$"
ENVIRONMENT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$"
_VERSION_LENGTH = 12


class Image(Shape):
    """An environment made of one image, named by its digest, so that what ran once runs again.

    Its version is the digest's first 12 characters: `environment: azureml:NAME:VERSION`. The image brings a server on
    `port` with these paths (the inference server's own are the defaults). Azure pulls it by identity (AcrPull).
    """

    image: Annotated[str, Field(pattern=IMAGE_PATTERN)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 5001
    liveness_path: str = "/"
    readiness_path: str = "/"
    scoring_path: str = "/score"

    @property
    def version(self) -> str:
        """The environment's version, which follows the image."""
        return self.image.partition("@sha256:")[2][:_VERSION_LENGTH]
