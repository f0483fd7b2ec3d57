"""Registered models, environments and codes: versions that never change, and the containers they are in."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Open, Resource, Text, check
from localazure.arm.errors import not_modelled, resource_not_found
from localazure.arm.ids import ResourceId
from localazure.arm.resources import new_document, system_data
from localazure.services.machinelearning import limits, names
from localazure.services.machinelearning.blobs import check_uri
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.errors import immutable
from localazure.services.machinelearning.workspaces import containers
from localazure.store import Record


class Asset(Body):
    """What every asset version has."""

    read_only = frozenset({"provisioningState"})
    description: Text | None = None
    tags: dict[str, Text | None] | None = None
    properties: Open | None = None
    is_anonymous: Flag | None = None
    is_archived: Flag | None = None


class Model(Asset):
    """Properties of a model version."""

    model_type: Text | None = None
    model_uri: Text
    flavors: Open | None = None
    job_name: Text | None = None
    stage: Text | None = None


class Environment(Asset):
    """Properties of an environment version: an image, with a conda file on top of it if one is given."""

    read_only = frozenset({"provisioningState", "environmentType"})
    conda_file: Text | None = None
    image: Text | None = None
    os_type: Text | None = None
    inference_config: Open | None = None
    auto_rebuild: Text | None = None
    build_context: Open | None = Field(None, alias="build")
    stage: Text | None = None


class Code(Asset):
    """Properties of a code version."""

    code_uri: Text


class ModelBody(Resource):
    """PUT of a model version."""

    properties: Model


class EnvironmentBody(Resource):
    """PUT of an environment version."""

    properties: Environment


class CodeBody(Resource):
    """PUT of a code version."""

    properties: Code


BODIES: dict[str, type[ModelBody | EnvironmentBody | CodeBody]] = {
    "models": ModelBody,
    "environments": EnvironmentBody,
    "codes": CodeBody,
}
FIXED = {"models": ("modelUri", "modelType"), "environments": ("condaFile", "image"), "codes": ("codeUri",)}
DEFAULTS: dict[str, dict[str, Any]] = {
    "models": {"flavors": {}, "modelType": "custom_model", "jobName": None, "stage": None},
    "environments": {
        "condaFile": None,
        "image": None,
        "osType": "Linux",
        "environmentType": "UserCreated",
        "stage": None,
    },
    "codes": {},
}


def put_version(ml: MachineLearning, kind: str, asset: ResourceId, body: object) -> tuple[Record, bool]:
    """Register a version; returns it and whether it is new. What it consists of never changes afterwards (409)."""
    sent = check(BODIES[kind], body).properties
    if isinstance(sent, Environment) and sent.build_context is not None:
        raise not_modelled("environments with a build context (there is no Docker); give 'image' and 'condaFile'")
    store = ml.azure.store
    workspace = ml.workspace_of(asset, "write")
    properties = sent.sent()
    before = store.get(asset.text)
    if before is None:
        _check_new(ml, kind, workspace, asset, properties)
    else:
        for name in FIXED[kind]:
            if properties.get(name, before.properties.get(name)) != before.properties.get(name):
                raise immutable(kind[:-1], asset.names[1], asset.name, name)
    plain: dict[str, Any] = {
        "description": None,
        "tags": {},
        "properties": {},
        "isAnonymous": False,
        "isArchived": False,
    }
    container = _container(ml, kind, workspace, asset.names[1], asset.names[2])
    document = dict(before.document) if before else new_document(container, names.version(kind), asset.name)
    old = before.properties if before else DEFAULTS[kind] | plain
    document["properties"] = old | properties | {"provisioningState": "Succeeded"}
    document["systemData"] = system_data(ml.azure, document.get("systemData"))
    record = Record(names.version(kind), container.id, document)
    with store.transaction():
        store.put(container)
        store.put(record)
    return record, before is None


def get_version(ml: MachineLearning, asset: ResourceId) -> Record:
    """A registered version; raises 404."""
    ml.workspace_of(asset)
    if (record := ml.azure.store.get(asset.text)) is None:
        raise resource_not_found(asset.type, asset.names, asset.group)
    return record


def list_versions(ml: MachineLearning, kind: str, held: ResourceId, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Versions, newest first. `hash` (codes) finds the same content under any name."""
    workspace = ml.workspace_of(held)
    store = ml.azure.store
    if wanted := query.get("hash"):
        found = store.of_type(names.version(kind), workspace.id)
        found = [r for r in found if r.properties["properties"].get("hash_sha256") == wanted]
    else:
        found = store.children(f"{workspace.id}/{kind}/{held.names[1]}", names.version(kind))
    shown = [r for r in found if query.get("listviewtype") == "All" or not r.properties.get("isArchived")]
    return [record.document for record in shown]


def _container(ml: MachineLearning, kind: str, workspace: Record, name: str, version: str) -> Record:
    record = ml.azure.store.get(f"{workspace.id}/{kind}/{name}")
    if record is None:
        document = new_document(workspace, names.container(kind), name)
        document["properties"] = {"description": None, "tags": {}, "properties": {}, "isArchived": False}
        document["systemData"] = system_data(ml.azure, None)
        record = Record(names.container(kind), workspace.id, document)
    following = str(int(version) + 1) if version.isdigit() else None
    record.properties.update(latestVersion=version, nextVersion=following, provisioningState="Succeeded")
    return record


def _check_new(
    ml: MachineLearning, kind: str, workspace: Record, asset: ResourceId, properties: dict[str, Any]
) -> None:
    limits.check_asset_name(kind[:-1], asset.names[1])
    limits.check_asset_name(f"{kind[:-1]} version", asset.names[2])
    uri = properties.get("modelUri") or properties.get("codeUri")
    if uri:
        check_uri(uri, containers(ml, workspace), ml.blobs.url)
