"""What goes with an endpoint goes in Azure too, a scaler's counts stay, and a failed birth is mended."""

from typing import Any

import pytest

from benchmarks.preview import endpoints
from benchmarks.stack import write
from ops.engine import PulumiError
from tests.e2e.conftest import ENDPOINT, Rollout

pytestmark = pytest.mark.slow

INSIGHTS = "/providers/Microsoft.Insights"
ALERTS = {
    "alerts": {"latencyP99Ms": 500, "errorPercent": 5, "cpuPercent": 80},
    "diagnostics": {"logAnalytics": True},
    "actionGroup": {"shortName": "oncall", "emails": {"oncall": "oncall@example.org"}},
}


def scaled(rollout: Rollout, traffic: dict[str, int], **blue: Any) -> dict[str, Any]:
    """The stack file with an autoscaler and alerts on blue."""
    config = endpoints(rollout.assets, traffic)
    deployments = config["safe-rollout:endpoints"]["diabetes"]["deployments"]
    deployments["blue"].pop("instanceCount", None)
    deployments["blue"] |= {"autoscale": {"min": 1, "max": 5}, **blue}
    return {**config, "safe-rollout:watching": ALERTS}


def watchers(rollout: Rollout) -> int:
    """How many metric alerts, query rules and autoscalers the resource group has."""
    kinds = {"metricAlerts": "2018-03-01", "scheduledQueryRules": "2023-12-01", "autoscaleSettings": "2022-10-01"}
    return sum(len(rollout.arm("GET", f"{INSIGHTS}/{kind}", api=api)["value"]) for kind, api in kinds.items())


def test_an_edit_sends_the_count_that_runs(rollout: Rollout) -> None:
    """Where the autoscaler has the count, an edit of the deployment sends the live one, and no edit sends none."""
    write(rollout.engine, scaled(rollout, {"blue": 100}))
    rollout.engine.up()
    blue = f"{ENDPOINT}/deployments/blue"
    rollout.arm("PATCH", blue, {"sku": {"name": "Default", "capacity": 4}})
    rollout.settle(blue)
    assert "unchanged" in rollout.engine.preview(extra=["--expect-no-changes"])
    write(rollout.engine, scaled(rollout, {"blue": 100}, description="The first one."))
    rollout.engine.up()
    live = rollout.arm("GET", blue)
    assert (live["sku"]["capacity"], live["properties"]["description"]) == (4, "The first one.")
    rollout.engine.preview(extra=["--expect-no-changes"])


def test_what_goes_with_an_endpoint_goes_in_azure(rollout: Rollout) -> None:
    """Alerts and autoscalers of an endpoint that is removed are gone in Azure, so that its name can be used again."""
    write(rollout.engine, scaled(rollout, {"blue": 100}))
    rollout.engine.up()
    assert watchers(rollout) > 3
    closed = scaled(rollout, {})
    closed["safe-rollout:endpoints"]["diabetes"]["closed"] = True
    write(rollout.engine, closed)
    rollout.engine.up()
    write(rollout.engine, {"safe-rollout:watching": ALERTS})
    rollout.engine.up()
    assert watchers(rollout) == 0
    write(rollout.engine, scaled(rollout, {"blue": 100}))
    rollout.engine.up()
    rollout.engine.up()
    assert rollout.live() == {"blue": 100}


def test_what_failed_at_birth_is_made_anew(rollout: Rollout) -> None:
    """A deployment that failed while it was made, and carries nothing, is replaced once its fault is corrected."""
    broken = endpoints(rollout.assets, {"blue": 100})
    deployments = broken["safe-rollout:endpoints"]["diabetes"]["deployments"]
    deployments["teal"] = {**deployments["green"], "scoringScript": "missing.py"}
    write(rollout.engine, broken)
    with pytest.raises(PulumiError):
        rollout.engine.up()
    deployments["teal"]["scoringScript"] = "score.py"
    write(rollout.engine, broken)
    rollout.engine.preview()
    said = rollout.engine.up()
    assert "diabetes: teal failed while it was made: it is replaced" in said
    assert rollout.arm("GET", f"{ENDPOINT}/deployments/teal")["properties"]["provisioningState"] == "Succeeded"
    assert rollout.live() == {"blue": 100}
