"""Log Analytics: rows of the traffic log and the console log, asked by the query API in Kusto's language."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from localazure.serving.contract import Said, Served
from localazure.testing.client import Arm

pytestmark = pytest.mark.anyio

CATEGORIES = ("AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog")
WALL = 1000.0
HOUR = "2026-01-02T03:00:00Z"


@pytest.fixture
async def live(estate: Arm) -> Arm:
    """The endpoint diabetes, whose logs go to the workspace logs."""
    await estate.register()
    await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.call("PUT", logs(estate), {"location": "westeurope", "properties": {}}, version="2023-09-01")
    await diagnose(estate)
    estate.local.recorder._shipper._wall = lambda: WALL  # the stopped clock's time is that of the requests
    return estate


def logs(arm: Arm) -> str:
    """The Log Analytics workspace's id."""
    return f"{arm.group}/providers/Microsoft.OperationalInsights/workspaces/logs"


async def diagnose(arm: Arm, **more: Any) -> None:
    """Send both logs there."""
    properties = {
        "workspaceId": logs(arm),
        "logAnalyticsDestinationType": "Dedicated",
        "logs": [{"category": category, "enabled": True} for category in CATEGORIES],
        **more,
    }
    path = f"{arm.endpoint()}/providers/Microsoft.Insights/diagnosticSettings/d"
    answer = await arm.call("PUT", path, {"properties": properties}, version="2021-05-01-preview")
    assert answer.is_success, answer.text


async def query(arm: Arm, text: str, of: str = "", **more: Any) -> httpx2.Response:
    """By the workspace's customer id, or by the id `of`."""
    customer = (await arm.call("GET", logs(arm), version="2023-09-01")).json()["properties"]["customerId"]
    return await arm.http.post(f"/v1/{of or f'workspaces/{customer}'}/query", json={"query": text, **more})


async def rows(arm: Arm, text: str, **more: Any) -> list[list[Any]]:
    """The rows of an answer."""
    answer = await query(arm, text, **more)
    assert answer.status_code == 200, answer.text
    found: list[list[Any]] = answer.json()["tables"][0]["rows"]
    return found


def served(arm: Arm, *requests: Served) -> None:
    """The gateway has served these."""
    arm.serving.requests += requests


def one(status: int = 200, model: int = 200, **more: Any) -> Served:
    """A request of green now."""
    return Served(
        **{"at": WALL, "endpoint": "diabetes", "deployment": "green", "status": status, "model": model, **more}
    )


async def test_a_row_has_what_azures_has(live: Arm) -> None:
    """Columns of the reference, whole milliseconds, the endpoint's way to sign in; the types are told."""
    served(live, one(424, 500, total=12.7, id="r-1", reason="model_error", path="/diabetes/score"))
    text = """AmlOnlineEndpointTrafficLog // all of it
    | where EndpointName =~ 'DIABETES' and DeploymentName == "green"
    | project TimeGenerated, ResponseCode, ModelStatusCode, TotalDurationMs, XRequestId, AuthType, Path"""
    table = (await query(live, text)).json()["tables"][0]
    assert table["rows"] == [["2026-01-02T03:04:05Z", 424, 500, 12, "r-1", "Key", "/diabetes/score"]]
    assert [each["type"] for each in table["columns"]] == [
        "datetime",
        "int",
        "int",
        "int",
        "string",
        "string",
        "string",
    ]


async def test_the_alerts_query_runs(live: Arm) -> None:
    """The very text that an alert has in Azure: a model's exception, a timeout and too many requests count."""
    text = """AmlOnlineEndpointTrafficLog
| where EndpointName =~ 'diabetes' and DeploymentName =~ 'green'
| summarize Failed = countif(toint(ResponseCode) >= 500 or toint(ResponseCode) in (408, 424, 429)), Total = count()
| where Total > 0
| project Percent = 100.0 * Failed / Total"""
    served(live, one(), one(424, 500), one(408, 0), one(429, 0))
    assert await rows(live, text) == [[75.0]]


async def test_rows_arrive_late(live: Arm) -> None:
    """Not before the time that ingestion takes, by Azure's clock."""
    live.clock.turn(ingestion=300)
    served(live, one())
    assert (await query(live, "AmlOnlineEndpointTrafficLog | count")).status_code == 400
    live.clock.turn(299)
    assert (await query(live, "AmlOnlineEndpointTrafficLog | count")).status_code == 400
    live.clock.turn(1)
    assert await rows(live, "AmlOnlineEndpointTrafficLog | count") == [[1]]


async def test_only_what_a_setting_sends_arrives(live: Arm) -> None:
    """Without a category, or with another kind of table, there is no table of that name."""
    await diagnose(live, logs=[{"category": CATEGORIES[1], "enabled": True}])
    served(live, one())
    refused = (await query(live, "AmlOnlineEndpointTrafficLog | count")).json()["error"]
    assert refused["innererror"]["innererror"]["code"] == "SEM0100"
    await diagnose(live, logAnalyticsDestinationType="AzureDiagnostics")
    served(live, one())
    assert (await query(live, "AmlOnlineEndpointTrafficLog | count")).status_code == 400


async def test_mirrored_requests_can_be_hidden(live: Arm) -> None:
    """In logs, and in metrics, each by itself; they are shown unless told otherwise."""
    served(live, one(), one(mirrored=True))
    text = "AmlOnlineEndpointTrafficLog | summarize count() by DeploymentName"
    assert await rows(live, text) == [["green", 2]]
    metrics = f"{live.endpoint()}/providers/Microsoft.Insights/metrics"
    asked = {"metricnames": "RequestsPerMinute", "timespan": "PT5M", "$filter": "deployment eq '*'"}
    found = (await live.call("GET", metrics, version="2018-01-01", **asked)).json()["value"][0]["timeseries"]
    assert [point["average"] for one in found for point in one["data"] if "average" in point] == [1.0]
    live.local.mirrored.set({"logs": False, "metrics": False})
    assert await rows(live, text) == [["green", 1]]
    found = (await live.call("GET", metrics, version="2018-01-01", **asked)).json()["value"][0]["timeseries"]
    assert found == []


async def test_the_console_log_has_what_processes_write(live: Arm) -> None:
    """A line a row, by instance."""
    live.serving.lines += [Said("diabetes", "green", "1", "Traceback"), Said("diabetes", "green", "2", "ok")]
    text = "AmlOnlineEndpointConsoleLog | where Message contains 'trace' | project InstanceId, Message"
    assert await rows(live, text) == [["1", "Traceback"]]


async def test_a_timespan_bounds_the_rows(live: Arm) -> None:
    """A duration ends now; both ends can be named."""
    served(live, one())
    await live.local.recorder.ship()
    live.clock.turn(600)
    served(live, one())
    count = "AmlOnlineEndpointTrafficLog | count"
    assert await rows(live, count, timespan="PT5M") == [[1]]
    assert await rows(live, count, timespan="2026-01-02T03:00:00Z/2026-01-02T03:30:00Z") == [[2]]
    assert await rows(live, count, timespan="2026-01-02T02:00:00Z/2026-01-02T03:00:00Z") == [[0]]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("AmlOnlineEndpointTrafficLog | join (x) on y", "NotModelledLocally", "the operator 'join'"),
        ("AmlOnlineEndpointTrafficLog | where strlen(Path) > 3", "NotModelledLocally", "the function 'strlen()'"),
        ("AmlOnlineEndpointTrafficLog | where Path has 'x'", "NotModelledLocally", "the operator 'has'"),
        ("let x = 1; AmlOnlineEndpointTrafficLog", "NotModelledLocally", "'let'"),
        ("AmlOnlineEndpointTrafficLog | where Colour == 'x'", "SemanticError", "named 'Colour'"),
        ("AmlOnlineEndpointTrafficLog | where ResponseCode == '200'", "SemanticError", "int and string"),
        ("AmlOnlineEndpointTrafficLog | where count() > 1", "SemanticError", "'count' cannot be invoked"),
        ("Traffic | take 1", "SemanticError", "table or column expression named 'Traffic'"),
        ("AmlOnlineEndpointTrafficLog | where (ResponseCode > 1", "SyntaxError", "expected ')'"),
        ("AmlOnlineEndpointTrafficLog |", "SyntaxError", "expected a name"),
        ("AmlOnlineEndpointTrafficLog | where Path == 'x", "SyntaxError", "could not be parsed at"),
        ("AmlOnlineEndpointTrafficLog | take many", "SyntaxError", "number of rows"),
    ],
)
async def test_a_wrong_query_is_refused(live: Arm, text: str, code: str, says: str) -> None:
    """400 with the service's codes; what is not modelled is named."""
    served(live, one())
    answer = await query(live, text)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["innererror"]["code"]) == (400, "BadArgumentError", code)
    assert says in error["innererror"]["innererror"]["message"]


@pytest.mark.parametrize(("headers", "status"), [({"authorization": ""}, 401), ({"authorization": "Bearer x"}, 403)])
async def test_a_token_is_asked_for(live: Arm, headers: dict[str, str], status: int) -> None:
    """401 without one, 403 with a bad one; 404 for a workspace that is not there."""
    answer = await live.http.post("/v1/workspaces/x/query", json={"query": "T"}, headers=headers)
    assert answer.status_code == status
    assert (await query(live, "T", of="workspaces/none")).status_code == 404
    assert (await query(live, "T", of=live.endpoint())).status_code == 404
    assert (await live.http.post(f"/v1{logs(live)}/query", json=[1])).status_code == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| summarize count(), sum(TotalDurationMs), max(TotalDurationMs), avg(TotalDurationMs)", [[4, 100, 40, 25.0]]),
        ("| summarize percentile(TotalDurationMs, 50) by DeploymentName", [["green", 20]]),
        ("| summarize dcount(XRequestId), sumif(TotalDurationMs, ResponseCode == 200)", [[1, 30]]),
        ("| where ResponseCode in (408, 424) or TotalDurationMs between (5 .. 15) | count", [[3]]),
        ("| where ResponseCode !in (408, 424) and not(isnull(ModelStatusCode)) | count", [[2]]),
        ("| top 1 by TotalDurationMs | extend Seconds = TotalDurationMs / 1000.0 | project Seconds", [[0.04]]),
        ("| order by TotalDurationMs asc | take 2 | project TotalDurationMs", [[10], [20]]),
        ("| where TimeGenerated >= datetime(2026-01-02T03:00:00Z) and TimeGenerated <= now() | count", [[4]]),
        ("| where TimeGenerated < ago(1m) | count", [[0]]),
        ("| distinct ResponseCode | where ResponseCode > 410", [[424]]),
        ("| project iff(isempty(XRequestId), tostring(ResponseCode), '-') | take 1", [["200"]]),
        ("| summarize by bin(TimeGenerated, 1m)", [["2026-01-02T03:04:00Z"]]),
        ("| summarize 100.0 * countif(ResponseCode > 400) / count() by bin(TimeGenerated, 1h)", [[HOUR, 50.0]]),
    ],
)  # fmt: skip
async def test_queries_reckon_as_kusto_does(live: Arm, text: str, expected: list[list[Any]]) -> None:
    """Filters, summaries, order and scalar functions."""
    served(live, one(total=10), one(total=20), one(408, 0, total=30), one(424, 500, total=40))
    assert await rows(live, f"AmlOnlineEndpointTrafficLog {text}") == expected


async def test_a_query_never_breaks(live: Arm, any_query: Callable[[int], str]) -> None:
    """Any heap of words is answered or refused, never 500."""
    served(live, one())
    for number in range(300):
        assert (await query(live, f"AmlOnlineEndpointTrafficLog | {any_query(number)}")).status_code in (200, 400)


@pytest.fixture
def any_query() -> Callable[[int], str]:
    """Words of the language, in any order."""
    import random

    words = "where project summarize by count ( ) , = == in between .. 'x' 1 2.5 5m Path ResponseCode ago bin or and |"

    def made(seed: int) -> str:
        chosen = random.Random(seed)
        return " ".join(chosen.choice(words.split()) for _ in range(chosen.randint(1, 12)))

    return made
