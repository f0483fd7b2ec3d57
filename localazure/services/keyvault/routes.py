"""Microsoft.KeyVault over HTTP."""

from localazure.arm.catalog import ResourceType
from localazure.arm.context import Azure
from localazure.arm.resources import PlainType
from localazure.services.keyvault.models import TYPE, VaultBody, build


def resource_types(azure: Azure) -> list[ResourceType]:
    """Vaults."""
    return [PlainType(azure, TYPE, VaultBody, build).resource_type()]
