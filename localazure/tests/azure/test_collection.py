"""Data collection rules and their associations: what is taken, and what is refused."""

from typing import Any

import pytest

from localazure.testing.client import LOCATION, Arm

pytestmark = pytest.mark.anyio
STREAM = "Microsoft-ContainerInsights-Group-Default"
RULES, ASSOCIATIONS = "Microsoft.Insights/dataCollectionRules", "Microsoft.Insights/dataCollectionRuleAssociations"


def rule(arm: Arm, **properties: Any) -> dict[str, Any]:
    """A PUT of a rule that sends Container Insights' stream to the estate's logs."""
    logs = arm.of("Microsoft.OperationalInsights/workspaces", "logs")
    extension = {"name": "x", "extensionName": "ContainerInsights", "streams": [STREAM]}
    usual = {
        "dataSources": {"extensions": [extension]},
        "destinations": {"logAnalytics": [{"name": "logs", "workspaceResourceId": logs}]},
        "dataFlows": [{"streams": [STREAM], "destinations": ["logs"]}],
    }
    return {"location": LOCATION, "kind": "Linux", "properties": {**usual, **properties}}


async def test_a_rule_is_hung_on_a_resource(estate: Arm) -> None:
    """The rule keeps its own id when it is replaced; its association is listed with the resource it extends."""
    path, hung = estate.of(RULES, "insights"), f"{estate.workspace}/providers/{ASSOCIATIONS}/ContainerInsightsExtension"
    made = await estate.call("PUT", path, rule(estate))
    again = await estate.call("PUT", path, rule(estate, description="again"))
    assert (made.status_code, again.status_code) == (200, 200)
    assert made.json()["properties"]["immutableId"] == again.json()["properties"]["immutableId"]

    answer = await estate.call("PUT", hung, {"properties": {"dataCollectionRuleId": path}})
    assert answer.status_code == 201
    listed = await estate.call("GET", f"{estate.workspace}/providers/{ASSOCIATIONS}")
    assert [one["name"] for one in listed.json()["value"]] == ["ContainerInsightsExtension"]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"dataFlows": [{"streams": [STREAM], "destinations": ["nowhere"]}]}, "nowhere"),
        ({"destinations": {"logAnalytics": [{"name": "logs", "workspaceResourceId": "/none"}]}}, "/none"),
        ({"dataSources": {"syslog": []}}, "syslog"),
    ],
)
async def test_a_rule_that_cannot_work_is_refused(estate: Arm, properties: dict[str, Any], expected: str) -> None:
    """A flow to nowhere, a workspace that is not there, and a source that is not modelled."""
    answer = await estate.call("PUT", estate.of(RULES, "insights"), rule(estate, **properties))
    assert answer.status_code == 400
    assert expected in answer.text


async def test_an_association_names_a_rule_that_is_there(estate: Arm) -> None:
    """Neither none nor one that is missing."""
    hung = f"{estate.workspace}/providers/{ASSOCIATIONS}/x"
    for properties in ({}, {"dataCollectionRuleId": estate.of(RULES, "none")}):
        assert (await estate.call("PUT", hung, {"properties": properties})).status_code == 400
