"""Names that become paths, URLs or arguments, and the URIs of assets."""

import uuid
from typing import Any

import pytest

from localazure.testing.client import LOCATION, VERSION, Arm

pytestmark = pytest.mark.anyio
ENVIRONMENT = {"properties": {"image": "mcr.microsoft.com/base:1", "condaFile": "dependencies: [python=3.11]"}}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a b", "invalid characters: ' '. The name can only be a letter, digit, '-', '.', '(', ')' or '_'"),
        ("a" * 91, "a length of '91' which exceeds the maximum length of '90'"),
        ("group.", "ends with a period"),
        ("a%3Bb", "invalid characters: ';'"),
    ],
)
async def test_group_names(arm: Arm, name: str, says: str) -> None:
    """Azure's own rule, in its words."""
    answer = await arm.call("PUT", f"{arm.subscription}/resourceGroups/{name}", {"location": LOCATION})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidResourceGroup")
    assert says in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["rg-1", "rg_(ü).a", "a" * 90, "0"])
async def test_good_group_names(arm: Arm, name: str) -> None:
    """Letters of any script are taken, as in Azure."""
    group = f"{arm.subscription}/resourceGroups/{name}"
    assert (await arm.call("PUT", group, {"location": LOCATION})).status_code == 201


@pytest.mark.parametrize("name", ["%252e%252e", "a%00b", "a%0Ab", "a%3Cb", "a%23b", "a%5Cb", "n" * 261])
@pytest.mark.parametrize(
    ("where", "version"),
    [("Microsoft.Insights/actionGroups", "2023-01-01"), ("Microsoft.MachineLearningServices/workspaces", VERSION)],
)
async def test_no_resource_has_such_a_name(estate: Arm, name: str, where: str, version: str) -> None:
    """Of whatever type: a path that leads up, control characters, what a URL reads as its own, endless ones."""
    answer = await estate.call("PUT", estate.of(where, name), {"location": LOCATION}, version)
    assert answer.status_code == 400
    assert "invalid" in answer.json()["error"]["message"].lower()


@pytest.mark.parametrize("kind", ["models", "environments", "codes"])
@pytest.mark.parametrize(
    ("name", "version"),
    [("%2e%2e", "1"), ("a", "%2e%2e"), ("n" * 256, "1"), ("a", "v" * 256), ("a b", "1"), ("a", "-x"), (".a", "1")],
)
async def test_asset_names(estate: Arm, kind: str, name: str, version: str) -> None:
    """Name and version of an asset are folders of the local Azure: what leads elsewhere is refused, and not stored."""
    uri = f"{estate.blobs.url}/upload-ab12/code"
    body = ENVIRONMENT if kind == "environments" else {"properties": {f"{kind[:-1]}Uri": uri}}
    answer = await estate.call("PUT", f"{estate.workspace}/{kind}/{name}/versions/{version}", body)
    assert answer.status_code == 400, answer.text
    assert (await estate.call("GET", f"{estate.workspace}/{kind}")).json()["value"] == []


async def test_good_asset_names(estate: Arm) -> None:
    """With dots, as the public registry's models have them."""
    for name, version in (("Phi-3.5-mini_x", "1.0"), ("0", "9f2c41")):
        path = f"{estate.workspace}/environments/{name}/versions/{version}"
        assert (await estate.call("PUT", path, ENVIRONMENT)).status_code == 201


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/x/upload-a/code",
        "https://127.0.0.1:8490@evil.example/devstoreaccount1/upload-a/code",
        "https://127.0.0.1:8490.evil.example/devstoreaccount1/upload-a/code",
        "https://127.0.0.1:8490/otheraccount/upload-a/code",
        "https://127.0.0.1:8490/devstoreaccount1/upload-a/../other/code",
        "https://127.0.0.1:8490/devstoreaccount1/upload-a/%2e%2e/code",
        "https://127.0.0.1:8490/devstoreaccount1/upload-a/code%2f..%2f..",
        "https://127.0.0.1:8490/devstoreaccount1/%3Frestype=service&comp=list/code",
        "https://127.0.0.1:8490/devstoreaccount1/UP/code",
        "http://127.0.0.1:8490/devstoreaccount1/upload-a/code",
        "file:///etc/passwd",
        "azureml://datastores/workspaceblobstore/paths/../up",
        "azureml://datastores/workspaceblobstore/paths/a//b",
    ],
)
@pytest.mark.parametrize("kind", ["model", "code"])
async def test_an_uri_names_a_blob_of_the_local_storage(estate: Arm, kind: str, uri: str) -> None:
    """Of no other host, account or folder; 400 where it is registered, and not where it is used."""
    answer = await estate.call("PUT", f"{estate.workspace}/{kind}s/a/versions/1", {"properties": {f"{kind}Uri": uri}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadArgument")


async def test_a_registered_version_may_be_put_again_after_the_port_has_changed(estate: Arm) -> None:
    """Its URI is that of an earlier start."""
    await estate.register()
    before = estate.blobs.url
    estate.blobs.url = "https://127.0.0.1:9999/devstoreaccount1"
    again = {"properties": {"codeUri": f"{before}/upload-ab12/code"}}
    assert (await estate.call("PUT", f"{estate.workspace}/codes/a/versions/1", again)).status_code == 200


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"roleDefinitionId": ""}, "RoleDefinitionDoesNotExist"),
        ({"roleDefinitionId": "x"}, "RoleDefinitionDoesNotExist"),
        ({"roleDefinitionId": "/x/acdd72a7-3385-48ef-bd42-f606fba81ae7"}, "RoleDefinitionDoesNotExist"),
        ({"roleDefinitionId": "/"}, "RoleDefinitionDoesNotExist"),
        ({"principalId": "me"}, "InvalidPrincipalId"),
        ({"principalId": ""}, "InvalidPrincipalId"),
    ],
)
async def test_odd_role_assignments(estate: Arm, properties: dict[str, str], code: str) -> None:
    """Are 400, whatever stands in the place of a role's id or a principal's."""
    role = (
        f"{estate.subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    )
    path = f"{estate.group}/providers/Microsoft.Authorization/roleAssignments/{uuid.UUID(int=1)}"
    sent: dict[str, Any] = {"roleDefinitionId": role, "principalId": str(uuid.UUID(int=2))} | properties
    answer = await estate.call("PUT", path, {"properties": sent})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("hours", [0, -1, 10**9, 10**30, 1e300])
async def test_secrets_expire_within_reason(estate: Arm, hours: float) -> None:
    """A time beyond what can be signed is 400."""
    path = f"{estate.workspace}/datastores/workspaceblobstore/listSecrets"
    answer = await estate.call("POST", path, {"expireAfterHours": hours})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")
