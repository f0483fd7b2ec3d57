"""A project's `assets.yaml`: what its deployments are made of, by the names that stack files know."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from ops.messages import UserError
from ops.register.assets import BASE_IMAGE, CUSTOM, Asset, ModelType, environment_asset, folder_asset
from settings.document import read
from settings.nodes import Broken
from settings.parse import parse_as
from settings.types import Shape, Text

FILE = "assets.yaml"


class ModelSource(Shape):
    """A model: a file or a folder, from the project's folder on. A folder may hold several models."""

    path: str
    type: ModelType = CUSTOM
    description: Text = ""


class EnvironmentSource(Shape):
    """An environment: a conda file on a base image."""

    conda: str
    image: str = BASE_IMAGE


class CodeSource(Shape):
    """A folder of scoring code."""

    path: str


class Assets(Shape):
    """What a project registers, by name."""

    models: dict[str, ModelSource] = Field(default_factory=dict)
    environments: dict[str, EnvironmentSource] = Field(default_factory=dict)
    code: dict[str, CodeSource] = Field(default_factory=dict)


def read_assets(root: Path) -> Assets:
    """The assets.yaml of a project. Raises UserError W031 where there is none, Refused with all that is wrong in it."""
    file = root / FILE
    try:
        raw = read(file.read_bytes())
    except FileNotFoundError:
        cure = "Write it, for example: models: {fraud: {path: scoring/model}}; 'rollout new' writes one."
        raise UserError("W031", str(file), "no such file", "what the project registers", cure) from None
    except Broken as error:
        where = f"{file}:{error.line}" if error.line else str(file)
        raise UserError("W031", where, error.got, "YAML", "Correct the file there.") from None
    return parse_as(Assets, {} if raw is None else raw, FILE)


def all_assets(assets: Assets, root: Path) -> Iterator[Asset]:
    """Everything in it, models first. Raises UserError where a source is not there."""
    for name, source in sorted(assets.models.items()):
        yield folder_asset("model", name, root / source.path, source.description, source.type)
    for name, environment in sorted(assets.environments.items()):
        yield environment_asset(name, root / environment.conda, environment.image)
    for name, code in sorted(assets.code.items()):
        yield folder_asset("code", name, root / code.path)


def to_write(endpoints: Any, registered: Mapping[tuple[str, str], Asset]) -> dict[str, str]:
    """Keys of a stack file (paths) whose reference names what was registered in another version, and the new one.

    `endpoints` as the stack file has it; `registered` by kind and name. What has a version that follows its content may
    be live, and stays: its successor is a new deployment.
    """
    wanted: dict[str, str] = {}
    for endpoint, holder, deployment in _holders(endpoints):
        for kind in ("model", "environment", "code"):
            named = str(deployment.get(kind, "")).split(":")
            asset = registered.get((kind, named[1])) if len(named) == 3 and named[0] == "azureml" else None
            if asset and len(named[2]) != len(asset.version):
                wanted[f"endpoints.{endpoint}.{holder}.{kind}"] = asset.reference
    return wanted


def _holders(endpoints: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for name, endpoint in sorted(_map(endpoints).items()):
        yield name, "defaults", _map(_map(endpoint).get("defaults"))
        for deployment, own in sorted(_map(_map(endpoint).get("deployments")).items()):
            yield name, f"deployments.{deployment}", _map(own)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
