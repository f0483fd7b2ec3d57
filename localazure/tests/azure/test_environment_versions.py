"""Environment versions as they are registered: image, routes of its server, kind of system."""

from typing import Any

import pytest

from localazure.testing.client import CONDA, Arm

pytestmark = pytest.mark.anyio
ROUTE = {"path": "/score", "port": 8080}


async def put(arm: Arm, properties: dict[str, Any]) -> Any:
    """The answer to a PUT of version 1."""
    return await arm.call("PUT", f"{arm.workspace}/environments/e/versions/1", {"properties": properties})


@pytest.mark.parametrize(
    "image",
    [
        "ubuntu",
        "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest",
        "localhost:5000/a/b_c--d:1.0",
        "name.azurecr.io/score@sha256:" + "0a" * 32,
        "name.azurecr.io/score:1@sha256:" + "0a" * 32,
    ],
)
async def test_references_of_images(estate: Arm, image: str) -> None:
    """By tag, by digest, with a port."""
    assert (await put(estate, {"image": image, "condaFile": CONDA})).status_code == 201


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({}, "needs properties.image, or a build context"),
        ({"condaFile": CONDA}, "needs properties.image, or a build context"),
        ({"image": "", "condaFile": CONDA}, "needs properties.image"),
        ({"image": None}, "needs properties.image"),
        ({"image": "a b"}, "no reference of a container image"),
        ({"image": "a\n--rm"}, "no reference of a container image"),
        ({"image": "a\0"}, "no reference of a container image"),
        ({"image": "--privileged"}, "no reference of a container image"),
        ({"image": "https://mcr.microsoft.com/a"}, "no reference of a container image"),
        ({"image": "a@sha256:12"}, "no reference of a container image"),
        ({"image": "i", "condaFile": ""}, "no list 'dependencies'"),
        ({"image": "i", "condaFile": {"dependencies": []}}, "Input should be a valid string"),
        ({"image": "i", "osType": "BeOS"}, "'Linux' or 'Windows'"),
        ({"image": "i", "inferenceConfig": {"scoringRoute": {"path": "/s"}}}, "scoringRoute.port' is missing"),
        ({"image": "i", "inferenceConfig": {"scoringRoute": {"path": "/s", "port": "80"}}}, "valid integer"),
        ({"image": "i", "inferenceConfig": {"scoring": ROUTE}}, "Could not find member 'scoring'"),
        ({"image": "i", "build": {"contextUri": "x", "dockerfilePath": "Dockerfile"}}, "build context"),
    ],
)
async def test_what_no_image_could_be_built_of(estate: Arm, properties: dict[str, Any], says: str) -> None:
    """Is 400, and nothing is kept."""
    answer = await put(estate, properties)
    assert (answer.status_code, says in answer.json()["error"]["message"]) == (400, True), answer.text
    assert (await estate.call("GET", f"{estate.workspace}/environments/e")).status_code == 404


@pytest.mark.parametrize(
    "change", [{"image": "j"}, {"osType": "Windows"}, {"inferenceConfig": {"scoringRoute": ROUTE | {"port": 1}}}]
)
async def test_a_version_does_not_change(estate: Arm, change: dict[str, Any]) -> None:
    """Neither its image nor its routes nor its system (409); words may."""
    sent = {"image": "i", "osType": "linux", "inferenceConfig": {"scoringRoute": ROUTE}}
    assert (await put(estate, sent)).json()["properties"]["osType"] == "Linux"
    assert (await put(estate, sent | {"description": "new"})).status_code == 200
    assert (await put(estate, sent | change)).json()["error"]["code"] == "AssetIsImmutable"
