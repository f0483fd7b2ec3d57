"""Operations last as long as they were recorded to."""

import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from localazure.clock import DEFAULT, MODES
from localazure.services.machinelearning.work import SECONDS
from localazure.testing.client import Arm
from tests.azure.replay import OPERATION, Exchange
from tests.azure.test_recordings import RECORDINGS

Recorded = tuple[str, str, float]
OFF = 2.0
"""Recorded times of one kind of operation differ by this factor among themselves (a traffic change: 10 to 20 s)."""


def recorded(exchanges: list[Exchange]) -> Iterator[Recorded]:
    """Kind of resource, operation, seconds; of the operations whose begin and end were both recorded."""
    begun: dict[str, str] = {}
    made: set[str] = set()
    for exchange in exchanges:
        if found := OPERATION.search(exchange["response_headers"].get("azure-asyncoperation", "")):
            is_new = exchange["path"] not in made
            made.add(exchange["path"])
            change = "create" if is_new else "update"
            begun[found[1]] = "delete" if exchange["method"] == "DELETE" else change
        body = exchange["response_body"]
        if isinstance(body, dict) and "endTime" in body and body["status"] == "Succeeded" and body["name"] in begun:
            what = "endpoint" if body["name"].startswith("oe:") else "deployment"
            kind = "K8S" if '"kind": "K8S"' in json.dumps(exchanges) else "Managed"
            took = datetime.fromisoformat(body["endTime"]) - datetime.fromisoformat(body["startTime"])
            yield f"{what}:{kind}", begun[body["name"]], took.total_seconds()


ALL = sorted({each for path in RECORDINGS for each in recorded(json.loads(path.read_text(encoding="utf-8")))})


@pytest.mark.parametrize(("kind", "operation", "seconds"), ALL)
def test_as_recorded(kind: str, operation: str, seconds: float) -> None:
    """Within what the recorded ones differ by."""
    assert seconds / OFF < SECONDS[kind][operation] < seconds * OFF


def test_there_are_some() -> None:
    """Endpoints on both kinds of compute and deployments are among the recorded ones."""
    assert {kind for kind, _, _ in ALL} >= {"endpoint:Managed", "endpoint:K8S", "deployment:K8S"}


def test_recorded_is_the_default() -> None:
    """Who says nothing of the clock gets these times."""
    assert MODES[DEFAULT].lasts
    assert MODES[DEFAULT].pace == 1


@pytest.mark.anyio
async def test_states_while_it_lasts(estate: Arm) -> None:
    """An operation and its resource are under way until the recorded second, and have succeeded from it on."""
    answer = await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    status = answer.headers["azure-asyncoperation"]
    lasts = SECONDS["endpoint:Managed"]["create"]
    for at, expected in ((lasts - 1, ("Updating", "Creating")), (1, ("Succeeded", "Succeeded"))):
        if expected[0] == "Succeeded":
            await estate.turn(at)
        else:
            estate.clock.turn(at)
        polled = (await estate.call("GET", status)).json()
        shown = (await estate.call("GET", estate.endpoint())).json()
        assert (polled["status"], shown["properties"]["provisioningState"]) == expected
    took = datetime.fromisoformat(polled["endTime"]) - datetime.fromisoformat(polled["startTime"])
    assert took.total_seconds() == pytest.approx(lasts)


@pytest.mark.anyio
async def test_a_change_of_words_is_short(estate: Arm) -> None:
    """An update of a deployment's tags rolls nothing (recorded: 10 s); one of its instances does."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    shown = (await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())).json()
    same = {"location": shown["location"], "sku": shown["sku"], "properties": shown["properties"]}
    words, scaled = {**same, "tags": {"a": "b"}}, {**same, "sku": {**shown["sku"], "capacity": 2}}
    for method, body, kind in (
        ("PUT", words, "relabel"),
        ("PATCH", {"tags": {}}, "relabel"),
        ("PUT", scaled, "update"),
        ("PATCH", {"sku": {"capacity": 1}}, "update"),
    ):
        await estate.call(method, estate.deployment("blue"), body)
        assert [each["kind"] for each in estate.local.azure.store.running_operations()] == [kind]
        await estate.turn()
