"""Workspaces and their default datastore."""

from typing import Any

from localazure.arm.bodies import Body, Flag, Identity, Open, Sku, Tags, Text, TrackedResource, Whole, check
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.operations import new_guid, timestamp
from localazure.arm.resources import (
    identity_document,
    keep_place,
    missing,
    new_document,
    require,
    require_group,
    system_data,
)
from localazure.create_only import refused_change
from localazure.services.machinelearning import names, outbound_rules
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.deleted import refuse_kept_name
from localazure.services.machinelearning.managed_network import Settings, network_document
from localazure.store import Record

DEFAULT_DATASTORE = "workspaceblobstore"
NEEDS = {
    "storageAccount": "microsoft.storage/storageaccounts",
    "keyVault": "microsoft.keyvault/vaults",
    "applicationInsights": "microsoft.insights/components",
    "containerRegistry": "microsoft.containerregistry/registries",
}
REQUIRED = ("storageAccount", "keyVault")


class Properties(Body):
    """Properties of a workspace."""

    read_only = frozenset(
        {"provisioningState", "workspaceId", "tenantId", "mlFlowTrackingUri", "notebookInfo", "privateLinkCount"}
        | {"serviceProvisionedResourceGroup", "storageHnsEnabled", "privateEndpointConnections", "discoveryUrl"}
    )
    friendly_name: Text | None = None
    description: Text | None = None
    storage_account: Text | None = None
    key_vault: Text | None = None
    application_insights: Text | None = None
    container_registry: Text | None = None
    hbi_workspace: Flag | None = None
    image_build_compute: Text | None = None
    public_network_access: Text | None = None
    allow_public_access_when_behind_vnet: Flag | None = None
    managed_network: Settings | None = None
    provision_network_now: Flag | None = None
    v1_legacy_mode: Flag | None = None
    encryption: Open | None = None
    enable_data_isolation: Flag | None = None
    enable_service_side_cmk_encryption: Flag | None = None
    primary_user_assigned_identity: Text | None = None
    serverless_compute_settings: Open | None = None
    service_managed_resources_settings: Open | None = None
    shared_private_link_resources: list[Open] | None = None
    system_datastores_auth_mode: Text | None = None
    soft_delete_retention_in_days: Whole | None = None


class WorkspaceBody(TrackedResource):
    """PUT of a workspace."""

    kind: Text | None = None
    sku: Sku | None = None
    identity: Identity | None = None
    properties: Properties = Properties()


async def put_workspace(ml: MachineLearning, workspace: ResourceId, body: object) -> Record:
    """Create or replace. What it stands on must be there."""
    sent = check(WorkspaceBody, body)
    store = ml.azure.store
    group = require_group(ml.azure, workspace)
    before = store.get(workspace.text)
    if before is None:
        refuse_kept_name(ml.azure, workspace.text)
    else:
        keep_place(before, sent.location)
    properties = {key: value for key, value in sent.properties.sent().items() if key != "provisionNetworkNow"}
    _check_needs(ml, properties)
    had = before.properties["managedNetwork"] if before else None
    network = network_document(sent.properties.managed_network, sent.properties.provision_network_now is True, had)
    if before is not None and (path := refused_change(names.WORKSPACE, before.document, sent.sent())) is not None:
        raise bad_request("ValidationError", f"The property '{path}' of workspace '{before.name}' cannot change.")
    document = dict(before.document) if before else new_document(group, names.WORKSPACE, workspace.name, sent.location)
    document |= {
        "kind": sent.kind or "Default",
        "tags": sent.tags or {},
        "sku": sent.sku.sent() if sent.sku else {"name": "Basic", "tier": "Basic"},
        "identity": identity_document(
            ml.azure, sent.identity or Identity(type="SystemAssigned"), document.get("identity")
        ),
        "properties": _properties(ml, document, properties | {"managedNetwork": network}, before),
        "systemData": system_data(ml.azure, document.get("systemData")),
    }
    record = Record(names.WORKSPACE, group.id, document)
    container = container_name(record)
    await ml.blobs.ensure_container(container)
    rules = sent.properties.managed_network.outbound_rules if sent.properties.managed_network else None
    with store.transaction():
        store.put(record)
        if before is None:
            store.put(_datastore(ml, record, container))
        outbound_rules.write(ml.azure, record, rules)
    return record


class PatchProperties(Body):
    """Properties of a workspace that a PATCH may change here; others go by PUT."""

    description: Text | None = None
    friendly_name: Text | None = None
    image_build_compute: Text | None = None
    public_network_access: Text | None = None


class WorkspacePatch(Body):
    """PATCH of a workspace."""

    tags: Tags | None = None
    properties: PatchProperties = PatchProperties()


def patch_workspace(ml: MachineLearning, workspace: ResourceId, body: object) -> Record:
    """Change what is sent."""
    sent = check(WorkspacePatch, body)
    record = require(ml.azure, workspace)
    if sent.tags is not None:
        record.document["tags"] = sent.tags
    record.properties.update(sent.properties.sent())
    record.document["systemData"] = system_data(ml.azure, record.document["systemData"])
    ml.azure.store.put(record)
    return record


def container_name(workspace: Record) -> str:
    """The blob container of a workspace's default datastore."""
    return f"azureml-blobstore-{workspace.properties['workspaceId']}"


def containers(ml: MachineLearning, workspace: Record) -> dict[str, str]:
    """Blob container by datastore name."""
    stores = ml.azure.store.children(workspace.id, names.DATASTORE)
    return {store.name.lower(): store.properties["containerName"] for store in stores}


def _check_needs(ml: MachineLearning, properties: dict[str, Any]) -> None:
    for name in REQUIRED:
        if name not in properties:
            raise missing(f"A workspace needs '{name}': give the id of one that exists.")
    for name, kind in NEEDS.items():
        if (needed := properties.get(name)) is None:
            continue
        known = ml.azure.store.get(needed)
        if known is None or known.type.lower() != kind:
            raise missing(f"The workspace's {name} '{needed}' does not exist.")


def _properties(
    ml: MachineLearning, document: dict[str, Any], sent: dict[str, Any], before: Record | None
) -> dict[str, Any]:
    location = document["location"]
    return {
        "friendlyName": document["name"],
        "description": "",
        "hbiWorkspace": False,
        "imageBuildCompute": None,
        "allowPublicAccessWhenBehindVnet": False,
        "publicNetworkAccess": "Enabled",
        "v1LegacyMode": False,
        "enableDataIsolation": False,
        "systemDatastoresAuthMode": "accesskey",
        "containerRegistry": None,
        "applicationInsights": None,
        **sent,
        "tenantId": ml.azure.tenant,
        "workspaceId": before.properties["workspaceId"] if before else new_guid(),
        "discoveryUrl": f"{ml.azure.url}/discovery",
        "mlFlowTrackingUri": f"azureml://{location}.api.azureml.ms/mlflow/v1.0{document['id']}",
        "provisioningState": "Succeeded",
        "storageHnsEnabled": False,
        "privateLinkCount": 0,
    }


def _datastore(ml: MachineLearning, workspace: Record, container: str) -> Record:
    account = workspace.properties["storageAccount"].rsplit("/", 1)[1]
    document = new_document(workspace, names.DATASTORE, DEFAULT_DATASTORE)
    document["properties"] = {
        "description": None,
        "tags": None,
        "properties": None,
        "isDefault": True,
        "credentials": {"credentialsType": "AccountKey"},
        "datastoreType": "AzureBlob",
        "accountName": account,
        "containerName": container,
        "endpoint": "core.windows.net",
        "protocol": "https",
        "serviceDataAccessAuthIdentity": "None",
        "subscriptionId": ml.azure.subscription,
        "resourceGroup": workspace.parent.rsplit("/", 1)[1],
    }
    document["systemData"] = {"createdAt": timestamp(ml.azure.clock.now()), "createdBy": "local"}
    return Record(names.DATASTORE, workspace.id, document)
