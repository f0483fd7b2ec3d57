"""Behaviour of the service that other recordings and its users' reports show (localazure/DEVIATIONS.md, Sources)."""

import json
from typing import Any

import httpx2
import pytest

from localazure.testing.client import Arm

pytestmark = pytest.mark.anyio
KUBERNETES = {"endpointComputeType": "Kubernetes", "instanceType": "gpu"}


def problem(answer: httpx2.Response) -> str:
    """What the service's own 400 says is wrong."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["message"]) == (400, "BadRequest", "The request is invalid.")
    assert [each["type"] for each in error["additionalInfo"]][:2] == ["ComponentName", "Correlation"]
    [detail] = error["details"]
    assert detail["code"] == "InferencingClientCallFailed"
    told: str = json.loads(detail["message"])["errors"][""][0]
    return told


async def kubernetes(estate: Arm, **properties: Any) -> dict[str, Any]:
    """A Kubernetes deployment as a GET shows it once it has come up."""
    if (await estate.call("GET", f"{estate.workspace}/models/a")).status_code == 404:
        await estate.register()
    compute = f"{estate.workspace}/computes/cluster"
    if (await estate.call("GET", estate.endpoint())).status_code == 404:
        await estate.done("PUT", estate.endpoint(), estate.endpoint_body(compute=compute))
    shown: dict[str, Any] = (
        await estate.done("PUT", estate.deployment("blue"), estate.deployment_body(**KUBERNETES, **properties))
    ).json()
    return shown


async def test_quantities_are_shown_as_the_service_counts_them(estate: Arm) -> None:
    """Memory in Gi, cpu in cores; a limit of GPUs is what is asked for where none is given."""
    asked = {"containerResourceRequests": {"cpu": "0.2", "gpu": "1", "memory": "0.1Gi"}}
    asked["containerResourceLimits"] = {"cpu": "300m", "memory": "200Mi"}
    shown = await kubernetes(estate, containerResourceRequirements=asked)
    assert shown["properties"]["containerResourceRequirements"] == {
        "containerResourceRequests": {"cpu": "0.2", "memory": "0.100Gi", "gpu": "1"},
        "containerResourceLimits": {"cpu": "0.3", "memory": "0.195Gi", "gpu": "1"},
    }
    asked["containerResourceLimits"] = {"cpu": "a lot"}
    body = estate.deployment_body(**KUBERNETES, containerResourceRequirements=asked)
    assert "cpu must be a quantity" in (await estate.call("PUT", estate.deployment("blue"), body)).text


async def test_instances_are_shown_where_they_are_fixed(estate: Arm) -> None:
    """Scale type Default shows the SKU, TargetUtilization shows none, and then there is no capacity to PATCH."""
    assert (await kubernetes(estate, scaleSettings={"scaleType": "Default"}))["sku"] == {
        "name": "Default",
        "tier": "Standard",
        "capacity": 1,
    }
    assert "sku" not in await kubernetes(estate, scaleSettings={"scaleType": "TargetUtilization", "maxInstances": 3})
    assert (await estate.call("PATCH", estate.deployment("blue"), {"sku": {"capacity": 2}})).status_code == 400


async def test_an_instance_type_that_is_left_out_stays(estate: Arm) -> None:
    """An update of a Kubernetes deployment need not name it again."""
    await kubernetes(estate)
    body = estate.deployment_body(endpointComputeType="Kubernetes")
    del body["properties"]["instanceType"]
    answer = await estate.call("PUT", estate.deployment("blue"), body)
    assert answer.json()["properties"]["instanceType"] == "gpu"


async def test_gone_just_now(estate: Arm) -> None:
    """Right after a deployment's deletion the service itself says that there is no such service, and where."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("green"), estate.deployment_body())
    await estate.call("DELETE", estate.deployment("green"))
    await estate.turn()
    answer = await estate.call("GET", estate.deployment("green"))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (404, "NotFound")
    assert error["message"] == "The specified resource was not found."
    [detail] = error["details"]
    assert detail["code"] == "NoSuchService"
    assert detail["message"] == (
        f"There is no service with name: green-diabetes in Subscription: {estate.local.azure.subscription}, "
        f"ResourceGroup: rg, Workspace: ws, ACR: {estate.of('Microsoft.ContainerRegistry/registries', 'rgregistry')}"
    )
    await estate.turn(10)
    answer = await estate.call("GET", estate.deployment("green"))
    assert answer.json()["error"]["code"] == "ResourceNotFound"


async def test_a_user_assigned_identity_alone(estate: Arm) -> None:
    """An endpoint with none of its own shows nobody as its principal."""
    identity = estate.of("Microsoft.ManagedIdentity/userAssignedIdentities", "mine")
    await estate.call("PUT", identity, {"location": "westeurope"})
    body = estate.endpoint_body() | {"identity": {"type": "UserAssigned", "userAssignedIdentities": {identity: {}}}}
    shown = (await estate.done("PUT", estate.endpoint(), body)).json()["identity"]
    assert shown["principalId"] == "00000000-0000-0000-0000-000000000000"
    assert set(shown["userAssignedIdentities"][identity]) == {"principalId", "clientId"}
    assert (await estate.done("PUT", estate.endpoint(), body)).json()["properties"]["provisioningState"] == "Succeeded"


async def test_first_versions_know_no_mirror(estate: Arm) -> None:
    """2021-10-01 shows neither mirrorTraffic nor publicNetworkAccess, and nothing of a deployment's network."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    for version, expected in (("2021-10-01", False), ("2022-02-01-preview", True)):
        shown = (await estate.call("GET", estate.endpoint(), version=version)).json()["properties"]
        assert ("mirrorTraffic" in shown, "publicNetworkAccess" in shown) == (expected, expected)
        shown = (await estate.call("GET", estate.deployment("blue"), version=version)).json()["properties"]
        assert ("privateNetworkConnection" in shown, "egressPublicNetworkAccess" in shown) == (expected, expected)


async def test_words_are_taken_in_any_case(estate: Arm) -> None:
    """`disabled` is Disabled, and is shown so; another word is refused and the known ones are named."""
    await estate.register()
    body = estate.endpoint_body(publicNetworkAccess="disabled", authMode="amltoken")
    shown = (await estate.done("PUT", estate.endpoint(), body)).json()["properties"]
    assert (shown["publicNetworkAccess"], shown["authMode"]) == ("Disabled", "AMLToken")
    body = estate.deployment_body(egressPublicNetworkAccess="DISABLED", scaleSettings={"scaleType": "default"})
    shown = (await estate.done("PUT", estate.deployment("blue"), body)).json()["properties"]
    assert (shown["egressPublicNetworkAccess"], shown["scaleSettings"]) == ("Disabled", {"scaleType": "Default"})
    answer = await estate.call("PUT", estate.endpoint(), estate.endpoint_body(publicNetworkAccess="off"))
    assert "Input should be 'Enabled' or 'Disabled'" in answer.json()["error"]["message"]


async def test_what_failed_while_it_was_made_is_made_anew(estate: Arm) -> None:
    """A deployment that never came up takes no change but its deletion; then it can be made again."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    estate.serving.failing.add("blue")
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    estate.serving.failing.clear()
    again = await estate.call("PUT", estate.deployment("blue"), estate.deployment_body())
    assert problem(again) == (
        "Specified deployment [blue] failed during initial provisioning and is in an unrecoverable state. "
        "Delete and re-create."
    )
    assert (await estate.call("DELETE", estate.deployment("blue"))).status_code == 202
    await estate.turn()
    made = await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    assert made.json()["properties"]["provisioningState"] == "Succeeded"


async def test_a_failed_update_can_be_mended(estate: Arm) -> None:
    """A deployment that has served takes another update."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    estate.serving.failing.add("blue")
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body(2))
    estate.serving.failing.clear()
    mended = await estate.done("PUT", estate.deployment("blue"), estate.deployment_body(2))
    assert mended.json()["properties"]["provisioningState"] == "Succeeded"


async def test_an_endpoint_that_is_not_ready_takes_no_deployment(estate: Arm) -> None:
    """Under way: 409 that names the state; going: 400 of the service, and so is a name that is taken."""
    await estate.register()
    await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    answer = await estate.call("PUT", estate.deployment("blue"), estate.deployment_body())
    assert answer.json()["error"] == {
        "code": "Conflict",
        "message": "Cannot create a deployment in endpoint diabetes because it is in Creating provisioning state.",
    }
    assert answer.status_code == 409
    await estate.turn()
    await estate.make_estate("other")
    elsewhere = estate.endpoint().replace("/ws/", "/other/")
    assert "already an endpoint with this name" in problem(await estate.call("PUT", elsewhere, estate.endpoint_body()))
    await estate.call("DELETE", estate.endpoint())
    answer = await estate.call("PUT", estate.deployment("blue"), estate.deployment_body())
    assert "in deleting provisioning state" in problem(answer)


async def test_lists_are_cut_as_asked(estate: Arm) -> None:
    """By name, kind of compute, tags and properties; in the order asked for; another order is 400."""
    compute = f"{estate.workspace}/computes/cluster"
    for name, more, tags in (
        ("one", {}, {"team": "a"}),
        ("two", {"compute": compute}, {}),
        ("three", {}, {"team": "b"}),
    ):
        await estate.done("PUT", estate.endpoint(name), estate.endpoint_body(**more) | {"tags": tags})

    async def names(**query: str) -> list[str]:
        listed = await estate.call("GET", f"{estate.workspace}/onlineEndpoints", **query)
        return [each["name"] for each in listed.json()["value"]]

    assert await names() == ["three", "two", "one"]
    assert await names(orderBy="CreatedAtAsc") == ["one", "two", "three"]
    assert await names(name="Two") == await names(computeType="Kubernetes") == ["two"]
    assert await names(tags="team") == ["three", "one"]
    assert await names(tags="team=a") == ["one"]
    for query in ({"orderBy": "Name"}, {"computeType": "ACI"}):
        answer = await estate.call("GET", f"{estate.workspace}/onlineEndpoints", **query)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidQueryParameter")


async def test_skus_of_a_deployment(estate: Arm) -> None:
    """One SKU, 1 to 50 instances."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    [sku] = (await estate.call("GET", f"{estate.deployment('blue')}/skus")).json()["value"]
    assert (sku["sku"]["name"], sku["capacity"]["maximum"]) == ("Default", 50)
    assert (await estate.call("GET", f"{estate.deployment('pink')}/skus")).status_code == 404


async def test_a_missing_workspace_is_the_missing_parent(estate: Arm) -> None:
    """Of a list as of a resource: the 404 says of which type."""
    for path in ("onlineEndpoints", "onlineEndpoints/diabetes", "models"):
        answer = await estate.call("GET", f"{estate.workspace.replace('/ws', '/none')}/{path}")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (404, "ParentResourceNotFound")
        assert f"of type 'workspaces/{path.split('/')[0]}'" in error["message"]
