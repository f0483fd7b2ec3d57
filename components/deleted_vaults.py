"""Deleted key vaults, which keep their names: azure-native has no function for them, so ARM itself is asked.

As who azure-native is (`getClientToken`), and only where a vault is about to be made or taken over. The token stays
here: it stands in no resource, no output and no message.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pulumi

from components.azure_reads import get
from rollout.deleted import DeletedVault, deleted_vault_from
from settings.load import provider_value
from settings.regions import cloud_of
from settings.stack import Stack

if TYPE_CHECKING:
    import httpx2

_API = "2023-07-01"
_SECONDS = 20.0


class Unreadable(Exception):
    """Azure did not tell which vaults are deleted: the right for it is one of the subscription."""


async def deleted_vault(stack: Stack, name: str) -> DeletedVault | None:
    """The deleted vault of this name, wherever in the subscription it was; None where there is none.

    Raises Unreadable.
    """
    identity = await get("authorization:getClientConfig", {}) or {}
    token = ((await get("authorization:getClientToken", {})) or {}).get("token")
    path: str | None = f"/subscriptions/{identity.get('subscriptionId')}/providers/Microsoft.KeyVault/deletedVaults"
    import httpx2  # a fifth of a second, which no other preview has to wait

    try:
        async with httpx2.AsyncClient(timeout=_SECONDS) as client:
            base = await _resource_manager(client, stack)
            path = f"{base}{path}?api-version={_API}"
            while path and path.startswith(base):
                page = await _json(client, path, {"authorization": f"Bearer {token}"})
                for body in page["value"]:
                    if str(body["name"]).lower() == name.lower():
                        return deleted_vault_from(body)
                path = page.get("nextLink")
    except (httpx2.HTTPError, LookupError, TypeError, ValueError) as error:
        # Never the error's own text where it may hold a header.
        raise Unreadable(str(error) if isinstance(error, httpx2.TransportError) else type(error).__name__) from None
    return None


async def _resource_manager(client: httpx2.AsyncClient, stack: Stack) -> str:
    """Where ARM is: as the cloud describes itself that `metadataHost` names, else by the region."""
    host = provider_value("metadataHost") or os.environ.get("ARM_METADATA_HOSTNAME")
    if host:
        host = host.removeprefix("https://").rstrip("/")
        told = await _json(client, f"https://{host}/metadata/endpoints?api-version=2019-05-01", {})
        return str((told[0] if isinstance(told, list) else told)["resourceManager"]).rstrip("/")
    cloud = cloud_of(stack.location)
    if cloud is None:
        raise Unreadable(f"the cloud of {stack.location} is not known")
    return f"https://{cloud.manager}"


async def _json(client: httpx2.AsyncClient, url: str, headers: dict[str, str]) -> Any:
    answer = await client.get(url, headers=headers)
    if answer.is_error:
        raise Unreadable(f"status {answer.status_code}")
    return answer.json()


async def look(stack: Stack, name: str) -> DeletedVault | None:
    """The same; where Azure does not tell, a warning and None: Azure itself refuses the name then."""
    try:
        return await deleted_vault(stack, name)
    except Unreadable as error:
        pulumi.log.warn(
            f"whether a deleted key vault has the name {name} could not be read ({error}). If one has, 'pulumi up' "
            "ends at the vault: look with 'az keyvault list-deleted'."
        )
        return None
