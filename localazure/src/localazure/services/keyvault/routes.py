"""Microsoft.KeyVault over HTTP."""

from localazure.arm.bodies import check
from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request
from localazure.arm.resources import PlainType, require_group
from localazure.services.keyvault.deleted import deleted_types, recover, refuse_kept_name, soft_delete
from localazure.services.keyvault.models import TYPE, VaultBody, build


class Vaults(PlainType):
    """Vaults; deleting one keeps it for a while."""

    def __init__(self, azure: Azure) -> None:
        super().__init__(azure, TYPE, VaultBody, build)

    async def put(self, call: Call) -> Reply:
        """Create, replace, or (createMode `recover`) bring back."""
        require_group(self.azure, call.id)
        if self.azure.store.get(call.id.text) is None:
            if (check(VaultBody, call.body).properties.create_mode or "").lower() == "recover":
                return Reply(200, recover(self.azure, call.id.text, call.id.name).document)
            refuse_kept_name(self.azure, call.id.text, call.id.name)
        return await super().put(call)

    def fixed(self, name: str, path: str) -> ArmError:
        """As the service says it."""
        del name
        return bad_request(
            "BadRequest", f'The property "{path.rpartition(".")[2]}" has been set already and it can\'t be modified.'
        )

    async def delete(self, call: Call) -> Reply:
        """Delete it softly."""
        with self.azure.store.transaction():
            if (vault := self.azure.store.get(call.id.text)) is not None:
                soft_delete(self.azure, vault)
            return await super().delete(call)

    async def keep_under(self, target: str) -> None:
        """The group goes: its vaults are kept too."""
        for vault in self.azure.store.of_type(TYPE, target):
            soft_delete(self.azure, vault)


def resource_types(azure: Azure) -> list[ResourceType]:
    """Vaults, and deleted vaults."""
    vaults = Vaults(azure)
    azure.stops.append(vaults.keep_under)
    return [vaults.resource_type(), *deleted_types(azure)]
