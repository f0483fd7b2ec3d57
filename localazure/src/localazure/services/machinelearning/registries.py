"""Registries of Azure Machine Learning: assets that every workspace may name, by `azureml://registries/NAME/…`."""

import re
from typing import Any

from localazure.arm.bodies import Body, Flag, Identity, Open, Sku, Text, TrackedResource
from localazure.arm.catalog import ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request, not_modelled
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made, PlainType
from localazure.services.machinelearning import names
from localazure.services.machinelearning.errors import asset_not_found, invalid_name
from localazure.store import Record

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}")
REFERENCE = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/(?P<kind>[a-z]+)/(?P<name>[^/]+)"
    r"/(?:versions/(?P<version>[^/]+)|labels/(?P<label>[^/]+))",
    re.IGNORECASE,
)


class Properties(Body):
    """Properties of a registry."""

    read_only = frozenset(
        {"discoveryUrl", "mlFlowRegistryUri", "managedResourceGroup", "intellectualPropertyPublisher"}
    )
    public_network_access: Text | None = None
    region_details: list[Open] | None = None
    managed_resource_group_tags: dict[str, Text] | None = None
    managed_resource_group_settings: Open | None = None
    registry_private_endpoint_connections: list[Open] | None = None
    is_archived: Flag | None = None


class RegistryBody(TrackedResource):
    """PUT of a registry."""

    kind: Text | None = None
    sku: Sku | None = None
    identity: Identity | None = None
    properties: Properties


def registry_type(azure: Azure) -> ResourceType:
    """Registries, made at once."""
    return PlainType(azure, names.REGISTRY, RegistryBody, _build).resource_type()


def _build(registry: ResourceId, body: RegistryBody, before: Record | None) -> Made:
    del before
    if NAME.fullmatch(registry.name) is None:
        raise invalid_name("registry", registry.name, "3 to 33 letters, digits, dashes and underscores")
    if not body.properties.region_details:
        raise bad_request(
            "BadArgument", "A registry needs properties.regionDetails: [{location: REGION}], its own first."
        )
    shown: dict[str, Any] = {"publicNetworkAccess": "Enabled"}
    return Made(shown | body.properties.sent(), {"sku": {"name": "Basic", "tier": "Basic"}})


def is_reference(reference: str) -> bool:
    """Whether the text names a registry's asset and not one of a workspace."""
    return reference.lower().startswith("azureml://registries/")


def asset_of_registry(azure: Azure, kind: str, reference: str) -> Record:
    """The version that `azureml://registries/NAME/KIND/ASSET/versions/V` (or `labels/latest`) names.

    Raises ArmError 400: NotModelledLocally where the registry is not here, as Microsoft's own are not.
    """
    found = REFERENCE.fullmatch(reference)
    if found is None or found["kind"].lower() != kind:
        raise asset_not_found(names.ASSETS[kind], reference)
    named = [each for each in azure.store.of_type(names.REGISTRY) if each.name.lower() == found["registry"].lower()]
    if not named:
        raise _no_registry(found["registry"], reference)
    versions = azure.store.children(f"{named[0].id}/{kind}/{found['name']}", names.version(kind, names.REGISTRY))
    if found["version"]:
        versions = [each for each in versions if each.name.lower() == found["version"].lower()]
    elif found["label"].lower() != "latest":
        versions = []
    if not versions:
        raise asset_not_found(names.ASSETS[kind], reference, f"registry '{named[0].name}'")
    return versions[0]  # the newest


def _no_registry(name: str, reference: str) -> ArmError:
    return not_modelled(
        f"the registry '{name}' of '{reference}'. Put one of that name ({names.REGISTRY}) with this asset into a "
        "resource group of the local Azure, or register the asset in the workspace"
    )
