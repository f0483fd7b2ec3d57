"""Workspaces, datastores and assets over HTTP."""

from functools import partial
from typing import Annotated

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Text, Whole, check
from localazure.arm.catalog import NO_BODY, Call, Handler, Reply, ResourceType
from localazure.arm.errors import resource_not_found
from localazure.arm.operations import new_guid
from localazure.arm.resources import require, require_group
from localazure.services.machinelearning import deleted, names, outbound_rules
from localazure.services.machinelearning.assets import get_version, list_versions, put_version
from localazure.services.machinelearning.compute_routes import provision_network
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.environments import check_environment
from localazure.services.machinelearning.listing import select_assets
from localazure.services.machinelearning.workspaces import patch_workspace, put_workspace

UPLOAD_MINUTES = 60
LONGEST_HOURS = 8_760  # ours: what Azure takes at most is not documented
UPLOAD_RIGHTS = "racwdl"


class SecretsBody(Body):
    """POST listSecrets."""

    expirable_secret: Flag | None = None
    expire_after_hours: Annotated[Whole, Field(ge=1, le=LONGEST_HOURS)] | None = None


class UploadBody(Body):
    """POST startPendingUpload."""

    pending_upload_id: Text | None = None
    pending_upload_type: Text | None = None


def workspace_types(ml: MachineLearning) -> list[ResourceType]:
    """Workspaces and their datastores."""
    azure = ml.azure

    async def put(call: Call) -> Reply:
        record = await put_workspace(ml, call.id, call.body)
        return Reply(200, outbound_rules.shown(azure, record))

    async def get(call: Call) -> Reply:
        return Reply(200, outbound_rules.shown(azure, require(azure, call.id)))

    async def delete(call: Call) -> Reply:
        require_group(azure, call.id)
        for_good = call.query.get("forcetopurge", "").lower() == "true"
        if (record := azure.store.get(call.id.text)) is None:
            was_kept = for_good and deleted.purge(azure, call.id.text)
            return Reply(200 if was_kept else 204, NO_BODY)
        for stop in azure.stops:
            await stop(call.id.text)
        with azure.store.transaction():
            if not for_good:
                deleted.soft_delete(azure, record)
            azure.store.delete(call.id.text)
        return Reply(200, NO_BODY)

    async def keep_under(target: str) -> None:
        """A group goes: the names of its workspaces are kept too."""
        if "/providers/" not in target:
            for record in azure.store.of_type(names.WORKSPACE, target):
                deleted.soft_delete(azure, record)

    async def listed_workspaces(call: Call) -> Reply:
        scope = require_group(azure, call.id).id if call.id.group else f"/subscriptions/{call.id.subscription}"
        found = azure.store.of_type(names.WORKSPACE, scope)
        return Reply(200, {"value": [outbound_rules.shown(azure, record) for record in found]})

    async def get_datastore(call: Call) -> Reply:
        ml.workspace_of(call.id)
        return Reply(200, require(azure, call.id).document)

    async def list_datastores(call: Call) -> Reply:
        workspace = ml.workspace_of(call.id, type_name=call.type)
        return Reply(200, {"value": [r.document for r in azure.store.children(workspace.id, names.DATASTORE)]})

    async def list_secrets(call: Call) -> Reply:
        sent = check(SecretsBody, call.body if call.body is not None else {})
        container = require(azure, call.id).properties["containerName"]
        minutes = 60 * (sent.expire_after_hours or 1)
        return Reply(200, {"secretsType": "Sas", "sasToken": ml.blobs.sas(container, minutes, UPLOAD_RIGHTS)})

    async def patch(call: Call) -> Reply:
        return Reply(200, outbound_rules.shown(azure, patch_workspace(ml, call.id, call.body)))

    methods = {"GET": get, "PUT": put, "PATCH": patch, "DELETE": delete}
    provision = partial(provision_network, azure)
    azure.stops.append(keep_under)
    return [
        ResourceType(names.WORKSPACE, methods, listed_workspaces, {"provisionManagedNetwork": provision}),
        ResourceType(names.DATASTORE, {"GET": get_datastore}, list_datastores, {"listSecrets": list_secrets}),
    ]


def asset_types(ml: MachineLearning) -> list[ResourceType]:
    """Assets of workspaces and registries: containers are read, versions are read and written."""
    found: list[ResourceType] = []
    held = [(names.WORKSPACE, kind) for kind in names.ASSETS]
    for holder, kind in [*held, *((names.REGISTRY, kind) for kind in names.REGISTRY_ASSETS)]:
        uploads = kind == "codes" or (holder == names.REGISTRY and kind == "models")
        actions: dict[str, Handler] = {"startPendingUpload": partial(_start_upload, ml)} if uploads else {}
        methods = {"PUT": partial(_put, ml, kind), "GET": partial(_get, ml), "DELETE": partial(_delete, ml)}
        found += [
            ResourceType(
                names.container(kind, holder), {"GET": partial(_container, ml)}, partial(_containers, ml, kind)
            ),
            ResourceType(names.version(kind, holder), methods, partial(_list, ml, kind), actions),
        ]
    return found


async def _put(ml: MachineLearning, kind: str, call: Call) -> Reply:
    if kind == "environments":
        await check_environment(ml, call.id, call.body)
    record, is_new = put_version(ml, kind, call.id, call.body)
    return Reply(201 if is_new else 200, record.document)


async def _get(ml: MachineLearning, call: Call) -> Reply:
    return Reply(200, get_version(ml, call.id).document)


async def _delete(ml: MachineLearning, call: Call) -> Reply:
    ml.holder_of(call.id)
    if ml.azure.store.get(call.id.text) is None:
        return Reply(204, NO_BODY)
    ml.azure.store.delete(call.id.text)
    return Reply(200, NO_BODY)


async def _list(ml: MachineLearning, kind: str, call: Call) -> Reply:
    return Reply(200, {"value": list_versions(ml, kind, call.id, call.query)})


async def _container(ml: MachineLearning, call: Call) -> Reply:
    ml.holder_of(call.id)
    if (record := ml.azure.store.get(call.id.text)) is None:
        raise resource_not_found(call.type, call.id.names, call.id.group)
    return Reply(200, record.document)


async def _containers(ml: MachineLearning, kind: str, call: Call) -> Reply:
    holder = ml.holder_of(call.id, type_name=call.type)
    found = select_assets(ml.azure.store.children(holder.id, names.container(kind, holder.type)), call.query)
    return Reply(200, {"value": [record.document for record in found]})


async def _start_upload(ml: MachineLearning, call: Call) -> Reply:
    """A container of its own and a signature to write to it, as the SDK needs it for code."""
    check(UploadBody, call.body if call.body is not None else {})
    holder = ml.holder_of(call.id)
    upload = new_guid()
    container = f"upload-{upload.replace('-', '')[:20]}"
    await ml.blobs.ensure_container(container)
    uri = f"{ml.blobs.url}/{container}"
    signed = f"{uri}?{ml.blobs.sas(container, UPLOAD_MINUTES, UPLOAD_RIGHTS)}"
    reference = {
        "blobUri": uri,
        "credential": {"credentialType": "SAS", "sasUri": signed},
        "storageAccountArmId": holder.properties.get("storageAccount"),
    }
    document = {"pendingUploadId": upload, "pendingUploadType": "TemporaryBlobReference"}
    return Reply(200, document | {"blobReferenceForConsumption": reference})
