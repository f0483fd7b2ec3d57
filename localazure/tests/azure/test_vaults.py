"""Key vaults that are deleted, recovered, purged; and PATCH where Azure has it."""

from typing import Any

import pytest

from localazure.testing.client import LOCATION, Arm

pytestmark = pytest.mark.anyio
VAULTS = "Microsoft.KeyVault/vaults"
BODY: dict[str, Any] = {
    "location": LOCATION,
    "tags": {"a": "b"},
    "properties": {
        "tenantId": "adfs",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "softDeleteRetentionInDays": 7,
    },
}


async def deleted_vault(arm: Arm, **properties: Any) -> str:
    """Make vault v-1 and delete it; the id of the deleted one."""
    body = {**BODY, "properties": {**BODY["properties"], **properties}}
    await arm.call("PUT", arm.group, {"location": LOCATION})
    assert (await arm.call("PUT", arm.of(VAULTS, "vault-1"), body)).status_code == 201
    assert (await arm.call("DELETE", arm.of(VAULTS, "vault-1"))).status_code == 200
    assert (await arm.call("GET", arm.of(VAULTS, "vault-1"))).status_code == 404
    return f"{arm.subscription}/providers/Microsoft.KeyVault/locations/{LOCATION}/deletedVaults/vault-1"


async def put(arm: Arm, mode: str = "default") -> Any:
    """PUT of the vault again."""
    body = {**BODY, "tags": {}, "properties": {**BODY["properties"], "createMode": mode}}
    return await arm.call("PUT", arm.of(VAULTS, "Vault-1"), body)


async def test_a_deleted_vault_keeps_its_name_until_it_is_purged(arm: Arm) -> None:
    """It is listed, and its name is taken, in any spelling; once it is purged the name is free."""
    gone = await deleted_vault(arm)
    shown = (await arm.call("GET", gone)).json()
    assert shown["properties"]["vaultId"] == arm.of(VAULTS, "vault-1")
    assert shown["properties"]["scheduledPurgeDate"] == "2026-01-09T03:04:05Z"
    listed = await arm.call("GET", f"{arm.subscription}/providers/Microsoft.KeyVault/deletedVaults")
    assert [vault["name"] for vault in listed.json()["value"]] == ["vault-1"]
    refused = await put(arm)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ConflictError")
    assert "recover or purge" in refused.json()["error"]["message"]
    assert (await arm.call("POST", f"{gone}/purge")).status_code == 200
    assert (await arm.call("GET", gone)).status_code == 404
    assert (await put(arm)).status_code == 201


async def test_recover_brings_it_back_as_it_was(arm: Arm) -> None:
    """createMode recover: the old document, whatever else is sent; the mode is never shown."""
    gone = await deleted_vault(arm)
    recovered = await put(arm, "recover")
    assert (recovered.status_code, recovered.json()["tags"]) == (200, {"a": "b"})
    assert "createMode" not in recovered.json()["properties"]
    assert (await arm.call("GET", gone)).status_code == 404
    await arm.call("DELETE", arm.of(VAULTS, "vault-1"))
    await arm.call("POST", f"{gone}/purge")
    assert (await put(arm, "recover")).status_code == 404


async def test_it_goes_by_itself_after_its_retention(arm: Arm) -> None:
    """By Azure's clock; a vault with purge protection can only wait."""
    gone = await deleted_vault(arm, enablePurgeProtection=True)
    assert (await arm.call("POST", f"{gone}/purge")).status_code == 405
    arm.clock.turn(7 * 86_400)
    assert (await arm.call("GET", gone)).status_code == 404
    assert (await put(arm)).status_code == 201


async def test_a_group_leaves_its_vaults_behind(arm: Arm) -> None:
    """Deleting the group deletes vaults softly; one comes back once its group is there again."""
    gone = await deleted_vault(arm)
    await put(arm, "recover")
    await arm.call("DELETE", arm.group)
    await arm.turn()
    assert (await arm.call("GET", gone)).status_code == 200
    await arm.call("PUT", arm.group, {"location": LOCATION})
    assert (await put(arm, "recover")).status_code == 200


async def test_names_are_unique(arm: Arm) -> None:
    """A vault of another group keeps its name."""
    await deleted_vault(arm)
    await put(arm, "recover")
    await arm.call("PUT", f"{arm.subscription}/resourceGroups/other", {"location": LOCATION})
    elsewhere = arm.of(VAULTS, "VAULT-1").replace("/rg/", "/other/")
    answer = await arm.call("PUT", elsewhere, BODY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "VaultAlreadyExists")


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "Microsoft.Storage/storageAccounts/rgstorage",
        "Microsoft.ContainerRegistry/registries/rgregistry",
        "Microsoft.MachineLearningServices/workspaces/ws",
    ],
)
async def test_patch_changes_tags_alone(estate: Arm, kind: str) -> None:
    """All else stays; a property that PATCH does not take is a 400 that names it."""
    path = f"{estate.group}/providers/{kind}" if kind else estate.group
    before = (await estate.call("GET", path)).json()
    patched = await estate.call("PATCH", path, {"tags": {"a": "b"}})
    assert (patched.status_code, patched.json()["tags"]) == (200, {"a": "b"})
    after = (await estate.call("GET", path)).json()
    assert after["properties"] == before["properties"]
    refused = await estate.call("PATCH", path, {"colour": "red"})
    assert (refused.status_code, "colour" in refused.json()["error"]["message"]) == (400, True)


async def test_deployment_names_in_any_casing(estate: Arm) -> None:
    """`Blue` and `blue` are one deployment; it keeps its first spelling, and traffic in any spelling finds it."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("Blue"), estate.deployment_body())
    again = await estate.done("PUT", estate.deployment("blue"), estate.deployment_body(2))
    assert (again.json()["name"], again.json()["sku"]["capacity"]) == ("Blue", 2)
    listed = (await estate.call("GET", f"{estate.endpoint()}/deployments")).json()["value"]
    assert [each["name"] for each in listed] == ["Blue"]
    shifted = await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"BLUE": 100}))
    assert shifted.json()["properties"]["traffic"] == {"blue": 100}
    assert estate.serving.routes["diabetes"].traffic == {"Blue": 100}
