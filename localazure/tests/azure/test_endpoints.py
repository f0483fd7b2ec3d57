"""Online endpoints and deployments as the service carries them out."""

from pathlib import Path
from typing import Any

import pytest

from localazure.clock import MODES
from localazure.testing.client import Arm

pytestmark = pytest.mark.anyio


async def ready(arm: Arm, *names: str) -> None:
    """The endpoint with deployments and no traffic."""
    await arm.register()
    assert (await arm.done("PUT", arm.endpoint(), arm.endpoint_body())).status_code == 200
    for name in names:
        made = await arm.done("PUT", arm.deployment(name), arm.deployment_body())
        assert made.json()["properties"]["provisioningState"] == "Succeeded", made.text


async def test_whole_life(estate: Arm) -> None:
    """Endpoint, deployment, traffic, delete: each step ends in the recorded state and asks the serving side for it."""
    await estate.register()
    created = await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    assert (created.status_code, created.json()["properties"]["provisioningState"]) == (201, "Creating")
    await estate.turn()
    blue = await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    assert blue.json()["properties"]["provisioningState"] == "Succeeded"
    plan = estate.serving.plans["diabetes", "blue"]
    assert plan.model_dir.parts[-3:] == ("azureml-models", "a", "1")
    assert (plan.model_dir / "model").is_dir()
    assert plan.code_dir.parts[-3:] == ("azureml-codes", "a", "1")
    shifted = await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    assert shifted.json()["properties"]["traffic"] == {"blue": 100}
    assert estate.serving.routes["diabetes"].traffic == {"blue": 100}
    gone = await estate.call("DELETE", estate.endpoint())
    assert (gone.status_code, gone.text) == (202, "null")
    await estate.turn()
    assert (await estate.call("GET", estate.endpoint())).status_code == 404
    assert estate.serving.plans == {}


async def test_traffic_is_routed_before_the_operation_succeeds(estate: Arm) -> None:
    """While a shift is under way a GET shows the old map; when the status is Succeeded the new one is routed."""
    await ready(estate, "blue")
    answer = await estate.call("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    assert answer.json()["properties"]["traffic"] == {}
    status = answer.headers["azure-asyncoperation"]
    assert (await estate.call("GET", status)).json()["status"] == "Updating"
    assert (await estate.call("GET", estate.endpoint())).json()["properties"]["traffic"] == {}
    await estate.turn()
    assert (await estate.call("GET", status)).json()["status"] == "Succeeded"
    assert estate.serving.routes["diabetes"].traffic == {"blue": 100}


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"traffic": {"blue": 60, "green": 50}}, "add up to 0 or 100, got 110"),
        ({"traffic": {"blue": 40}}, "add up to 0 or 100, got 40"),
        ({"traffic": {"pink": 100}}, "'pink', which this endpoint has not"),
        ({"traffic": {"blue": 120, "green": -20}}, "must be 0 to 100"),
        ({"traffic": {"blue": 100}, "mirrorTraffic": {"green": 51}}, "must be 0 to 50 percent, got 51"),
        ({"traffic": {"blue": 100}, "mirrorTraffic": {"blue": 10}}, "cannot be mirrored to as well"),
        ({"traffic": {"blue": 100}, "mirrorTraffic": {"green": 10, "blue": 10}}, "one deployment only"),
        ({"traffic": {"blue": 100}, "mirrorTraffic": {"pink": 10}}, "'pink', which this endpoint has not"),
    ],
)
async def test_maps_that_cannot_be_are_refused(estate: Arm, properties: dict[str, Any], says: str) -> None:
    """A traffic or mirror map that cannot be is a 400 that says why, and changes nothing."""
    await ready(estate, "blue", "green")
    answer = await estate.call("PUT", estate.endpoint(), estate.endpoint_body(**properties))
    assert answer.status_code == 400
    assert says in answer.json()["error"]["message"]
    after = (await estate.call("GET", estate.endpoint())).json()["properties"]
    assert (after["provisioningState"], after["traffic"], after["mirrorTraffic"]) == ("Succeeded", {}, {})


async def test_maps_are_canonical(estate: Arm) -> None:
    """Zeros go, names are lower-case, whatever was sent."""
    await ready(estate, "blue", "green")
    answer = await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"Blue": 100, "green": 0}))
    assert answer.json()["properties"]["traffic"] == {"blue": 100}


async def test_put_without_traffic_clears_it(estate: Arm) -> None:
    """A PUT replaces: what it leaves out is gone, traffic too."""
    await ready(estate, "blue")
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    body = estate.endpoint_body()
    del body["properties"]["traffic"]
    assert (await estate.done("PUT", estate.endpoint(), body)).json()["properties"]["traffic"] == {}
    assert estate.serving.routes["diabetes"].traffic == {}


async def test_traffic_on_creation_is_refused(estate: Arm) -> None:
    """An endpoint that is not there yet has no deployment that could take traffic."""
    answer = await estate.call("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    assert answer.status_code == 400
    assert "cannot be set while the endpoint is created" in answer.json()["error"]["message"]


async def test_busy_is_conflict(estate: Arm) -> None:
    """While an endpoint is Updating, neither it nor its deployments take another change."""
    await ready(estate, "blue")
    await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    for method, path, body in (
        ("PUT", estate.endpoint(), estate.endpoint_body()),
        ("DELETE", estate.endpoint(), None),
        ("PUT", estate.deployment("blue"), estate.deployment_body()),
        ("DELETE", estate.deployment("blue"), None),
    ):
        assert (await estate.call(method, path, body)).status_code == 409, (method, path)


async def test_busy_deployment_is_conflict(estate: Arm) -> None:
    """While a deployment is Updating it takes no other change, and another deployment of the endpoint does."""
    await ready(estate, "blue")
    await estate.call("PUT", estate.deployment("blue"), estate.deployment_body(2))
    assert (await estate.call("PUT", estate.deployment("blue"), estate.deployment_body(3))).status_code == 409
    assert (await estate.call("PUT", estate.deployment("green"), estate.deployment_body())).status_code == 201


async def test_deletion_with_traffic_fails_late(estate: Arm) -> None:
    """DELETE of a deployment with traffic is accepted, ends Failed, and goes once the traffic has gone."""
    await ready(estate, "blue")
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    failed = await estate.done("DELETE", estate.deployment("blue"))
    assert failed.json()["status"] == "Failed"
    assert "non-zero traffic weight, Current traffic [100]" in failed.json()["error"]["message"]
    assert (await estate.call("GET", estate.deployment("blue"))).json()["properties"]["provisioningState"] == "Failed"
    assert ("diabetes", "blue") in estate.serving.plans
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    gone = await estate.done("DELETE", estate.deployment("blue"))
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "NotFound")
    await estate.turn()
    later = await estate.call("GET", estate.deployment("blue"))
    assert (later.status_code, later.json()["error"]["code"]) == (404, "ResourceNotFound")
    assert estate.serving.routes["diabetes"].deployments == ()


async def test_deployment_that_does_not_come_up_fails_with_its_log(estate: Arm) -> None:
    """The operation ends Failed with the container's log, the deployment stays and takes no traffic."""
    await ready(estate)
    estate.serving.failing.add("blue")
    failed = (await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())).json()
    assert failed["status"] == "Failed"
    assert "no such model" in failed["error"]["message"]
    assert (await estate.call("GET", estate.deployment("blue"))).json()["properties"]["provisioningState"] == "Failed"
    logs = await estate.call("POST", f"{estate.deployment('blue')}/getLogs", {"tail": 10})
    assert "no such model" in logs.json()["content"]
    assert (await estate.call("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))).status_code == 400


@pytest.mark.parametrize("body", [{"tail": -1}, {"tail": 0}, {"tail": "5"}, {"tail": 1.5}, {"containerType": "x"}, []])
async def test_logs_that_cannot_be_asked_for(estate: Arm, body: Any) -> None:
    """Are a 400."""
    await ready(estate)
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    answer = await estate.call("POST", f"{estate.deployment('blue')}/getLogs", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")


async def test_unregistered_assets_are_refused(estate: Arm) -> None:
    """A deployment names registered versions only."""
    await ready(estate)
    body = estate.deployment_body(model=f"{estate.workspace}/models/a/versions/9")
    answer = await estate.call("PUT", estate.deployment("blue"), body)
    assert answer.status_code == 400
    assert "models/a/versions/9' is not registered" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sku": {"name": "Default", "capacity": 0}}, "sku.capacity must be 1 to 50, got 0"),
        ({"sku": {"name": "Default", "capacity": 51}}, "sku.capacity must be 1 to 50, got 51"),
        ({"properties": {"requestSettings": {"requestTimeout": "PT181S"}}}, "at most 180000 ms, got 181000"),
        ({"properties": {"requestSettings": {"requestTimeout": "5s"}}}, "ISO 8601"),
        ({"properties": {"endpointComputeType": "Kubernetes"}}, "endpointComputeType must fit"),
        (
            {"properties": {"instanceCount": 2}},
            "Could not find member 'instanceCount'. Path 'properties.instanceCount'",
        ),
        *(
            ({"properties": {"requestSettings": {name: told}}}, says)
            for name, told, says in (
                ("requestTimeout", "", "ISO 8601"),
                ("requestTimeout", "PT-5S", "ISO 8601"),
                ("requestTimeout", f"PT{'9' * 400}S", "ISO 8601"),
                ("maxQueueWait", "x", "requestSettings.maxQueueWait must be an ISO 8601 duration"),
                ("maxConcurrentRequestsPerInstance", 0, "greater than or equal to 1"),
                ("maxConcurrentRequestsPerInstance", 10**12, "less than or equal to"),
            )
        ),
        *(
            ({"properties": {probe: {name: told}}}, f"{probe}.{name}")
            for probe in ("livenessProbe", "readinessProbe", "startupProbe")
            for name, told in (
                ("period", "PT0S"),
                ("period", "x"),
                ("timeout", "PT0.5S"),
                ("initialDelay", "P99999999999D"),
                ("failureThreshold", 0),
                ("successThreshold", -1),
            )
        ),
        ({"properties": {"dataCollector": {"collections": {}, "rollingRate": "Never"}}}, "rollingRate"),
        ({"properties": {"dataCollector": {"collections": {"request": {"samplingRate": 2}}}}}, "samplingRate"),
        ({"sku": {"name": "Default", "capacity": "two"}}, "sku.capacity"),
        ({"colour": "blue"}, "Could not find member 'colour'"),
    ],
)
async def test_bodies_that_cannot_be_are_refused(estate: Arm, change: dict[str, Any], says: str) -> None:
    """Limits, wrong types and unknown properties are a 400 that names the property."""
    await ready(estate)
    body = estate.deployment_body()
    properties = {**body["properties"], **change.get("properties", {})}
    answer = await estate.call("PUT", estate.deployment("blue"), {**body, **change, "properties": properties})
    assert answer.status_code == 400
    assert says in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["ab", "1abc", "a" * 33, "a--b", "abc-", "a_b"])
async def test_names_that_cannot_be_are_refused(estate: Arm, name: str) -> None:
    """Endpoint names: 3-32 letters, digits and single dashes."""
    answer = await estate.call("PUT", estate.endpoint(name), estate.endpoint_body())
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadArgument")


async def test_keys_rotate_whatever_is_sent(estate: Arm) -> None:
    """regenerateKeys makes a new key although the client sends the old one, and it is routed with."""
    await ready(estate)
    before = (await estate.call("POST", f"{estate.endpoint()}/listKeys")).json()
    body = {"keyType": "Secondary", "keyValue": before["secondaryKey"]}
    answer = await estate.call("POST", f"{estate.endpoint()}/regenerateKeys", body)
    assert answer.status_code == 202
    await estate.turn()
    assert (await estate.call("GET", answer.headers["location"])).status_code == 204
    after = (await estate.call("POST", f"{estate.endpoint()}/listKeys")).json()
    assert after["primaryKey"] == before["primaryKey"]
    assert after["secondaryKey"] != before["secondaryKey"]
    assert estate.serving.routes["diabetes"].keys == (after["primaryKey"], after["secondaryKey"])


async def test_group_deletion_stops_everything(estate: Arm, tmp_path: Path) -> None:
    """Deleting the group answers 202 until nothing is left, in Azure and in the serving side."""
    await ready(estate, "blue")
    await estate.call("PUT", estate.deployment("green"), estate.deployment_body())
    answer = await estate.call("DELETE", estate.group)
    assert answer.status_code == 202
    assert (await estate.call("GET", answer.headers["location"])).status_code == 202
    assert (await estate.call("PUT", estate.endpoint("other"), estate.endpoint_body())).status_code == 409
    await estate.turn()
    assert (await estate.call("GET", answer.headers["location"])).status_code == 200
    assert (await estate.call("HEAD", estate.group)).status_code == 404
    left = estate.local.azure.store.subtree(estate.subscription)
    assert [record.type.rsplit("/", 1)[1] for record in left] == ["deletedvaults", "deletedworkspaces"]
    assert (estate.serving.plans, estate.serving.routes) == ({}, {})
    assert list((tmp_path / "assets").iterdir()) == []


async def test_instant_clock_asks_for_fast_polls(estate: Arm) -> None:
    """On the instant clock operations end with their work, and every answer asks to be polled again at once."""
    estate.clock.turn(0, MODES["instant"])
    answer = await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    assert answer.headers["x-ms-retry-after-ms"] == "100"
    await estate.turn(0)
    assert (await estate.call("GET", answer.headers["azure-asyncoperation"])).json()["status"] == "Succeeded"


async def test_patch_changes_tags_and_instances_only(estate: Arm) -> None:
    """PATCH of a deployment scales it; a PATCH with traffic is refused."""
    await ready(estate, "blue")
    scaled = await estate.done("PATCH", estate.deployment("blue"), {"sku": {"capacity": 3}, "tags": {"a": "b"}})
    assert (scaled.json()["sku"]["capacity"], scaled.json()["tags"]) == (3, {"a": "b"})
    assert estate.serving.plans["diabetes", "blue"].instances == 3
    refused = await estate.call("PATCH", estate.endpoint(), {"properties": {"traffic": {"blue": 100}}})
    assert refused.status_code == 400


async def test_kubernetes_defaults(estate: Arm) -> None:
    """On Kubernetes a deployment scales by itself and says what its container asks for; nothing of it is null."""
    await estate.register()
    compute = f"{estate.workspace}/computes/cluster"
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body(compute=compute))
    plain = {"endpointComputeType": "Kubernetes", "instanceType": "cpu"}
    asks = {"containerResourceRequirements": {"containerResourceRequests": {"cpu": "2"}}}
    for name, more in {"blue": {}, "green": {"scaleSettings": {"scaleType": "Default"}, **asks}}.items():
        body = estate.deployment_body(**plain, **more)
        del body["sku"]
        await estate.done("PUT", estate.deployment(name), body)
    blue = (await estate.call("GET", estate.deployment("blue"))).json()
    green = (await estate.call("GET", estate.deployment("green"))).json()
    assert (blue["kind"], "sku" in blue) == ("K8S", False)
    assert blue["properties"]["scaleSettings"]["targetUtilizationPercentage"] == 70
    assert green["properties"]["scaleSettings"] == {"scaleType": "Default"}
    requests = [each["properties"]["containerResourceRequirements"] for each in (blue, green)]
    assert [each["containerResourceRequests"]["cpu"] for each in requests] == ["0.1", "2"]
    mirrored = estate.endpoint_body({"blue": 100}, compute=compute, mirrorTraffic={"green": 10})
    answer = await estate.call("PUT", estate.endpoint(), mirrored)
    assert "managed endpoints only" in answer.json()["error"]["message"]
