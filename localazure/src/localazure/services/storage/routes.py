"""Microsoft.Storage over HTTP."""

from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request
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


class Accounts(PlainType):
    """Storage accounts."""

    def fixed(self, name: str, path: str) -> ArmError:
        """As the service says it of another kind of replication (reported: terraform-provider-azurerm#6526)."""
        if path == "sku.name":
            message = f"Storage account type of '{name}' can't be converted to this one by an update."
            return bad_request("StorageAccountTypeConversionNotAllowed", message)
        return super().fixed(name, path)


def resource_types(azure: Azure) -> list[ResourceType]:
    """Storage accounts with listKeys, and their blob services, which nobody deletes."""

    async def list_keys(call: Call) -> Reply:
        return Reply(200, keys_document(require(azure, call.id)))

    blobs = PlainType(azure, BLOBS, BlobServiceBody, build_blobs, created=200)
    return [
        Accounts(azure, TYPE, AccountBody, build, created=200).resource_type({"listKeys": list_keys}),
        ResourceType(BLOBS, {"GET": blobs.get, "PUT": blobs.put}, blobs.list),
    ]
