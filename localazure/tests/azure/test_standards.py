"""What Azure Resource Manager gives every type: versions, pages, entity tags, throttling."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from localazure.testing.client import LOCATION, STOPPED, Arm
from tests.azure.test_control import control

pytestmark = pytest.mark.anyio
INSIGHTS = "Microsoft.Insights/components"


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("Microsoft.MachineLearningServices/workspaces", "2024-10-02"),
        ("Microsoft.MachineLearningServices/workspaces", "2017-01-01"),
        ("Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints", "2020-08-01"),
        ("Microsoft.KeyVault/vaults", "2014-01-01"),
        ("Microsoft.KeyVault/vaults", "2024-13-01"),
    ],
)
async def test_versions_that_a_type_has_not(estate: Arm, kind: str, version: str) -> None:
    """They are a 400 that says which there are, or what one looks like."""
    answer = await estate.call("GET", f"{estate.group}/providers/{kind}", version=version)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in {"NoRegisteredProviderFound", "InvalidApiVersionParameter"}
    assert version in answer.json()["error"]["message"]


async def test_lists_come_in_pages(estate: Arm) -> None:
    """`$top` documents at a time; following nextLink gives each once, also when one is deleted meanwhile."""
    for name in ("aa1", "aa2", "aa3", "aa4", "aa5"):
        await estate.call("PUT", estate.endpoint(name), estate.endpoint_body())
    await estate.turn()
    found: list[str] = []
    answer = await estate.call("GET", f"{estate.workspace}/onlineEndpoints", **{"$top": "2"})
    while True:
        found += [each["name"] for each in answer.json()["value"]]
        if (following := answer.json().get("nextLink")) is None:
            break
        if len(found) == 2:
            await estate.done("DELETE", estate.endpoint("aa5"))
        answer = await estate.call("GET", following)
    assert found == ["aa5", "aa4", "aa3", "aa2", "aa1"]
    whole = (await estate.call("GET", f"{estate.workspace}/onlineEndpoints")).json()
    assert (len(whole["value"]), "nextLink" in whole) == (4, False)


@pytest.mark.parametrize("query", [{"$top": "0"}, {"$top": "few"}, {"$skipToken": "abc"}, {"$skipToken": "bm9uZQ=="}])
async def test_pages_that_cannot_be(estate: Arm, query: dict[str, str]) -> None:
    """A wrong `$top` or token is 400."""
    assert (await estate.call("GET", f"{estate.subscription}/resourceGroups", **query)).status_code == 400


async def change(arm: Arm, method: str, tags: dict[str, str], **headers: str) -> Any:
    """A change of the insights component, with headers."""
    component = arm.of(INSIGHTS, "rg-insights")
    body: dict[str, Any] = {"tags": tags}
    if method == "PUT":
        shown = (await arm.call("GET", component)).json()
        body |= {name: shown[name] for name in ("location", "kind", "properties")}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await arm.http.request(method, component, params={"api-version": "2020-02-02"}, json=body, headers=named)


async def test_entity_tags(estate: Arm) -> None:
    """A change with the tag that was read goes through and gives a new tag; with an older one it is 412."""
    component = estate.of(INSIGHTS, "rg-insights")
    read = await estate.call("GET", component)
    first = read.json()["etag"]
    assert read.headers["etag"] == first
    changed = await change(estate, "PUT", {"a": "b"}, if_match=first)
    assert (changed.status_code, changed.json()["etag"] != first) == (200, True)
    for headers in ({"if_match": first}, {"if_none_match": "*"}, {"if_none_match": changed.headers["etag"]}):
        refused = await change(estate, "PATCH", {"a": "c"}, **headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (412, "PreconditionFailed")
    assert (await change(estate, "PATCH", {"a": "d"}, if_match="*")).status_code == 200
    absent = await estate.http.delete(
        estate.of(INSIGHTS, "none"), params={"api-version": "2020-02-02"}, headers={"if-match": "*"}
    )
    assert absent.status_code == 412


async def test_who_asks_too_often_waits(estate: Arm) -> None:
    """On the clocks of Azure's own pace the 251st read at once is 429; after Retry-After it goes through."""
    estate.clock.turn(mode=replace(STOPPED, throttles=True))
    for left in range(249, -1, -1):
        answer = await estate.call("GET", estate.group)
        assert answer.headers["x-ms-ratelimit-remaining-subscription-reads"] == str(left)
    refused = await estate.call("GET", estate.group)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    assert (await estate.call("PUT", estate.group, {"location": "westeurope"})).status_code == 200
    estate.clock.turn(1)
    assert (await estate.call("GET", estate.group)).status_code == 200


async def test_readers_lag_behind(estate: Arm) -> None:
    """For a while after a shift has succeeded GET and list show the old map; requests follow the new one at once."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    async with control(estate) as client:
        assert (await client.post("/clock", json={"lag": 30})).json()["lag"] == 30
        assert (await client.get("/health")).json()["lag"] == 30
    shifted = await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    assert shifted.json()["properties"]["provisioningState"] == "Succeeded"
    listed = (await estate.call("GET", f"{estate.workspace}/onlineEndpoints")).json()["value"]
    assert [each["properties"]["traffic"] for each in (shifted.json(), *listed)] == [{}, {}]
    assert estate.serving.routes["diabetes"].traffic == {"blue": 100}
    estate.clock.turn(30)
    assert (await estate.call("GET", estate.endpoint())).json()["properties"]["traffic"] == {"blue": 100}


async def test_a_new_deployment_is_not_found_at_once(estate: Arm) -> None:
    """Where it is asked for: 404 by its name for a while, unless it is given traffic; also over a restart."""
    async with control(estate) as client:
        assert (await client.post("/clock", json={"absence": 30})).json()["absence"] == 30
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    for name in ("blue", "green"):
        made = await estate.done("PUT", estate.deployment(name), estate.deployment_body())
        assert made.json()["properties"]["provisioningState"] == "Succeeded"
        estate.clock.turn(29)
        assert estate.serving.routes["diabetes"].deployments == (() if name == "blue" else ("blue",))
        if name == "blue":
            await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
            assert estate.serving.routes["diabetes"].deployments == ("blue",)
    await estate.local.workers.close()
    await estate.local.restore()
    estate.clock.turn(30)
    while estate.serving.routes["diabetes"].deployments != ("blue", "green"):
        await asyncio.sleep(0)
    updated = await estate.done("PUT", estate.deployment("blue"), estate.deployment_body(2))
    assert updated.json()["sku"]["capacity"] == 2
    assert estate.serving.routes["diabetes"].deployments == ("blue", "green")


@pytest.mark.parametrize(
    ("media", "told"),
    [
        ("", "<null>"),
        ("text/plain", "text/plain"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("application/json-patch+json", "application/json-patch+json"),
    ],
)
async def test_bodies_are_json(arm: Arm, media: str, told: str) -> None:
    """Whatever else is 415 with Azure's words, and nothing is made."""
    headers = {"content-type": media} if media else {}
    path = f"{arm.group}?api-version=2024-03-01"
    answer = await arm.http.put(path, content=b'{"location": "westeurope"}', headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UnsupportedMediaType")
    assert f"'{told}'" in answer.json()["error"]["message"]
    assert (await arm.call("GET", arm.group)).status_code == 404


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "Application/JSON"])
async def test_json_by_other_spellings(arm: Arm, media: str) -> None:
    """Parameters and case do not matter; nor does that of the api-version's name."""
    path = f"{arm.group}?API-Version=2024-03-01"
    answer = await arm.http.put(path, content=b'{"location": "westeurope"}', headers={"content-type": media})
    assert answer.status_code == 201


async def test_a_filter_that_a_list_does_not_know_is_refused(estate: Arm) -> None:
    """It would show more than was asked for."""
    for path in (
        f"{estate.workspace}/onlineEndpoints",
        f"{estate.workspace}/models",
        estate.workspace.rsplit("/", 1)[0],
    ):
        answer = await estate.call("GET", path, **{"$filter": "name eq 'x'"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "NotModelledLocally"), path
    wanted = {"$filter": "resourceType eq 'Microsoft.Storage/storageAccounts'"}
    found = (await estate.call("GET", f"{estate.group}/resources", version="2021-04-01", **wanted)).json()["value"]
    assert [each["type"] for each in found] == ["Microsoft.Storage/storageAccounts"]


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ({f"t{number}": "v" for number in range(51)}, "50 tags at most"),
        ({"n" * 513: "v"}, "is invalid"),
        ({"n": "v" * 257}, "256 at most"),
        ({"": "v"}, "is invalid"),
        ({"a<b": "v"}, "is invalid"),
        ({"a/b": "v"}, "is invalid"),
        ({"a\nb": "v"}, "is invalid"),
        ({"Microsoft.x": "v"}, "is invalid"),
        ({"azure-x": "v"}, "is invalid"),
        ({"A": "1", "a": "2"}, "is there twice"),
        ({"a": 1}, "valid string"),
    ],
)
async def test_tags_as_azure_takes_them(estate: Arm, tags: dict[str, Any], says: str) -> None:
    """Of groups, and of every resource, by PUT and by PATCH."""
    await estate.done("PUT", estate.endpoint("plain"), estate.endpoint_body())
    for method, path, body in (
        ("PUT", estate.group, {"location": LOCATION, "tags": tags}),
        ("PUT", estate.endpoint(), {**estate.endpoint_body(), "tags": tags}),
        ("PATCH", estate.endpoint("plain"), {"tags": tags}),
        ("PATCH", estate.workspace, {"tags": tags}),
    ):
        answer = await estate.call(method, path, body)
        assert (answer.status_code, says in answer.json()["error"]["message"]) == (400, True), answer.text
