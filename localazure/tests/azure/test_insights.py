"""Alerts, action groups, autoscale and diagnostic settings, workbooks."""

import copy
import uuid
from typing import Any

import pytest

from localazure.testing.client import LOCATION, Arm

pytestmark = pytest.mark.anyio
PLACE = {"location": LOCATION}
GLOBAL = {"location": "global"}
KIND = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"


@pytest.fixture
async def served(estate: Arm) -> Arm:
    """The estate with an endpoint and its deployment blue."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body(3))
    return estate


def alert(arm: Arm) -> dict[str, Any]:
    """A PUT of a metric alert on blue."""
    criterion = {
        "criterionType": "StaticThresholdCriterion",
        "name": "cpu",
        "metricName": "CpuUtilizationPercentage",
        "metricNamespace": f"{KIND}/deployments",
        "operator": "GreaterThan",
        "threshold": 85,
        "timeAggregation": "Average",
    }
    kind = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
    properties = {
        "severity": 2,
        "enabled": True,
        "scopes": [arm.deployment("blue")],
        "evaluationFrequency": "PT1M",
        "windowSize": "PT5M",
        "criteria": {"odata.type": kind, "allOf": [criterion]},
    }
    return {**GLOBAL, "properties": properties}


def query_rule(arm: Arm) -> dict[str, Any]:
    """A PUT of an alert by log query on the endpoint."""
    condition = {
        "query": "AmlOnlineEndpointTrafficLog | summarize Percent = count()",
        "metricMeasureColumn": "Percent",
        "timeAggregation": "Maximum",
        "operator": "GreaterThan",
        "threshold": 1,
        "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
    }
    properties = {
        "severity": 2,
        "scopes": [arm.endpoint()],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT5M",
        "criteria": {"allOf": [condition]},
    }
    return {**PLACE, "kind": "LogAlert", "properties": properties}


def scaling(arm: Arm) -> dict[str, Any]:
    """A PUT of an autoscale setting of blue."""
    trigger = {
        "metricName": "CpuUtilizationPercentage",
        "metricResourceUri": arm.deployment("blue"),
        "timeGrain": "PT1M",
        "statistic": "Average",
        "timeWindow": "PT5M",
        "timeAggregation": "Average",
        "operator": "GreaterThan",
        "threshold": 70,
    }
    action = {"direction": "Increase", "type": "ChangeCount", "value": "2", "cooldown": "PT5M"}
    capacity = {"minimum": "3", "maximum": "9", "default": "3"}
    profile = {"name": "usual", "capacity": capacity, "rules": [{"metricTrigger": trigger, "scaleAction": action}]}
    return {
        **PLACE,
        "properties": {"enabled": True, "targetResourceUri": arm.deployment("blue"), "profiles": [profile]},
    }


def group(arm: Arm) -> dict[str, Any]:
    """A PUT of an action group."""
    mail = {"name": "oncall", "emailAddress": "oncall@example.org", "useCommonAlertSchema": True}
    return {**GLOBAL, "properties": {"groupShortName": "diabetes", "enabled": True, "emailReceivers": [mail]}}


def setting(arm: Arm) -> dict[str, Any]:
    """A PUT of a diagnostic setting of the endpoint."""
    logs = [{"category": "AmlOnlineEndpointTrafficLog", "enabled": True}]
    workspace = arm.of("Microsoft.OperationalInsights/workspaces", "logs")
    return {
        "properties": {"workspaceId": workspace, "logs": logs, "metrics": [{"category": "AllMetrics", "enabled": True}]}
    }


def workbook(arm: Arm) -> dict[str, Any]:
    """A PUT of a workbook."""
    properties = {"displayName": "Endpoints", "category": "workbook", "serializedData": '{"version": "Notebook/1.0"}'}
    return {**PLACE, "kind": "shared", "properties": properties}


BODIES = {
    "metricAlerts": alert,
    "scheduledQueryRules": query_rule,
    "autoscaleSettings": scaling,
    "actionGroups": group,
    "diagnosticSettings": setting,
    "workbooks": workbook,
}


def path_of(arm: Arm, kind: str) -> str:
    """The id of the resource of that kind."""
    name = str(uuid.UUID(int=7)) if kind == "workbooks" else "one"
    if kind == "diagnosticSettings":
        return f"{arm.endpoint()}/providers/Microsoft.Insights/{kind}/{name}"
    return arm.of(f"Microsoft.Insights/{kind}", name)


@pytest.mark.parametrize("kind", sorted(BODIES))
async def test_the_life_of_each(served: Arm, kind: str) -> None:
    """Made (201), replaced (200), read as it was sent, listed, deleted; a second deletion finds nothing."""
    path, body = path_of(served, kind), BODIES[kind](served)
    assert (await served.call("PUT", path, body)).status_code == 201
    assert (await served.call("PUT", path, body)).status_code == 200
    shown = (await served.call("GET", path)).json()
    assert shown["id"] == path
    for key, value in body["properties"].items():
        if key != "emailReceivers":
            assert shown["properties"][key] == value
    listed = (await served.call("GET", path.rsplit("/", 1)[0])).json()["value"]
    assert [each["id"] for each in listed] == [path]
    assert (await served.call("DELETE", path)).status_code == 200
    assert (await served.call("DELETE", path)).status_code == 204
    assert (await served.call("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("kind", "where", "value", "named"),
    [
        ("metricAlerts", "properties.severity", 5, "severity"),
        ("metricAlerts", "properties.windowSize", "PT2M", "windowSize"),
        ("metricAlerts", "properties.scopes.0", "/nothing", "scopes"),
        ("metricAlerts", "properties.criteria.allOf.0.metricName", "Cpu", "Couldn't find a metric named Cpu"),
        ("metricAlerts", "properties.criteria.allOf.0.metricNamespace", KIND, "metricNamespace"),
        ("metricAlerts", "properties.criteria.allOf.0.operator", "gt", "operator"),
        ("metricAlerts", "properties.actions", [{"actionGroupId": "/nothing"}], "actions"),
        ("metricAlerts", "location", "westeurope", "global"),
        ("scheduledQueryRules", "properties.criteria.allOf.0.operator", "gt", "operator"),
        ("scheduledQueryRules", "properties.criteria.allOf.0.metricMeasureColumn", None, "metricMeasureColumn"),
        ("scheduledQueryRules", "properties.windowSize", "PT1M", "windowSize"),
        ("scheduledQueryRules", "kind", "Log", "kind"),
        ("autoscaleSettings", "properties.targetResourceUri", "/nothing", "targetResourceUri"),
        ("autoscaleSettings", "properties.profiles.0.capacity.default", "10", "minimum <= default <= maximum"),
        ("autoscaleSettings", "properties.profiles.0.rules.0.metricTrigger.metricName", "Cpu", "metric named Cpu"),
        ("autoscaleSettings", "properties.profiles", [], "profiles"),
        ("actionGroups", "properties.groupShortName", "much-too-long-a-name", "groupShortName"),
        ("actionGroups", "properties.emailReceivers.0.emailAddress", "nobody", "e-mail"),
        ("diagnosticSettings", "properties.workspaceId", None, "destination"),
        ("diagnosticSettings", "properties.logs.0.category", "Everything", "Everything"),
        ("diagnosticSettings", "properties.storageAccountId", "/nothing", "storageAccountId"),
        ("workbooks", "properties.serializedData", "{", "JSON"),
        ("workbooks", "properties.colour", "blue", "'colour'"),
    ],
)
async def test_what_cannot_be_is_refused(served: Arm, kind: str, where: str, value: object, named: str) -> None:
    """Each wrong value is a 400 that names it, and nothing is stored."""
    body: Any = copy.deepcopy(BODIES[kind](served))
    *parents, last = where.split(".")
    inner = body
    for part in parents:
        inner = inner[int(part)] if part.isdigit() else inner[part]
    if last.isdigit():
        inner[int(last)] = value
    else:
        inner[last] = value
    answer = await served.call("PUT", path_of(served, kind), body)
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["error"]["message"]
    assert (await served.call("GET", path_of(served, kind))).status_code == 404


async def test_azure_monitor_does_not_scale_kubernetes(served: Arm) -> None:
    """An autoscale setting is for managed deployments."""
    endpoint = served.endpoint("k8s")
    compute = f"{served.workspace}/computes/any"
    await served.done("PUT", endpoint, served.endpoint_body(compute=compute))
    body = served.deployment_body(endpointComputeType="Kubernetes", instanceType="small")
    await served.done("PUT", f"{endpoint}/deployments/blue", body)
    wanted = scaling(served)
    wanted["properties"]["targetResourceUri"] = f"{endpoint}/deployments/blue"
    answer = await served.call("PUT", path_of(served, "autoscaleSettings"), wanted)
    assert "router scales it" in answer.json()["error"]["message"]
