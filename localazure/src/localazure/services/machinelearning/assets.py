"""Registered models, environments, codes and data: versions that never change, and the containers they are in."""

from collections.abc import Mapping
from typing import Any, Literal

from localazure.arm.bodies import Open, Resource, Text, check
from localazure.arm.errors import resource_not_found
from localazure.arm.ids import ResourceId
from localazure.arm.resources import new_document, system_data
from localazure.services.machinelearning import limits, names
from localazure.services.machinelearning.blobs import check_uri
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.environments import Asset, EnvironmentBody
from localazure.services.machinelearning.errors import immutable
from localazure.services.machinelearning.listing import select_assets
from localazure.services.machinelearning.workspaces import containers
from localazure.store import Record


class Model(Asset):
    """Properties of a model version."""

    model_type: Text | None = None
    model_uri: Text
    flavors: Open | None = None
    job_name: Text | None = None
    stage: Text | None = None


class Code(Asset):
    """Properties of a code version."""

    code_uri: Text


class Data(Asset):
    """Properties of a data version."""

    data_type: Literal["uri_file", "uri_folder", "mltable"]
    data_uri: Text
    referenced_uris: list[Text] | None = None
    auto_delete_setting: Open | None = None
    stage: Text | None = None


class ModelBody(Resource):
    """PUT of a model version."""

    properties: Model


class CodeBody(Resource):
    """PUT of a code version."""

    properties: Code


class DataBody(Resource):
    """PUT of a data version."""

    properties: Data


BODIES: dict[str, type[ModelBody | EnvironmentBody | CodeBody | DataBody]] = {
    "models": ModelBody,
    "environments": EnvironmentBody,
    "codes": CodeBody,
    "data": DataBody,
}
FIXED = {
    "models": ("modelUri", "modelType"),
    "environments": ("condaFile", "image", "osType", "inferenceConfig"),
    "codes": ("codeUri",),
    "data": ("dataUri", "dataType"),
}
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
    "data": {"referencedUris": None},
}


def put_version(ml: MachineLearning, kind: str, asset: ResourceId, body: object) -> tuple[Record, bool]:
    """Register a version; returns it and whether it is new. What it consists of never changes afterwards (409)."""
    sent = check(BODIES[kind], body).properties
    store = ml.azure.store
    holder = ml.holder_of(asset, "write")
    properties = sent.sent()
    before = store.get(asset.text)
    if before is None:
        _check_new(ml, kind, holder, asset, properties)
    else:
        for name in FIXED[kind]:
            if properties.get(name, before.properties.get(name)) != before.properties.get(name):
                raise immutable(names.ASSETS[kind], asset.names[1], asset.name, name)
    plain: dict[str, Any] = {
        "description": None,
        "tags": {},
        "properties": {},
        "isAnonymous": False,
        "isArchived": False,
    }
    container = _container(ml, kind, holder, asset.names[1], asset.names[2])
    document = dict(before.document) if before else new_document(container, asset.type, asset.name)
    old = before.properties if before else DEFAULTS[kind] | plain
    document["properties"] = old | properties | {"provisioningState": "Succeeded"}
    document["systemData"] = system_data(ml.azure, document.get("systemData"))
    record = Record(asset.type, container.id, document)
    with store.transaction():
        store.put(container)
        store.put(record)
    return record, before is None


def get_version(ml: MachineLearning, asset: ResourceId) -> Record:
    """A registered version; raises 404."""
    ml.holder_of(asset)
    if (record := ml.azure.store.get(asset.text)) is None:
        raise resource_not_found(asset.type, asset.names, asset.group)
    return record


def list_versions(ml: MachineLearning, kind: str, held: ResourceId, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Versions, newest first. `hash` (codes) finds the same content under any name."""
    holder = ml.holder_of(held)
    store, type_name = ml.azure.store, names.version(kind, holder.type)
    if wanted := query.get("hash"):
        found = store.of_type(type_name, holder.id)
        found = [r for r in found if r.properties["properties"].get("hash_sha256") == wanted]
    else:
        found = store.children(f"{holder.id}/{kind}/{held.names[1]}", type_name)
    return [record.document for record in select_assets(found, query)]


def _container(ml: MachineLearning, kind: str, holder: Record, name: str, version: str) -> Record:
    record = ml.azure.store.get(f"{holder.id}/{kind}/{name}")
    if record is None:
        type_name = names.container(kind, holder.type)
        document = new_document(holder, type_name, name)
        document["properties"] = {"description": None, "tags": {}, "properties": {}, "isArchived": False}
        document["systemData"] = system_data(ml.azure, None)
        record = Record(type_name, holder.id, document)
    following = str(int(version) + 1) if version.isdigit() else None
    record.properties.update(latestVersion=version, nextVersion=following, provisioningState="Succeeded")
    return record


def _check_new(ml: MachineLearning, kind: str, holder: Record, asset: ResourceId, properties: dict[str, Any]) -> None:
    """A model and code are copied from here when they are deployed; data is only named."""
    limits.check_asset_name(names.ASSETS[kind], asset.names[1])
    limits.check_asset_name(f"{names.ASSETS[kind]} version", asset.names[2])
    uri = properties.get("modelUri") or properties.get("codeUri")
    if uri:
        check_uri(uri, containers(ml, holder), ml.blobs.url)
