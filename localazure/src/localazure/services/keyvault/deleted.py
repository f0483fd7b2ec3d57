"""Vaults that were deleted: they keep their name until they are recovered, purged, or their retention has passed.

Source: Azure's documentation of soft delete, and of `Vaults - Get Deleted` and `Purge Deleted` (texts of errors too).
"""

from datetime import datetime, timedelta

from localazure.arm.catalog import NO_BODY, Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request, conflict
from localazure.services.keyvault.models import TYPE
from localazure.store import Record

DELETED_TYPE = "Microsoft.KeyVault/locations/deletedVaults"
LIST_TYPE = "Microsoft.KeyVault/deletedVaults"


def soft_delete(azure: Azure, vault: Record) -> None:
    """Keep the vault as a deleted one; with soft delete switched off nothing is kept. The vault itself stays."""
    if not vault.properties["enableSoftDelete"]:
        return
    now = azure.clock.now()
    days = vault.properties["softDeleteRetentionInDays"]
    location = vault.document["location"]
    place = f"/subscriptions/{azure.subscription}/providers/Microsoft.KeyVault/locations/{location}"
    document = {
        "id": f"{place}/deletedVaults/{vault.name}",
        "name": vault.name,
        "type": LIST_TYPE,
        "properties": {
            "vaultId": vault.id,
            "location": location,
            "deletionDate": _time(now),
            "scheduledPurgeDate": _time(now + timedelta(days=days)),
            "tags": vault.document["tags"],
            "purgeProtectionEnabled": bool(vault.properties.get("enablePurgeProtection")),
        },
    }
    azure.store.put(Record(DELETED_TYPE, place, document, {"document": vault.document, "private": vault.private}))


def deleted(azure: Azure) -> list[Record]:
    """All whose retention has not passed."""
    found: list[Record] = []
    for record in azure.store.of_type(DELETED_TYPE):
        if datetime.fromisoformat(record.properties["scheduledPurgeDate"]) <= azure.clock.now():
            azure.store.delete(record.id)
        else:
            found.append(record)
    return found


def deleted_of_name(azure: Azure, name: str) -> Record | None:
    """The deleted vault that keeps a name."""
    return next((record for record in deleted(azure) if record.name.lower() == name.lower()), None)


def recover(azure: Azure, vault_id: str, name: str) -> Record:
    """The vault as it was, in its old place. Raises ArmError 404 and 400."""
    if (record := deleted_of_name(azure, name)) is None:
        message = f"createMode is 'recover', but there is no deleted vault '{name}'."
        raise ArmError(404, "DeletedVaultNotFound", message)
    if (was := record.properties["vaultId"]).lower() != vault_id.lower():
        raise bad_request("BadRequest", f"The deleted vault '{name}' can be recovered to '{was}' only.")
    kept = record.private
    vault = Record(TYPE, was.split("/providers/")[0], kept["document"], kept["private"])
    with azure.store.transaction():
        azure.store.put(vault)
        azure.store.delete(record.id)
    return vault


def refuse_kept_name(azure: Azure, vault_id: str, name: str) -> None:
    """Raises ArmError 409 for the name of a deleted vault, and of one in another group."""
    if deleted_of_name(azure, name) is not None:
        raise conflict(
            "ConflictError",
            "A vault with the same name already exists in deleted state. You need to either recover or purge existing "
            "key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft "
            "delete.",
        )
    others = (record for record in azure.store.of_type(TYPE) if record.key != vault_id.lower())
    if any(record.name.lower() == name.lower() for record in others):
        raise conflict("VaultAlreadyExists", f"The vault name '{name}' is already in use. Vault names are unique.")


def deleted_types(azure: Azure) -> list[ResourceType]:
    """Deleted vaults: read, listed, purged."""

    def find(call: Call) -> Record:
        record = deleted_of_name(azure, call.id.name)
        if record is None or record.properties["location"] != call.id.names[0].lower():
            message = f"The specified deleted vault '{call.id.name}' does not exist."
            raise ArmError(404, "DeletedVaultNotFound", message)
        return record

    async def get(call: Call) -> Reply:
        return Reply(200, find(call).document)

    async def listed(call: Call) -> Reply:
        del call
        return Reply(200, {"value": [record.document for record in deleted(azure)]})

    async def purge(call: Call) -> Reply:
        record = find(call)
        if record.properties["purgeProtectionEnabled"]:
            raise ArmError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")
        azure.store.delete(record.id)
        return Reply(200, NO_BODY)

    return [ResourceType(DELETED_TYPE, {"GET": get}, None, {"purge": purge}), ResourceType(LIST_TYPE, {}, listed)]


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}Z"
