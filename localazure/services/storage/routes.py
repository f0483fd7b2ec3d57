"""Microsoft.Storage over HTTP."""

from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.resources import PlainType, require
from localazure.services.storage.models import (
    BLOBS,
    TYPE,
    AccountBody,
    BlobServiceBody,
    build,
    build_blobs,
    keys_document,
)


def resource_types(azure: Azure) -> list[ResourceType]:
    """Storage accounts with listKeys, and their blob services, which nobody deletes."""

    async def list_keys(call: Call) -> Reply:
        return Reply(200, keys_document(require(azure, call.id)))

    blobs = PlainType(azure, BLOBS, BlobServiceBody, build_blobs, created=200)
    return [
        PlainType(azure, TYPE, AccountBody, build, created=200).resource_type({"listKeys": list_keys}),
        ResourceType(BLOBS, {"GET": blobs.get, "PUT": blobs.put}, blobs.list),
    ]
