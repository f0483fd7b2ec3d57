"""Custom roles, their assignments, and federated credentials."""

import uuid
from typing import Any

import pytest

from localazure.testing.client import LOCATION, Arm

pytestmark = pytest.mark.anyio
ROLE, ASSIGNMENT = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


def role_body(arm: Arm, **properties: Any) -> dict[str, Any]:
    """A PUT of a custom role."""
    permissions = [{"actions": ["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/*"], "notActions": []}]
    plain = {"roleName": "deployer", "type": "CustomRole", "permissions": permissions, "assignableScopes": [arm.group]}
    return {"properties": {**plain, **properties}}


async def test_a_custom_role_is_the_subscriptions(estate: Arm) -> None:
    """Written in a group, it shows the subscription's id, can be assigned, and is kept while it is."""
    path = f"{estate.group}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"
    place = f"{estate.subscription}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"
    assert (await estate.call("PUT", path, role_body(estate))).json()["id"] == place
    assert (await estate.call("GET", place)).json()["properties"]["roleName"] == "deployer"
    assignment = f"{estate.workspace}/providers/Microsoft.Authorization/roleAssignments/{ASSIGNMENT}"
    body = {"properties": {"roleDefinitionId": place, "principalId": str(uuid.UUID(int=3)), "principalType": "User"}}
    assert (await estate.call("PUT", assignment, body)).status_code == 201
    kept = await estate.call("DELETE", place)
    assert (kept.status_code, kept.json()["error"]["code"]) == (400, "RoleDefinitionHasAssignments")
    await estate.call("DELETE", assignment)
    assert (await estate.call("DELETE", place)).status_code == 200
    assert (await estate.call("DELETE", place)).status_code == 204


@pytest.mark.parametrize(
    ("role", "properties", "code"),
    [
        ("deployer", {}, "InvalidRoleDefinitionId"),
        (ROLE, {"assignableScopes": ["/subscriptions/x/resourceGroups/nothing"]}, "InvalidAssignableScope"),
        (ROLE, {"permissions": [{"actions": ["deploy"]}]}, "InvalidActionOrNotAction"),
        (ROLE, {"type": "BuiltInRole"}, "BadRequestFormat"),
        (ROLE, {"colour": "blue"}, "InvalidRequestContent"),
        ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", {}, "BadRequestFormat"),
    ],
)
async def test_a_role_that_cannot_be_is_refused(estate: Arm, role: str, properties: dict[str, Any], code: str) -> None:
    """No GUID, a scope that is not there, no action, a built-in role, an unknown property."""
    path = f"{estate.group}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    answer = await estate.call("PUT", path, role_body(estate, **properties))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


async def test_federated_credentials(estate: Arm) -> None:
    """They need their identity and an https issuer; issuer and subject are those of one credential."""
    identity = estate.of("Microsoft.ManagedIdentity/userAssignedIdentities", "id")
    subject, audiences = "system:serviceaccount:models:scoring", ["api://AzureADTokenExchange"]
    properties = {"issuer": "https://issuer/", "subject": subject, "audiences": audiences}
    path = f"{identity}/federatedIdentityCredentials/one"
    assert (await estate.call("PUT", path, {"properties": properties})).status_code == 404
    await estate.call("PUT", identity, {"location": LOCATION})
    assert (await estate.call("PUT", path, {"properties": properties | {"issuer": "http://issuer"}})).status_code == 400
    assert (await estate.call("PUT", path, {"properties": properties})).status_code == 201
    again = await estate.call("PUT", f"{identity}/federatedIdentityCredentials/two", {"properties": properties})
    assert again.status_code == 409
    assert (await estate.call("GET", path)).json()["properties"] == properties
