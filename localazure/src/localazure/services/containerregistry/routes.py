"""Microsoft.ContainerRegistry over HTTP."""

from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.resources import PlainType, require
from localazure.services.containerregistry.models import TYPE, RegistryBody, build, credentials_document


def resource_types(azure: Azure) -> list[ResourceType]:
    """Registries with listCredentials."""

    async def list_credentials(call: Call) -> Reply:
        return Reply(200, credentials_document(require(azure, call.id)))

    return [PlainType(azure, TYPE, RegistryBody, build).resource_type({"listCredentials": list_credentials})]
