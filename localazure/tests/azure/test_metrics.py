"""Azure Monitor's metrics of online endpoints: time series of what the gateway has answered."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest

from localazure.clock import TurnableClock
from localazure.services.insights.minutes import KEPT, Minute, Minutes
from localazure.serving.contract import Answers
from localazure.snapshots import Snapshots
from localazure.testing.client import Arm
from localazure.testing.fakes import FakeBlobs, FakeServing

pytestmark = pytest.mark.anyio

NOW = "2026-01-02T03:04:00Z/2026-01-02T03:06:00Z"
GOOD = ("200", "200")


@pytest.fixture
async def live(estate: Arm) -> Arm:
    """The endpoint diabetes with blue and green, at 03:04:05 of a stopped clock that nothing has turned."""
    store = estate.local.azure.store
    await estate.register()
    await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    assert store.get(estate.endpoint()) is not None
    return estate


def answered(arm: Arm, name: str, latencies: dict[float, int], **statuses: int) -> None:
    """The gateway's counts of a deployment from now on: `ok` and `failed` (the model's 500) requests."""
    known = {"ok": GOOD, "failed": ("424", "500")}
    counts = {known[key]: count for key, count in statuses.items()}
    arm.serving.answered["diabetes", name] = Answers(counts, latencies)


async def ask(arm: Arm, names: str = "RequestsPerMinute", of: str = "", **query: str) -> httpx2.Response:
    """Metrics of the endpoint, or of the resource `of`."""
    path = f"{of or arm.endpoint()}/providers/Microsoft.Insights/metrics"
    return await arm.call("GET", path, version="2018-01-01", metricnames=names, **{"timespan": NOW, **query})


def averages(answer: httpx2.Response) -> dict[tuple[str, ...], list[float | None]]:
    """The values of the first metric, by the values of its dimensions."""
    assert answer.status_code == 200, answer.text
    series: list[dict[str, Any]] = answer.json()["value"][0]["timeseries"]
    return {
        tuple(each["value"] for each in one["metadatavalues"]): [point.get("average") for point in one["data"]]
        for one in series
    }


async def test_the_answer_has_the_form_of_azure_monitor(live: Arm) -> None:
    """Ids, names, unit, namespace, region and points are as the REST reference shows them."""
    answered(live, "blue", {2.5: 4}, ok=3, failed=1)
    told = (await ask(live, **{"$filter": "deployment eq 'blue'", "interval": "PT1M"})).json()
    assert (told["timespan"], told["interval"], told["cost"]) == (NOW, "PT1M", 1)
    assert told["namespace"] == "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
    assert told["resourceregion"] == "westeurope"
    assert told["value"] == [
        {
            "id": f"{live.endpoint()}/providers/Microsoft.Insights/metrics/RequestsPerMinute",
            "type": "Microsoft.Insights/metrics",
            "name": {"value": "RequestsPerMinute", "localizedValue": "Requests Per Minute"},
            "displayDescription": "The number of requests sent to online endpoint within a minute",
            "unit": "Count",
            "timeseries": [
                {
                    "metadatavalues": [
                        {"name": {"value": "deployment", "localizedValue": "deployment"}, "value": "blue"}
                    ],
                    "data": [
                        {"timeStamp": "2026-01-02T03:04:00Z", "average": 4.0},
                        {"timeStamp": "2026-01-02T03:05:00Z"},
                    ],
                }
            ],
            "errorCode": "Success",
        }
    ]


async def test_no_data_is_no_series(live: Arm) -> None:
    """Without an answer, with a filter that fits none, and outside the timespan: an empty list, and no zeros."""
    assert averages(await ask(live)) == {}
    answered(live, "blue", {2.5: 1}, ok=1)
    assert averages(await ask(live)) == {(): [1.0, None]}
    assert averages(await ask(live, **{"$filter": "deployment eq 'green'"})) == {}
    assert averages(await ask(live, timespan="2026-01-02T02:00:00Z/2026-01-02T03:00:00Z")) == {}
    assert averages(await ask(live, "RequestLatency", **{"$filter": "deployment eq 'green'"})) == {}


async def test_requests_split_by_deployment_and_status(live: Arm) -> None:
    """`*` gives a series each, `or` chooses among values, and names of dimensions are read in any case."""
    answered(live, "blue", {2.5: 90}, ok=90)
    answered(live, "green", {2.5: 10}, ok=7, failed=3)
    assert averages(await ask(live)) == {(): [100.0, None]}
    split = await ask(live, **{"$filter": "Deployment eq '*' and statusCodeClass eq '*'"})
    assert {key: values[0] for key, values in averages(split).items()} == {
        ("blue", "2xx"): 90.0,
        ("green", "2xx"): 7.0,
        ("green", "4xx"): 3.0,
    }
    model = await ask(live, **{"$filter": "deployment eq 'green' and modelStatusCode eq '500'"})
    assert averages(model) == {("green", "500"): [3.0, None]}
    either = await ask(live, **{"$filter": "(statusCode eq '200' or statusCode eq '424') and deployment eq 'GREEN'"})
    assert {key: values[0] for key, values in averages(either).items()} == {
        ("200", "green"): 7.0,
        ("424", "green"): 3.0,
    }


async def test_latencies_are_means_and_percentiles_of_a_minute(live: Arm) -> None:
    """Milliseconds, by deployment or over all of them."""
    answered(live, "blue", {1.0: 98, 50.0: 2}, ok=100)
    answered(live, "green", {10.0: 100}, ok=100)
    wanted = {"": (1.98, 10.0), "_P50": (1.0, 10.0), "_P90": (1.0, 10.0), "_P95": (1.0, 10.0), "_P99": (50.0, 10.0)}
    for suffix, (blue, green) in wanted.items():
        answer = await ask(live, f"RequestLatency{suffix}", **{"$filter": "deployment eq '*'"})
        assert answer.json()["value"][0]["unit"] == "MilliSeconds"
        assert averages(answer) == {("blue",): [pytest.approx(blue), None], ("green",): [green, None]}
    assert averages(await ask(live, "RequestLatency_P50")) == {(): [10.0, None]}


async def test_minutes_are_those_of_the_clock(live: Arm) -> None:
    """What is answered between two samples belongs to the first one's minute; longer intervals are averages."""
    answered(live, "blue", {2.0: 10}, ok=10)
    await ask(live)
    live.clock.turn(60)
    answered(live, "blue", {2.0: 10, 4.0: 30}, ok=40)
    await ask(live)
    answered(live, "blue", {2.0: 10, 4.0: 30, 8.0: 2}, ok=40, failed=2)
    assert averages(await ask(live)) == {(): [40.0, 2.0]}
    span = "2026-01-02T03:00:00Z/2026-01-02T03:10:00Z"
    assert averages(await ask(live, timespan=span, interval="PT15M")) == {(): [21.0]}
    assert averages(await ask(live, "RequestLatency", timespan=span, interval="FULL")) == {(): [pytest.approx(5.75)]}
    assert averages(await ask(live, timespan="PT3M", interval="PT1M"))[()][-2:] == [40.0, 2.0]


async def test_a_gateway_that_began_again_loses_no_count(live: Arm) -> None:
    """Its counts are smaller than before: they are all new."""
    answered(live, "blue", {2.0: 10}, ok=10)
    await ask(live)
    answered(live, "blue", {2.0: 3}, ok=3)
    assert averages(await ask(live)) == {(): [13.0, None]}


async def test_a_restart_forgets_nothing(tmp_path: Path, clock: TurnableClock) -> None:
    """What was answered up to the end is told after it, to the endpoint's minutes of before; the gateway began anew."""
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as arm:
        await arm.make_estate()
        await arm.done("PUT", arm.endpoint(), arm.endpoint_body())
        answered(arm, "blue", {2.5: 4}, ok=3, failed=1)
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as arm:
        answered(arm, "blue", {2.5: 2, 8.0: 1}, ok=3)
        split = await ask(arm, **{"$filter": "modelStatusCode eq '*'", "timespan": "PT1H"})
        assert {key: sum(filter(None, values)) for key, values in averages(split).items()} == {
            ("200",): 6.0,
            ("500",): 1.0,
        }
    assert (tmp_path / "metrics.sqlite").stat().st_mode & 0o077 == 0


async def test_minutes_are_kept_for_93_days(tmp_path: Path) -> None:
    """Older ones are dropped, of one endpoint as of another; counts of one minute add up."""
    minutes = Minutes(tmp_path / "metrics.sqlite")
    one = Minute(Counter({("200", "200"): 2}), Counter({1.5: 2}))
    for begin in (60, KEPT, KEPT + 60):
        minutes.add("one", begin, "blue", one)
    minutes.add("one", KEPT, "blue", one)
    minutes.add("two", 60, "blue", one)
    minutes.forget(KEPT + 60 - KEPT + 1)
    assert minutes.between("two", 0, KEPT) == {}
    twice = Minute(Counter({("200", "200"): 4}), Counter({1.5: 4}))
    assert minutes.between("one", 0, KEPT + 60) == {KEPT: {"blue": twice}}
    minutes.forget()
    assert minutes.between("one", 0, KEPT + 61) == {}
    minutes.close()


async def test_a_reset_forgets_what_was_answered(live: Arm) -> None:
    """An endpoint of the same name has only what was answered since; the gateway counts on."""
    answered(live, "blue", {2.0: 10}, ok=10)
    await Snapshots(live.state / "snapshots", live.local, live.serving).reset()
    await live.make_estate()
    await live.call("PUT", live.endpoint(), live.endpoint_body())
    assert averages(await ask(live)) == {}
    answered(live, "blue", {2.0: 11}, ok=11)
    assert averages(await ask(live)) == {(): [1.0, None]}


async def test_series_are_brought_together(live: Arm) -> None:
    """`rollupby` filters by a dimension and does not split by it; names of dimensions are answered in lower case."""
    answered(live, "blue", {2.5: 90}, ok=80, failed=10)
    answered(live, "green", {2.5: 10}, ok=7, failed=3)
    rolled = await ask(live, **{"$filter": "deployment eq '*' and statusCode eq '*'", "rollupby": "statuscode"})
    assert {key: values[0] for key, values in averages(rolled).items()} == {("blue",): 90.0, ("green",): 10.0}
    one = await ask(live, **{"$filter": "deployment eq 'blue' or deployment eq 'green'", "rollupby": "deployment"})
    assert averages(one) == {(): [100.0, None]}
    split = await ask(live, **{"$filter": "modelStatusCode eq '*'"})
    named = [each["name"]["value"] for one in split.json()["value"][0]["timeseries"] for each in one["metadatavalues"]]
    assert set(named) == {"modelstatuscode"}


async def test_a_new_minute_is_partial(live: Arm) -> None:
    """Where logs are late, metrics of the last two minutes show a part; later all of them."""
    live.clock.turn(ingestion=300)
    answered(live, "blue", {2.5: 90}, ok=90)
    early = averages(await ask(live)).get((), [0])[0]
    live.clock.turn(60)
    later = averages(await ask(live))[()][0]
    live.clock.turn(120)
    assert (early or 0) < (later or 0) < 90 == averages(await ask(live))[()][0]


async def test_a_deployments_own_metrics(live: Arm) -> None:
    """They are of that deployment alone, and split by response code."""
    await live.turn()
    green = (await live.done("PUT", live.deployment("green"), live.deployment_body())).json()["id"]
    await ask(live)
    answered(live, "blue", {2.0: 10}, ok=10)
    answered(live, "green", {9.0: 5}, ok=4, failed=1)
    split = await ask(live, of=green, timespan="PT1M", **{"$filter": "envoy_response_code eq '*'"})
    assert {key: values[-1] for key, values in averages(split).items()} == {("200",): 4.0, ("424",): 1.0}
    assert split.json()["namespace"] == "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
    assert averages(await ask(live, "RequestLatency_P99", of=green, timespan="PT1M"))[()][-1] == 9.0


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"names": "CpuUtilizationPercentage"}, "the metric 'CpuUtilizationPercentage'"),
        ({"names": ""}, "without metricnames"),
        ({"aggregation": "Average,Total"}, "aggregation 'Total'"),
        ({"interval": "PT2M"}, "time grain 'PT2M'"),
        ({"timespan": "yesterday"}, "timespan that can't be read"),
        ({"timespan": "2026-01-02T03:06:00Z/2026-01-02T03:04:00Z"}, "ends before it begins"),
        ({"$filter": "colour eq 'green'"}, "no dimension 'colour'"),
        ({"$filter": "deployment eq 'a' or statusCode eq '200'"}, "can't be read"),
        ({"$filter": "deployment = 'a'"}, "can't be read"),
        ({"names": "RequestLatency", "$filter": "statusCode eq '200'"}, "no dimension 'statuscode'"),
        ({"orderby": "average desc"}, "parameter 'orderby'"),
        ({"metricnamespace": "Other"}, "namespace 'Other'"),
        ({"top": "none"}, "top"),
        ({"names": ",".join(["RequestsPerMinute"] * 21)}, "at most 20"),
        ({"rollupby": "deployment"}, "rolls up by 'deployment'"),
    ],
)
async def test_what_is_not_modelled_is_refused(live: Arm, query: dict[str, str], says: str) -> None:
    """400 with a message that names it."""
    answer = await ask(live, **query)
    assert answer.status_code == 400
    assert says in answer.json()["error"]["message"]


async def test_only_endpoints_and_deployments_that_are_there_have_metrics(live: Arm) -> None:
    """404 for one that is not there, 400 for another type."""
    assert (await ask(live, of=live.endpoint("other"))).status_code == 404
    assert (await ask(live, of=live.workspace)).status_code == 400
