"""The life of a resource against ARM: what is sent, waited for, refused and left behind."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from localazure.plugin.arm import GONE
from localazure.plugin.errors import ArmError, Stopped
from localazure.plugin.ids import BadId
from localazure.plugin.operations import AlreadyExists, Incomplete, MissingArguments, Operations
from localazure.plugin.transport import Answer
from tests.plugin.conftest import SETTINGS
from tests.plugin.fake_arm import SECRET, FakeArm

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
GET = "azure-native:machinelearningservices:getOnlineEndpoint"
NAMES = {"resourceGroupName": "rg", "workspaceName": "ws", "endpointName": "diabetes"}
ID = (
    "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    "/onlineEndpoints/diabetes"
)
INPUTS = {**NAMES, "location": "we", "properties": {"authMode": "Key", "traffic": {"blue": 100}}}


def test_a_creation_looks_puts_waits_and_reads(operations: Operations, fake: FakeArm, pauses: list[float]) -> None:
    """GET finds nothing, PUT starts an operation that is polled to its end, and a last GET gives the outputs."""
    identity, outputs = operations.create(ENDPOINT, INPUTS)
    assert identity == ID
    assert outputs["properties"]["traffic"] == {"blue": 100}
    verbs = [(verb, path) for verb, path, _ in fake.log if not path.endswith("openid-configuration")]
    poll = ("GET", "/operations/0")
    assert [("GET", ID), ("PUT", ID), poll, poll, ("GET", ID)] == verbs
    assert [{"location": "we", "properties": INPUTS["properties"]}] == fake.bodies("PUT")
    assert pytest.approx(pauses) == [0.05, 0.075]


def test_a_creation_refuses_what_exists(operations: Operations, fake: FakeArm) -> None:
    """Nothing is sent over a resource that this stack did not make."""
    fake.resources[ID.lower()] = {"id": ID}
    with pytest.raises(AlreadyExists, match=f"cannot create already existing resource '{ID}'"):
        operations.create(ENDPOINT, INPUTS)
    assert fake.bodies("PUT") == []


def test_a_failed_operation_leaves_the_resource_in_the_state(operations: Operations, fake: FakeArm) -> None:
    """The service's code and message are shown, and what it made is kept so that the next update can mend it."""
    fake.operations.append({"code": "OutOfQuota", "message": "not enough cores"})
    with pytest.raises(Incomplete, match='Status=Failed Code="OutOfQuota" Message="not enough cores"') as raised:
        operations.create(ENDPOINT, INPUTS)
    assert raised.value.identity == ID
    assert raised.value.outputs["properties"]["provisioningState"] == "Failed"


def test_a_failed_operation_that_left_nothing_is_a_plain_failure(operations: Operations, fake: FakeArm) -> None:
    """Where ARM no longer has the resource, the engine must not keep it."""
    fake.operations.append({"code": "Conflict", "message": "no"})
    missing = Answer(404, {}, b"{}")
    fake.refusals[f"GET {ID}"] = [missing, missing]
    with pytest.raises(ArmError, match='Code="Conflict"'):
        operations.create(ENDPOINT, INPUTS)


def test_a_refused_put_is_a_plain_failure(operations: Operations, fake: FakeArm) -> None:
    """A 400 made nothing; code, message and details are shown."""
    body = b'{"error": {"code": "BadRequest", "message": "m", "details": [{"code": "C", "message": "d"}]}}'
    fake.refusals[f"PUT {ID}"] = [Answer(400, {}, body)]
    with pytest.raises(ArmError, match=r'Status=400 Code="BadRequest" Message="m \(C: d\)"'):
        operations.create(ENDPOINT, INPUTS)


def test_a_busy_service_is_tried_again_when_it_says(operations: Operations, fake: FakeArm, pauses: list[float]) -> None:
    """Retry-After and x-ms-retry-after-ms are honoured."""
    fake.refusals[f"PUT {ID}"] = [Answer(429, {"retry-after": "7"}), Answer(503, {"x-ms-retry-after-ms": "1500"})]
    operations.create(ENDPOINT, INPUTS)
    assert pauses[:2] == [7.0, 1.5]


def test_a_service_that_stays_busy_fails_with_its_error(operations: Operations, fake: FakeArm) -> None:
    """After three further tries the answer counts."""
    fake.refusals[f"PUT {ID}"] = [Answer(429, {}, b'{"error": {"code": "TooManyRequests", "message": "m"}}')] * 4
    with pytest.raises(ArmError, match="TooManyRequests"):
        operations.create(ENDPOINT, INPUTS)
    assert len(fake.bodies("PUT")) == 4


def test_a_conflict_is_not_tried_again(operations: Operations, fake: FakeArm) -> None:
    """409 while an endpoint is updating is an ordering mistake of the stack, as with the stock provider."""
    fake.refusals[f"PUT {ID}"] = [Answer(409, {}, b'{"error": {"code": "Conflict", "message": "Updating"}}')]
    with pytest.raises(ArmError, match="Status=409"):
        operations.create(ENDPOINT, INPUTS)


def test_a_rejected_token_is_renewed_once(operations: Operations, fake: FakeArm) -> None:
    """A token that ARM no longer takes does not fail the update."""
    operations.create(ENDPOINT, INPUTS)
    fake.revoked.add("token-1")
    operations.update(ENDPOINT, ID, INPUTS)
    assert fake.tokens == 2
    fake.revoked.add("token-2")
    fake.revoked.add("token-3")
    with pytest.raises(ArmError, match="Status=401"):
        operations.update(ENDPOINT, ID, INPUTS)


def test_a_wrong_secret_is_named_and_not_shown(
    connect: Callable[..., Operations], fake: FakeArm, pauses: list[float]
) -> None:
    """The authority's own words are shown; neither secret nor token is."""
    with pytest.raises(ArmError, match="AADSTS7000215") as raised:
        connect(replace(SETTINGS, client_secret="wrong"), pauses.append).create(ENDPOINT, INPUTS)
    assert "wrong" not in str(raised.value)
    assert SECRET not in repr(SETTINGS)


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("/metadata/endpoints", b"<html>", "InvalidMetadata"),
        ("/adfs/.well-known/openid-configuration", b"{}", "InvalidAuthority"),
        ("/adfs/oauth2/token", b"", "InvalidAuthority"),
    ],
)
def test_what_is_no_azure_is_named(operations: Operations, fake: FakeArm, path: str, content: bytes, code: str) -> None:
    """A proxy's page or a wrong host is one message, no traceback."""
    fake.strange[path] = Answer(200, {}, content)
    with pytest.raises(ArmError, match=code):
        operations.create(ENDPOINT, INPUTS)


def test_a_cancelled_wait_keeps_what_was_made(connect: Callable[..., Operations], fake: FakeArm) -> None:
    """The engine's cancel ends the polling; the resource stays in the state."""

    def stop(_: float) -> None:
        raise Stopped("cancelled")

    with pytest.raises(Incomplete, match="cancelled"):
        connect(SETTINGS, stop).create(ENDPOINT, INPUTS)


def test_an_update_puts_the_whole(operations: Operations, fake: FakeArm) -> None:
    """PUT carries everything, also what has not changed."""
    operations.create(ENDPOINT, INPUTS)
    outputs = operations.update(ENDPOINT, ID, {**INPUTS, "properties": {"authMode": "Key", "traffic": {"green": 100}}})
    assert outputs["properties"]["traffic"] == {"green": 100}
    assert fake.bodies("PUT")[-1] == {"location": "we", "properties": {"authMode": "Key", "traffic": {"green": 100}}}


def test_an_import_reads_inputs_from_an_id(operations: Operations) -> None:
    """Names come from the id, whatever its case, the rest from the answer."""
    operations.create(ENDPOINT, INPUTS)
    found = operations.read(ENDPOINT, ID.replace("resourceGroups", "resourcegroups"), {}, {})
    assert found is not None
    assert (found[0], found[1]) == (ID, INPUTS)


def test_a_refresh_of_what_is_gone_says_so(operations: Operations) -> None:
    """404 with one of Azure's own codes means that the resource is not there."""
    assert operations.read(ENDPOINT, ID, INPUTS, {}) is None


@pytest.mark.parametrize("code", sorted(GONE))
def test_a_refresh_knows_the_codes_of_what_is_gone(operations: Operations, fake: FakeArm, code: str) -> None:
    """Those that the stock plugin has in its list."""
    fake.refusals[f"GET {ID}"] = [not_found(code)]
    assert operations.read(ENDPOINT, ID, INPUTS, {}) is None


@pytest.mark.parametrize("answer", ["RoleDefinitionDoesNotExist", "ContainerNotFound", "NoSuchService", ""])
def test_a_refresh_stops_at_any_other_404(operations: Operations, fake: FakeArm, answer: str) -> None:
    """A proxy's page, or a code that the stock plugin does not know, takes nothing out of the state."""
    fake.refusals[f"GET {ID}"] = [not_found(answer) if answer else Answer(404, {}, b"<html>no such page</html>")]
    with pytest.raises(ArmError, match=f'Status=404 Code="{answer or "Unknown"}"'):
        operations.read(ENDPOINT, ID, INPUTS, {})


def not_found(code: str) -> Answer:
    """A 404 of ARM."""
    return Answer(404, {}, f'{{"error": {{"code": "{code}", "message": "m"}}}}'.encode())


def test_an_id_of_another_type_is_refused(operations: Operations) -> None:
    """The error shows the form of the right id."""
    with pytest.raises(BadId, match=r"'/subscriptions/sub' is no id of .*OnlineEndpoint; expected /subscriptions/{sub"):
        operations.read(ENDPOINT, "/subscriptions/sub", {}, {})


def test_a_deletion_waits_and_takes_what_is_gone(operations: Operations, fake: FakeArm) -> None:
    """Deleting twice is no error."""
    operations.create(ENDPOINT, INPUTS)
    operations.delete(ENDPOINT, ID)
    operations.delete(ENDPOINT, ID)
    assert fake.resources == {}


def test_a_deletion_says_nothing_but_the_api_version(operations: Operations, fake: FakeArm) -> None:
    """The stock plugin has no query of its own for any type, not even for a compute, whose service asks for one."""
    compute = ID.replace("onlineEndpoints/diabetes", "computes/one")
    operations.delete("azure-native:machinelearningservices:Compute", compute)
    [query] = [query for method, query in fake.queries if method == "DELETE"]
    assert [*query] == ["api-version"]


def test_a_failed_deletion_shows_why(operations: Operations, fake: FakeArm) -> None:
    """A deployment with live traffic can't be deleted: the operation ends Failed."""
    operations.create(ENDPOINT, INPUTS)
    fake.operations.append({"code": "InferencingClientCallFailed", "message": "non-zero traffic weight"})
    with pytest.raises(ArmError, match='Code="InferencingClientCallFailed" Message="non-zero traffic weight"'):
        operations.delete(ENDPOINT, ID)


def test_a_get_function_reads_and_says_what_is_not_there(operations: Operations) -> None:
    """The error's text has status, code and message, by which a program tells 'nothing there yet' from trouble."""
    with pytest.raises(ArmError, match=r'^Status=404 Code="ResourceNotFound" Message="The Resource'):
        operations.invoke(GET, NAMES)
    operations.create(ENDPOINT, INPUTS)
    result = operations.invoke(GET, NAMES)
    assert (result["id"], result["properties"]["traffic"]) == (ID, {"blue": 100})


def test_keys_come_as_secrets(operations: Operations) -> None:
    """What a list function gives is marked for the engine; nulls are left out."""
    result = operations.invoke("azure-native:machinelearningservices:listOnlineEndpointKeys", NAMES)
    assert {"primaryKey", "secondaryKey"} == {*result}
    assert result["primaryKey"]["value"] == "first"


def test_missing_arguments_are_named(operations: Operations) -> None:
    """All that the path needs and that was not given."""
    with pytest.raises(MissingArguments) as raised:
        operations.invoke(GET, {"endpointName": "diabetes"})
    assert raised.value.names == ["resourceGroupName", "workspaceName"]


def test_the_client_tells_who_it_is(operations: Operations) -> None:
    """getClientConfig and getClientToken need no resource; the token comes in clear, as the stock plugin gives it."""
    config: dict[str, Any] = operations.invoke("azure-native:authorization:getClientConfig", {})
    assert config == {"clientId": "client", "subscriptionId": "sub", "tenantId": "adfs", "objectId": ""}
    token = operations.invoke("azure-native:authorization:getClientToken", {})["token"]
    assert token == "token-1"


def test_a_scope_is_part_of_the_id(operations: Operations, fake: FakeArm) -> None:
    """A role assignment stands below the resource it is for."""
    inputs = {"scope": ID, "roleAssignmentName": "guid", "principalId": "p", "roleDefinitionId": "r"}
    identity, _ = operations.create("azure-native:authorization:RoleAssignment", inputs)
    assert f"{ID}/providers/Microsoft.Authorization/roleAssignments/guid" == identity
    found = operations.read("azure-native:authorization:RoleAssignment", identity, {}, {})
    assert found is not None
    assert inputs == found[1]
    assert fake.bodies("PUT") == [{"properties": {"principalId": "p", "roleDefinitionId": "r"}}]
