"""Microsoft.Storage over HTTP."""

from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.resources import PlainType, require
from localazure.services.storage.models import TYPE, AccountBody, build, keys_document


def resource_types(azure: Azure) -> list[ResourceType]:
    """Storage accounts with listKeys."""

    async def list_keys(call: Call) -> Reply:
        return Reply(200, keys_document(require(azure, call.id)))

    return [PlainType(azure, TYPE, AccountBody, build, created=200).resource_type({"listKeys": list_keys})]
