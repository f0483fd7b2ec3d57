"""Environment versions: what a PUT may say, and whether an image could be built of it."""

import re
from typing import Literal

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Open, Resource, Text, Whole, check
from localazure.arm.errors import not_modelled, not_modelled_because
from localazure.arm.ids import ResourceId
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.errors import over_limit
from localazure.serving import conda
from localazure.serving.contract import CondaError

# HOST[:PORT]/PATH[:TAG][@DIGEST]; source: the grammar of references of the distribution project.
_PART = r"[A-Za-z0-9]+(?:(?:\.|_{1,2}|-+)[A-Za-z0-9]+)*"
_END = r"(?::[\w][\w.-]{0,127})?(?:@[A-Za-z0-9]+:[0-9a-fA-F]{32,})?"
IMAGE = re.compile(rf"{_PART}(?::\d{{1,5}})?(?:/{_PART})*{_END}")


class Asset(Body):
    """What every asset version has."""

    read_only = frozenset({"provisioningState"})
    description: Text | None = None
    tags: dict[str, Text | None] | None = None
    properties: Open | None = None
    is_anonymous: Flag | None = None
    is_archived: Flag | None = None


class Route(Body):
    """Where a server in an image answers."""

    path: Text
    port: Whole


class InferenceConfig(Body):
    """The routes of a server in an image."""

    liveness_route: Route | None = None
    readiness_route: Route | None = None
    scoring_route: Route | None = None


class Environment(Asset):
    """Properties of an environment version: an image, with a conda file on top of it if one is given."""

    read_only = frozenset({"provisioningState", "environmentType"})
    conda_file: Text | None = None
    image: Text | None = None
    os_type: Literal["Linux", "Windows"] | None = None
    inference_config: InferenceConfig | None = None
    auto_rebuild: Text | None = None
    build_context: Open | None = Field(None, alias="build")
    stage: Text | None = None


class EnvironmentBody(Resource):
    """PUT of an environment version."""

    properties: Environment


async def check_environment(ml: MachineLearning, asset: ResourceId, body: object) -> None:
    """An environment that can't be built is refused here already, on Azure by the build of its image."""
    sent = check(EnvironmentBody, body).properties
    if sent.build_context is not None:
        raise not_modelled("environments with a build context (there is no Docker); give 'image' and 'condaFile'")
    if not sent.image:
        raise over_limit("An environment needs properties.image, or a build context; a conda file goes on top of it.")
    if IMAGE.fullmatch(sent.image) is None:
        raise over_limit(f"The image {sent.image[:300]!r} is no reference of a container image: HOST/NAME:TAG.")
    if sent.conda_file is None:
        return
    try:
        conda.parse(sent.conda_file)
        ml.holder_of(asset, "write")
        if ml.azure.store.get(asset.text) is None:
            await ml.serving.check_environment(sent.conda_file)
    except CondaError as error:
        raise over_limit(error.message) if error.modelled else not_modelled_because(error.message) from None
