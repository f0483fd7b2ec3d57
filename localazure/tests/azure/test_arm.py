"""What Azure Resource Manager does for every service: tokens, versions, ids, errors, strictness."""

from typing import Any

import httpx2
import pytest

from localazure.testing.client import Arm

pytestmark = pytest.mark.anyio


async def test_no_token_is_401(arm: Arm) -> None:
    """Without a token, and with one that is not ours, ARM answers 401 in its own form."""
    for headers in ({"authorization": ""}, {"authorization": "Bearer abc.def.ghi"}, {"authorization": "Basic abc"}):
        answer = await arm.http.get(f"{arm.group}?api-version=2024-03-01", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] in {"AuthenticationFailed", "InvalidAuthenticationToken"}


async def test_expired_token_is_401(arm: Arm) -> None:
    """A token is good until it expires, by the clock of this Azure."""
    arm.clock.turn(301 * 86_400)
    answer = await arm.call("GET", arm.group)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("version", ["", "latest", "2024-3-1", "2024-03-01_preview"])
async def test_api_version_is_required(arm: Arm, version: str) -> None:
    """A missing or malformed api-version is 400."""
    answer = await arm.http.get(arm.group, params={"api-version": version} if version else {})
    assert answer.status_code == 400
    assert "api-version" in answer.json()["error"]["message"]


async def test_other_subscription_is_404(arm: Arm) -> None:
    """There is one subscription."""
    answer = await arm.call("GET", "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SubscriptionNotFound")


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("PUT", "/providers/Microsoft.Compute/virtualMachines/vm", "'Microsoft.Compute/virtualMachines'"),
        ("GET", "/providers/Microsoft.Nothing/things", "'Microsoft.Nothing/things'"),
        ("POST", "/providers/Microsoft.Storage/storageAccounts/a1b/listAccountSas", "'listAccountSas'"),
        ("POST", "/exportTemplate", "'exportTemplate'"),
    ],
)
async def test_what_is_not_modelled_is_refused_by_name(arm: Arm, method: str, path: str, named: str) -> None:
    """A provider, type or operation that is not modelled is a 400 that names it."""
    answer = await arm.call(method, f"{arm.group}{path}", {} if method != "GET" else None)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "NotModelledLocally")
    assert named in answer.json()["error"]["message"]


async def test_ids_ignore_case_and_keep_it(arm: Arm) -> None:
    """A resource is found in any spelling, and shows the one it was made with."""
    await arm.call("PUT", f"{arm.subscription}/resourceGroups/My-Group", {"location": "West Europe"})
    answer = await arm.call("GET", f"{arm.subscription.upper()}/RESOURCEGROUPS/my-group")
    assert answer.json()["name"] == "My-Group"
    assert answer.json()["location"] == "westeurope"
    account = f"{arm.subscription}/resourcegroups/MY-GROUP/providers/microsoft.storage/STORAGEACCOUNTS/store1"
    body = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    made = await arm.call("PUT", account, body)
    expected = f"{arm.subscription}/resourceGroups/My-Group/providers/Microsoft.Storage/storageAccounts/store1"
    assert (made.status_code, made.json()["id"]) == (200, expected)


async def test_groups(arm: Arm) -> None:
    """A group is made, found, listed, kept in its place, and not found when it is not there."""
    assert (await arm.call("HEAD", arm.group)).status_code == 404
    assert (await arm.call("GET", arm.group)).json()["error"]["code"] == "ResourceGroupNotFound"
    assert (await arm.call("PUT", arm.group, {"location": "westeurope"})).status_code == 201
    assert (await arm.call("PUT", arm.group, {"location": "westeurope", "tags": {"a": "b"}})).status_code == 200
    assert (await arm.call("HEAD", arm.group)).status_code == 204
    assert (await arm.call("PUT", arm.group, {"location": "eastus"})).status_code == 409
    listed = (await arm.call("GET", f"{arm.subscription}/resourceGroups")).json()["value"]
    assert [(group["name"], group["tags"]) for group in listed] == [("rg", {"a": "b"})]


async def test_missing_resources_in_the_recorded_forms(estate: Arm) -> None:
    """A missing resource, parent and group are each 404 with a code of their own."""
    answer = await estate.call("GET", estate.endpoint())
    assert answer.json()["error"]["message"] == (
        "The Resource 'Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/diabetes' under resource group "
        "'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    elsewhere = estate.endpoint().replace("/ws/", "/other/")
    answer = await estate.call("PUT", elsewhere, estate.endpoint_body())
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ParentResourceNotFound")
    answer = await estate.call("GET", estate.endpoint().replace("/rg/", "/other/"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ResourceGroupNotFound")


@pytest.mark.parametrize("raw", ["{", "[1]", '"text"', "", '{"location": NaN}', '{"location": "\\ud800"}'])
async def test_bodies_that_are_no_objects(arm: Arm, raw: str) -> None:
    """A body that is no JSON object is 400, not a failure of the server."""
    answer = await arm.http.put(
        f"{arm.group}?api-version=2024-03-01", content=raw, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")


async def test_every_unknown_property_is_named(arm: Arm) -> None:
    """All offending properties come back at once, each with its path."""
    await arm.call("PUT", arm.group, {"location": "westeurope"})
    body = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS", "sise": 1}, "colour": "red"}
    answer = await arm.call("PUT", arm.of("Microsoft.Storage/storageAccounts", "store1"), body)
    assert sorted(detail["target"] for detail in answer.json()["error"]["details"]) == ["colour", "sku.sise"]


async def test_journal_has_no_secrets(estate: Arm) -> None:
    """The journal tells method, path and status of every request, and nothing else."""
    await estate.call("POST", f"{estate.of('Microsoft.Storage/storageAccounts', 'rgstorage')}/listKeys")
    last = estate.local.arm.journal[-1]
    assert (last.method, last.status) == ("POST", 200)
    assert last.path.endswith("/listKeys?api-version=2025-12-01")


async def test_workspace_needs_what_it_stands_on(estate: Arm) -> None:
    """A workspace whose storage, vault or insights are not there is refused."""
    workspace = (await estate.call("GET", estate.workspace)).json()
    for name in ("storageAccount", "keyVault", "applicationInsights"):
        properties: dict[str, Any] = {
            key: workspace["properties"][key] for key in ("storageAccount", "keyVault", "applicationInsights")
        }
        properties[name] += "x"
        body = {"location": "westeurope", "properties": properties}
        other = estate.of("Microsoft.MachineLearningServices/workspaces", "other")
        answer = await estate.call("PUT", other, body)
        assert answer.status_code == 400, name
        assert name in answer.json()["error"]["message"]


async def test_workspace_reads_back_what_it_is_sent(estate: Arm) -> None:
    """GET then PUT of the same document changes nothing but the time of its modification."""
    before = (await estate.call("GET", estate.workspace)).json()
    answer = await estate.call("PUT", estate.workspace, before)
    assert answer.status_code == 200, answer.text
    assert answer.json()["properties"] == before["properties"]
    assert answer.json()["identity"] == before["identity"]


async def test_roles(estate: Arm) -> None:
    """A built-in role is assigned once on a scope that is there, and found there; for whom never changes."""
    account = estate.of("Microsoft.Storage/storageAccounts", "rgstorage")
    roles = f"{estate.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    listed = await estate.call("GET", roles, **{"$filter": "roleName eq 'AcrPull'"})
    role = listed.json()["value"][0]
    assert role["name"] == "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    path = f"{account}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001"
    body = {"properties": {"roleDefinitionId": role["id"], "principalId": "00000000-0000-4000-8000-000000000002"}}
    assert (await estate.call("PUT", path, body)).status_code == 201
    assert (await estate.call("PUT", path, body)).status_code == 201
    other = {"properties": {**body["properties"], "principalId": "00000000-0000-4000-8000-000000000003"}}
    refused = (await estate.call("PUT", path, other)).json()["error"]
    assert refused["code"] == "RoleAssignmentUpdateNotPermitted"
    twice = await estate.call("PUT", path[:-1] + "9", body)
    assert (twice.status_code, twice.json()["error"]["code"]) == (409, "RoleAssignmentExists")
    assert (await estate.call("GET", path)).json()["properties"]["scope"] == account
    on_scope = await estate.call("GET", f"{account}/providers/Microsoft.Authorization/roleAssignments")
    assert len(on_scope.json()["value"]) == 1
    assert (await estate.call("DELETE", path)).status_code == 200
    assert (await estate.call("GET", path)).status_code == 404


async def test_full_disk_is_told(arm: Arm) -> None:
    """A write that cannot be stored is a 500 that says so, and what was there stays readable."""
    await arm.call("PUT", arm.group, {"location": "westeurope"})
    arm.local.azure.store._db.execute("PRAGMA max_page_count = 1")  # SQLite keeps the pages that it has
    answer = await arm.call(
        "PUT", arm.group, {"location": "westeurope", "tags": {f"t{n}": "x" * 256 for n in range(50)}}
    )
    assert answer.status_code == 500
    assert "database or disk is full" in answer.json()["error"]["message"]
    assert (await arm.call("GET", arm.group)).json()["tags"] == {}


async def test_resources_of_a_group_and_of_the_subscription(estate: Arm) -> None:
    """Everything with a location is listed, in the group and in the subscription, in short."""
    kinds = {"Microsoft.MachineLearningServices/workspaces", "Microsoft.KeyVault/vaults"}
    for scope in (estate.group, estate.subscription):
        listed = (await estate.call("GET", f"{scope}/resources")).json()["value"]
        assert len(listed) == 6
        assert kinds <= {item["type"] for item in listed}
        assert all("properties" not in item for item in listed)


async def test_resources_by_a_filter(estate: Arm) -> None:
    """By type, name and location; what else a filter may say is refused and named."""

    async def listed(text: str) -> httpx2.Response:
        return await estate.call("GET", f"{estate.group}/resources", **{"$filter": text})

    vaults = (await listed("resourceType eq 'microsoft.keyvault/vaults'")).json()["value"]
    assert [each["name"] for each in vaults] == ["rg-vault"]
    both = "resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'other'"
    assert (await listed(both)).json()["value"] == []
    for text in ("tagName eq 'a'", "substringof('a', name)"):
        answer = await listed(text)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "NotModelledLocally")
        assert text in answer.json()["error"]["message"]
