"""`{resource}/providers/Microsoft.Insights/metrics` over HTTP, of online endpoints and their deployments."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, not_modelled, resource_not_found
from localazure.arm.ids import ResourceId, parse_id
from localazure.services.insights import query as queries
from localazure.services.insights.metrics import (
    METRICS,
    OF_DEPLOYMENT,
    OF_ENDPOINT,
    Metric,
    Minutes,
    arrived,
    document,
    together,
)
from localazure.services.insights.minutes import MIRRORED
from localazure.services.insights.mirrored import Mirrored
from localazure.services.insights.recorder import Recorder
from localazure.serving.contract import ServingError

TYPE = "Microsoft.Insights/metrics"
PARTIAL = 120.0  # seconds: metrics are there sooner than logs
ENDPOINT = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
DIMENSIONS = {ENDPOINT.lower(): OF_ENDPOINT, f"{ENDPOINT}/deployments".lower(): OF_DEPLOYMENT}


def metrics_type(azure: Azure, recorder: Recorder, mirrored: Mirrored) -> ResourceType:
    """The list of metrics: a GET answers their values."""

    async def listed(call: Call) -> Reply:
        resource = parse_id(call.id.text)
        if resource is None or resource.type.lower() not in DIMENSIONS:
            raise not_modelled(f"metrics of '{call.id.text}'; it has those of online endpoints and deployments")
        if (record := azure.store.get(resource.text)) is None:
            raise resource_not_found(resource.type, resource.names, resource.group)
        try:
            await recorder.sample()
        except ServingError as error:
            raise ArmError(503, "ServiceUnavailable", error.message) from error
        location = record.document["location"]
        asked = queries.parse(call.query, azure.clock.now())
        kinds = ("", MIRRORED) if mirrored.shown_in("metrics") else ("",)
        found = _minutes(resource, asked, recorder, kinds)
        delay = min(azure.clock.ingestion.total_seconds(), PARTIAL)
        found = arrived(found, azure.clock.now().timestamp(), delay)
        return Reply(200, _answer(resource, location, asked, call, found))

    return ResourceType(TYPE, {}, listed, filters=True)


def _answer(resource: ResourceId, location: str, query: queries.Query, call: Call, minutes: Minutes) -> dict[str, Any]:
    namespace = ENDPOINT + ("/deployments" if len(resource.names) == 3 else "")
    if call.query.get("metricnamespace", namespace).lower() != namespace.lower():
        raise not_modelled(f"the metric namespace '{call.query['metricnamespace']}' of '{resource.type}'")
    dimensions = DIMENSIONS[resource.type.lower()]
    values = []
    for name in query.names:
        metric = _metric(name)
        known = dimensions[metric.kind]
        filtered, rolled = queries.canonical_filter(query, known), queries.canonical_rollup(query, known)
        values.append(document(metric, resource.text, replace(query, filter=filtered, rolled=rolled), minutes))
    return {
        "cost": max(0, (query.end - query.begin) // 60 - 1),
        "timespan": query.timespan,
        "interval": query.grain,
        "namespace": namespace,
        "resourceregion": location,
        "value": values,
    }


def _minutes(resource: ResourceId, query: queries.Query, recorder: Recorder, kinds: tuple[str, ...]) -> Minutes:
    """Of an endpoint, or of one of its deployments alone; names are the resource's own in any case."""
    name = resource.names[1].lower()
    everything = together(recorder.minutes(name + kind, query.begin, query.end) for kind in kinds)
    if len(resource.names) == 2:
        return everything
    wanted = resource.names[2].lower()
    cut: Mapping[int, Any] = {
        begin: {name: minute for name, minute in found.items() if name.lower() == wanted}
        for begin, found in everything.items()
    }
    return {begin: found for begin, found in cut.items() if found}


def _metric(name: str) -> Metric:
    if (metric := METRICS.get(name.lower())) is None:
        raise not_modelled(f"the metric '{name}'; it has {', '.join(each.name for each in METRICS.values())}")
    return metric
