"""Metrics of online endpoints and deployments: which there are, and their time series. Pure.

Names, units and dimensions: "Supported metrics" of Azure Monitor for workspaces/onlineEndpoints and
workspaces/onlineEndpoints/deployments. The form of the answer: Metrics - List of its REST reference.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from statistics import fmean
from typing import Any

from localazure.services.insights.minutes import Minute
from localazure.services.insights.query import Query

Answer = tuple[str, str, str]  # deployment, status, the model's status
Dimension = Callable[[Answer], str]
Minutes = Mapping[int, Mapping[str, Minute]]

DIMENSIONS: Mapping[str, Dimension] = {
    "deployment": lambda answer: answer[0],
    "statusCode": lambda answer: answer[1],
    "statusCodeClass": lambda answer: f"{answer[1][0]}xx",
    "modelStatusCode": lambda answer: answer[2],
    "envoy_response_code": lambda answer: answer[1],
}
OF_ENDPOINT = {
    "requests": ("deployment", "statusCode", "statusCodeClass", "modelStatusCode"),
    "latency": ("deployment",),
}
OF_DEPLOYMENT = {"requests": ("envoy_response_code",), "latency": ()}


@dataclass(frozen=True, slots=True)
class Metric:
    """`kind` says which dimensions it has; `percent` is that of a percentile, 0 for the mean."""

    name: str
    title: str
    description: str
    unit: str
    kind: str
    percent: int = 0


def _percentile(percent: int) -> Metric:
    text = f"The average P{percent} request latency aggregated by all request latency values collected"
    name, title = f"RequestLatency_P{percent}", f"Request Latency P{percent}"
    return Metric(name, title, f"{text} over the selected time period", "MilliSeconds", "latency", percent)


METRICS = {
    metric.name.lower(): metric
    for metric in (
        Metric(
            "RequestsPerMinute",
            "Requests Per Minute",
            "The number of requests sent to online endpoint within a minute",
            "Count",
            "requests",
        ),
        Metric(
            "RequestLatency",
            "Request Latency",
            "The average complete interval of time taken for a request to be responded in milliseconds",
            "MilliSeconds",
            "latency",
        ),
        *(_percentile(percent) for percent in (50, 90, 95, 99)),
    )
}


def document(metric: Metric, resource: str, query: Query, minutes: Minutes) -> dict[str, Any]:
    """One metric of a resource; without any data in the timespan it has no time series."""
    return {
        "id": f"{resource}/providers/Microsoft.Insights/metrics/{metric.name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": metric.name, "localizedValue": metric.title},
        "displayDescription": metric.description,
        "unit": metric.unit,
        "timeseries": list(_series(metric, query, minutes))[: query.top],
        "errorCode": "Success",
    }


def together(several: Iterable[Minutes]) -> Minutes:
    """Live and mirrored requests as one."""
    found: dict[int, dict[str, Minute]] = {}
    for minutes in several:
        for begin, deployments in minutes.items():
            for name, minute in deployments.items():
                before = found.setdefault(begin, {}).get(name, Minute())
                added = Minute(before.statuses + minute.statuses, before.latencies + minute.latencies)
                found[begin][name] = added
    return found


def arrived(minutes: Minutes, now: float, delay: float) -> Minutes:
    """What is shown by now: of a minute that ended less than `delay` seconds ago only a part."""

    def part(counts: Counter[Any], share: float) -> Counter[Any]:
        return +Counter({key: int(count * share) for key, count in counts.items()})

    found: dict[int, Mapping[str, Minute]] = {}
    for begin, deployments in minutes.items():
        share = (now - begin) / (60 + delay)
        if not delay or share >= 1:
            found[begin] = deployments
        else:
            cut = {
                name: Minute(part(one.statuses, share), part(one.latencies, share)) for name, one in deployments.items()
            }
            found[begin] = {name: one for name, one in cut.items() if one.statuses}
    return found


def _series(metric: Metric, query: Query, minutes: Minutes) -> Iterable[dict[str, Any]]:
    """One per combination of the values that the filter asks for, e.g. per deployment."""
    inside = {begin: found for begin, found in minutes.items() if query.begin <= begin < query.end}
    split = {name: wanted for name, wanted in query.filter.items() if name not in query.rolled}
    together = {name: _values(name, query.filter[name], inside) for name in query.rolled}
    for values in product(*(_values(name, wanted, inside) for name, wanted in split.items())):
        chosen = {**dict(zip(split, ([value] for value in values), strict=True)), **together}
        points = {
            begin: value for begin, found in inside.items() if (value := _value(metric, chosen, found)) is not None
        }
        if points:
            # Azure answers a dimension's name in lower case, whatever its metric's page says.
            names = {name.lower(): value for name, value in zip(split, values, strict=True)}
            named = [{"name": {"value": name, "localizedValue": name}, "value": text} for name, text in names.items()]
            yield {"metadatavalues": named, "data": list(_data(query, points))}


def _values(name: str, wanted: tuple[str, ...], minutes: Minutes) -> list[str]:
    """The values of a dimension that there are and that are asked for (`*`: all)."""
    there = {DIMENSIONS[name](answer) for found in minutes.values() for answer in _answers(found)}
    asked = {value.lower() for value in wanted}
    return sorted(value for value in there if "*" in asked or value.lower() in asked)


def _answers(found: Mapping[str, Minute]) -> Counter[Answer]:
    return Counter(
        {
            (deployment, status, model): count
            for deployment, minute in found.items()
            for (status, model), count in minute.statuses.items()
        }
    )


def _value(metric: Metric, chosen: Mapping[str, list[str]], found: Mapping[str, Minute]) -> float | None:
    """The metric of one minute; None where nothing was answered."""
    if metric.kind == "requests":
        counts = [
            count
            for answer, count in _answers(found).items()
            if all(DIMENSIONS[name](answer) in values for name, values in chosen.items())
        ]
        return float(sum(counts)) if counts else None
    latencies: Counter[float] = Counter()
    for deployment, minute in found.items():
        if deployment in chosen.get("deployment", [deployment]):
            latencies.update(minute.latencies)
    return _latency(latencies, metric.percent) if latencies else None


def _latency(latencies: Counter[float], percent: int) -> float:
    """Milliseconds: the mean, or the smallest value that `percent` of the requests do not exceed."""
    requests = latencies.total()
    if not percent:
        return sum(value * count for value, count in latencies.items()) / requests
    left = math.ceil(requests * percent / 100)
    for value, count in sorted(latencies.items()):
        left -= count
        if left <= 0:
            return value
    return max(latencies)


def _data(query: Query, points: Mapping[int, float]) -> Iterable[dict[str, Any]]:
    """One per interval: the average of its minutes that have a value; only the time where none has."""
    for begin in range(query.begin, query.end, query.interval):
        values = [value for minute, value in points.items() if begin <= minute < begin + query.interval]
        stamp = {"timeStamp": datetime.fromtimestamp(begin, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        yield stamp | ({"average": fmean(values)} if values else {})
