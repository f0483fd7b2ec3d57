"""Faults that are injected on purpose, by the control port."""

import asyncio
from typing import Any

import httpx2
import pytest

from localazure.arm.faults import parse_fault
from localazure.serving.contract import Disturbance
from localazure.testing.client import Arm
from tests.azure.test_control import control

pytestmark = pytest.mark.anyio
PUTS = {"method": "PUT", "path": "*/onlineEndpoints/*"}


async def add(arm: Arm, **fault: Any) -> dict[str, Any]:
    """Add a fault; what the control port says of it."""
    async with control(arm) as client:
        answer = await client.post("/faults", json=fault)
        assert answer.status_code == 201, answer.text
        added: dict[str, Any] = answer.json()
        return added


async def listed(arm: Arm) -> list[dict[str, Any]]:
    """All faults."""
    async with control(arm) as client:
        found: list[dict[str, Any]] = (await client.get("/faults")).json()
        return found


async def put(arm: Arm) -> httpx2.Response:
    """The request that most tests here disturb."""
    return await arm.call("PUT", arm.endpoint(), arm.endpoint_body())


@pytest.mark.parametrize(
    ("fault", "status", "code", "retry_after"),
    [
        ({"status": 409}, 409, "Conflict", None),
        ({"status": 429}, 429, "TooManyRequests", "5"),
        ({"status": 429, "retryAfter": 1}, 429, "TooManyRequests", "1"),
        ({"status": 503, "code": "Busy", "message": "Later."}, 503, "Busy", None),
    ],
)
async def test_answers_as_told_as_often_as_told(
    estate: Arm, fault: dict[str, Any], status: int, code: str, retry_after: str | None
) -> None:
    """The first requests that match get the error and change nothing, the next one goes through."""
    await add(estate, action="answer", count=2, **PUTS, **fault)
    for _ in range(2):
        answer = await put(estate)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.headers.get("retry-after") == retry_after
        assert (await estate.call("GET", estate.endpoint())).status_code == 404
    assert (await put(estate)).status_code == 201
    assert await listed(estate) == []


async def test_only_what_matches(estate: Arm) -> None:
    """Method and path decide, the path in any case; the oldest of two faults is met first; 0 is any number of times."""
    first = await add(estate, action="answer", status=500, count=0, method="PUT", path="*/ONLINEENDPOINTS/other")
    await add(estate, action="answer", status=503, count=0)
    assert (await estate.call("GET", estate.group)).status_code == 503
    assert [(await estate.call("PUT", estate.endpoint("other"), {})).status_code for _ in range(3)] == [500] * 3
    assert [(each["id"], each["count"]) for each in await listed(estate)] == [(first["id"], 0), (2, 0)]


async def test_removed(estate: Arm) -> None:
    """One is removed by its id, all without; an id that is none is 404 and says which there are."""
    for _ in range(3):
        await add(estate, action="answer", status=500)
    async with control(estate) as client:
        assert (await client.delete("/faults/2")).json() == {"removed": 1}
        missing = await client.delete("/faults/2")
        assert (missing.status_code, missing.json()) == (404, {"error": "There is no fault 2 (has: 1, 3)."})
        assert (await client.delete("/faults")).json() == {"removed": 2}
    assert (await estate.call("GET", estate.group)).status_code == 200


async def test_apply_then_fail(estate: Arm) -> None:
    """The client is told 500 although the endpoint is being made; what is refused anyway is refused as usual."""
    await add(estate, action="apply-then-fail", count=2, **PUTS)
    assert (await put(estate)).status_code == 500
    shown = await estate.call("GET", estate.endpoint())
    assert shown.json()["properties"]["provisioningState"] == "Creating"
    assert (await put(estate)).status_code == 409


async def test_apply_late(estate: Arm) -> None:
    """The client is told 504, and the endpoint comes when the clock has got there."""
    await add(estate, action="apply-late", seconds=100, **PUTS)
    assert (await put(estate)).status_code == 504
    await estate.turn(99)
    assert (await estate.call("GET", estate.endpoint())).status_code == 404
    estate.clock.turn(2)
    while (await estate.call("GET", estate.endpoint())).status_code == 404:
        await asyncio.sleep(0)
    assert (await estate.call("GET", estate.endpoint())).json()["properties"]["provisioningState"] == "Creating"


async def test_hang(estate: Arm) -> None:
    """The answer comes later, and is the usual one."""
    await add(estate, action="hang", seconds=0.05, **PUTS)
    assert (await put(estate)).status_code == 201


async def test_failed_operation(estate: Arm) -> None:
    """The operation ends Failed as told and does nothing; a refused request does not use the fault up."""
    await add(estate, action="fail-operation", code="OutOfCapacity", message="No cores.", path="*/deployments/blue")
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    assert (await estate.call("PUT", estate.deployment("blue"), {})).status_code == 400
    failed = (await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())).json()
    assert (failed["status"], failed["error"]) == ("Failed", {"code": "OutOfCapacity", "message": "No cores."})
    assert (await estate.call("GET", estate.deployment("blue"))).json()["properties"]["provisioningState"] == "Failed"
    assert estate.serving.plans == {}
    await estate.call("DELETE", estate.deployment("blue"))
    await estate.turn()
    again = await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    assert again.json()["properties"]["provisioningState"] == "Succeeded"


async def test_dropped_connection(estate: Arm) -> None:
    """Nothing is sent and nothing applied: the server closes the connection; the journal has status 0."""
    await add(estate, action="drop")
    closed: list[bool] = []
    scope = {
        "type": "http",
        "method": "DELETE",
        "path": estate.group,
        "query_string": b"",
        "headers": [],
        "state": {"abort": lambda: closed.append(True)},
    }
    told = iter([{"type": "http.request", "body": b""}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(told)

    async def send(message: Any) -> None:
        raise AssertionError(message)

    await estate.local.arm(scope, receive, send)
    assert closed == [True]
    last = estate.local.arm.journal[-1]
    assert (last.method, last.status, last.fault) == ("DELETE", 0, "drop")
    assert (await estate.call("GET", estate.group)).status_code == 200


async def test_scoring_processes(estate: Arm) -> None:
    """Delays add up, the largest share of errors counts; names are found in any case, and must be there."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("Blue"), estate.deployment_body())
    here = {"endpoint": "Diabetes", "deployment": "blue"}
    slow = await add(estate, action="slow", milliseconds=200, **here)
    assert (slow["endpoint"], slow["deployment"]) == ("diabetes", "Blue")
    await add(estate, action="slow", milliseconds=100, **here)
    await add(estate, action="err", percent=12.5, status=503, **here)
    assert estate.serving.disturbed == {("diabetes", "Blue"): Disturbance(300, 12.5, 503)}
    async with control(estate) as client:
        await client.delete(f"/faults/{slow['id']}")
        assert estate.serving.disturbed == {("diabetes", "Blue"): Disturbance(100, 12.5, 503)}
        await client.delete("/faults")
        missing = await client.post("/faults", json={"action": "kill", "endpoint": "diabetes", "deployment": "pink"})
        assert missing.json() == {"error": "Endpoint 'diabetes' has no deployment 'pink' (has: blue)."}
        none = await client.post("/faults", json={"action": "kill", **here})
        assert (none.status_code, "no process that is ready" in none.text) == (409, True)
    assert estate.serving.disturbed == {}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "action must be one of answer, hang, drop"),
        ({"action": "explode"}, 'got "explode"'),
        ([], "got null"),
        ({"action": "answer"}, "Required property 'status' is missing"),
        ({"action": "answer", "status": 200}, "Path 'status': Input should be greater than or equal to 400"),
        ({"action": "answer", "status": 500, "methd": "PUT"}, "Could not find member 'methd'"),
        ({"action": "answer", "status": 500, "method": "FETCH"}, "Path 'method'"),
        ({"action": "hang", "seconds": -1}, "Path 'seconds'"),
        ({"action": "slow", "endpoint": "e", "deployment": "d", "milliseconds": 0}, "Path 'milliseconds'"),
        ({"action": "err", "endpoint": "e", "deployment": "d", "percent": 101}, "Path 'percent'"),
    ],
)
async def test_what_is_no_fault_is_refused(arm: Arm, body: Any, says: str) -> None:
    """A 400 names each property that is wrong."""
    async with control(arm) as client:
        answer = await client.post("/faults", json=body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]


def test_names_match_in_any_case() -> None:
    """Properties of a fault are spelt as ARM's are, whatever the case."""
    fault = parse_fault({"action": "answer", "STATUS": 429, "retryafter": 3})
    assert fault.model_dump(by_alias=True)["retryAfter"] == 3
