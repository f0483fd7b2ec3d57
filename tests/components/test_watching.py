"""Autoscalers, alerts, logs, the workbook and the data collector of managed deployments."""

import json

import pytest

from components.alerts import FAILED
from settings import names
from settings.workspace import Workspace
from tests.components.estates import config, managed
from tests.components.program import run

TEST = Workspace.model_validate({"name": "ws-test", "resourceGroup": "rg-test"})


def test_the_autoscaler_takes_the_count() -> None:
    """Out above 70 percent CPU, in below 30; limits are text, as Azure Monitor wants them."""
    azure, _ = run(config(endpoints=managed(autoscale={"min": 3, "max": 9})))
    setting = azure.of_type("AutoscaleSetting")["diabetes-blue-autoscale"]
    (profile,) = setting["profiles"]
    assert profile["capacity"] == {"minimum": "3", "maximum": "9", "default": "3"}
    thresholds = [(rule["scaleAction"]["direction"], rule["metricTrigger"]["threshold"]) for rule in profile["rules"]]
    assert thresholds == [("Increase", 70), ("Decrease", 30)]
    assert setting["targetResourceUri"] == "/mock/diabetes-blue"
    assert azure.of_type("OnlineDeployment")["diabetes-blue"]["sku"]["capacity"] == 3


def test_a_schedule_begins_and_ends() -> None:
    """A schedule is two recurring profiles: its own limits at its start, the usual ones at its end."""
    night = {"start": "20:00", "end": "06:30", "min": 1, "max": 2, "timeZone": "W. Europe Standard Time"}
    azure, _ = run(config(endpoints=managed(autoscale={"min": 3, "max": 9, "schedules": {"night": night}})))
    profiles = azure.of_type("AutoscaleSetting")["diabetes-blue-autoscale"]["profiles"]
    begins = [(p["capacity"]["minimum"], p["recurrence"]["schedule"]["hours"]) for p in profiles]
    assert begins == [("1", [20]), ("3", [6])]
    assert profiles[1]["recurrence"]["schedule"]["minutes"] == [30]


def test_alerts_tell_the_action_group() -> None:
    """Each limit is an alert on its deployment; the share of errors is reckoned from the traffic log."""
    watching = {
        "actionGroup": {"shortName": "oncall", "emails": {"oncall": "oncall@example.org"}},
        "alerts": {"latencyP99Ms": 500, "errorPercent": 2, "cpuPercent": 85, "memoryPercent": 85, "capacity": True},
        "diagnostics": {"logAnalytics": True, "blob": True},
    }
    azure, _ = run(config(watching=watching, endpoints=managed(autoscale={"min": 3, "max": 9})))
    alerts = azure.of_type("MetricAlert")
    watched = {name: alert["criteria"]["allOf"][0]["metricName"] for name, alert in alerts.items()}
    assert watched == {
        "diabetes-blue-latency": "RequestLatency_P99",
        "diabetes-blue-cpu": "CpuUtilizationPercentage",
        "diabetes-blue-memory": "CpuMemoryUtilizationPercentage",
        "diabetes-blue-capacity": "DeploymentCapacity",
    }
    assert all(alert["actions"][0]["actionGroupId"] == "/mock/action-group" for alert in alerts.values())
    errors = azure.of_type("ScheduledQueryRule")["diabetes-blue-errors"]
    assert "DeploymentName =~ 'blue'" in errors["criteria"]["allOf"][0]["query"]
    [scope] = errors["scopes"]
    assert scope.endswith("/providers/Microsoft.OperationalInsights/workspaces/" + names.log_analytics(TEST))
    logs = azure.of_type("DiagnosticSetting")["diabetes-diagnostics"]
    assert (logs["workspaceId"], logs["storageAccountId"]) == ("/mock/base-logs", "/mock/base-storage")


def test_nothing_is_watched_unasked() -> None:
    """Without limits there are no alerts, no logs, no action group and no workbook."""
    azure, _ = run(config(endpoints=managed()))
    for kind in ("MetricAlert", "ScheduledQueryRule", "DiagnosticSetting", "ActionGroup", "Workbook"):
        assert azure.of_type(kind) == {}


def test_the_workbook_shows_every_endpoint() -> None:
    """The workbook's content is JSON with a heading and three charts for each endpoint."""
    azure, _ = run(config(watching={"workbook": True}, endpoints=managed()))
    content = json.loads(azure.of_type("Workbook")["workbook"]["serializedData"])
    assert [item["type"] for item in content["items"]] == [1, 3, 3, 3]
    assert "424" in content["items"][3]["content"]["query"]


@pytest.mark.parametrize("code", [200, 201, 400, 401, 403, 404, 408, 413, 424, 429, 500, 502, 503, 504])
def test_an_error_is_what_a_user_sees_fail(code: int) -> None:
    """A model's exception (424), its timeout (408), too many requests (429) and 5xx count; a caller's faults don't."""
    condition = FAILED.replace("toint(ResponseCode)", str(code))  # `or`, `in` and `>=` mean the same in Python
    assert eval(condition, {"__builtins__": {}}) == (code in {408, 424, 429} or code >= 500)


def test_the_data_collector_keeps_inputs_and_outputs() -> None:
    """Both collections are sampled, rolled by the hour, with the headers that are asked for."""
    collector = {"samplingPercent": 25, "headers": ["x-request-id"]}
    azure, _ = run(config(endpoints=managed(dataCollector=collector)))
    kept = azure.of_type("OnlineDeployment")["diabetes-blue"]["properties"]["dataCollector"]
    assert kept["rollingRate"] == "Hour"
    assert kept["collections"]["model_inputs"] == {"dataCollectionMode": "Enabled", "samplingRate": 0.25}
    assert kept["requestLogging"] == {"captureHeaders": ["x-request-id"]}
