"""Key vaults that were deleted: Azure keeps them, and their names, for the days of their retention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from settings.refusal import Refusal


@dataclass(frozen=True, slots=True)
class DeletedVault:
    """A deleted vault; `until` is when Azure purges it by itself, an ISO 8601 time."""

    name: str
    group: str
    location: str
    until: str
    is_kept: bool

    def was_in(self, group: str, location: str) -> bool:
        """Whether it was in this resource group and region, the only place it can be recovered to."""
        here = (self.group.lower(), _plain(self.location))
        return here == (group.lower(), _plain(location))


def deleted_vault_from(body: Mapping[str, Any]) -> DeletedVault:
    """One of Azure's list of deleted vaults."""
    properties = body["properties"]
    group = str(properties["vaultId"]).split("/")[4]
    is_kept = bool(properties.get("purgeProtectionEnabled"))
    until = str(properties.get("scheduledPurgeDate") or "")
    return DeletedVault(str(body["name"]), group, str(properties["location"]), until, is_kept)


def guard_deleted(group: str, location: str, deleted: DeletedVault | None, is_adopted: bool) -> list[Refusal]:
    """R120 A deleted key vault keeps its name: it is recovered or purged before one is made of that name.

    Asked by the engine's hook before the vault is made, in a preview too. `adopt: [keyVault]` recovers it, where it was
    in this group and region.

    Source: Azure Key Vault, soft delete; Vaults, List Deleted; createMode `recover`.
    Example:
        group: rg-diabetes
        location: westeurope
        adopted: false
        deleted: {name: kv-ws-diabetes-5dfa8e, group: rg-diabetes, location: westeurope, until: '2026-12-01T08:00:00Z',
          is_kept: false}
    """
    if deleted is None or (is_adopted and deleted.was_in(group, location)):
        return []
    ways = []
    if deleted.was_in(group, location):
        ways.append("recover it: write adopt: [keyVault], run 'pulumi up', then remove the key")
    if not deleted.is_kept:
        ways.append(
            f"purge it, with all that is in it: az keyvault purge --name {deleted.name} --location {deleted.location}"
        )
    ways.append("choose another workspace.name, from which the vault has its own")
    cure = f"{'; or '.join(ways)}."
    got = f"the name of a deleted vault of {deleted.group} in {deleted.location}, kept until {deleted.until or 'later'}"
    return [Refusal("R120", "workspace.name", got, "a name that is free", cure[0].upper() + cure[1:])]


def told_of_kept(group: str, name: str, errors: Sequence[str]) -> list[Refusal]:
    """R119 A deleted workspace keeps its name for 14 days, where the subscription has soft delete for workspaces.

    Told by the engine's hook after Azure refused to make one: no public API shows a deleted workspace, so no preview
    can. `errors` are Azure's words.

    Source: Azure ML, recover workspaces with soft delete; Workspaces, Delete (forceToPurge).
    Example:
        group: rg-diabetes
        name: ws-diabetes
        errors: [Soft-deleted workspace exists. Please purge or recover it.]
    """
    if not any("soft-deleted workspace" in error.lower() for error in errors):
        return []
    # 'az ml workspace delete --permanently-delete' finds only workspaces that are there (Azure/azure-cli#33756).
    place = f"resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
    url = f"/subscriptions/{{subscriptionId}}/{place}?api-version=2024-04-01&forceToPurge=true"
    cure = (
        f"Purge it: az rest --method delete --url '{url}' (or in the portal, under Recently deleted), "
        "then run 'pulumi up' again; or recover it there, and write adopt: [workspace]; or choose another "
        "workspace.name."
    )
    got = "the name of a deleted workspace, which Azure keeps for 14 days"
    return [Refusal("R119", "workspace.name", got, "a name that is free", cure)]


def _plain(location: str) -> str:
    return location.replace(" ", "").lower()
