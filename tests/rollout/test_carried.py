"""An endpoint that others made, in the words of a stack file: what is carried, what is kept, what is told."""

from typing import Any

import pytest

from rollout.carried import Untold, carried, leaves, milliseconds
from settings.load import from_config

WORKSPACE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
PROBE = {"initialDelay": "PT10S", "period": "PT10S", "timeout": "PT2S", "successThreshold": 1, "failureThreshold": 30}
ON = {"dataCollectionMode": "Enabled", "samplingRate": 1}
CONFIG: dict[str, Any] = {
    "azure-native:location": "westeurope",
    "workspace": {"name": "ws-risk", "resourceGroup": "rg"},
    "registry": {"name": "acrmodels"},
}


def endpoint(**properties: Any) -> dict[str, Any]:
    """An endpoint's body."""
    return {
        "id": f"{WORKSPACE}/onlineEndpoints/risk",
        "kind": "Managed",
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key", "publicNetworkAccess": "Enabled", "traffic": {"blue": 100}} | properties,
    }


def deployment(**properties: Any) -> dict[str, Any]:
    """A deployment's body with the service's defaults."""
    usual = {
        "model": f"{WORKSPACE}/models/risk/versions/3",
        "environmentId": f"{WORKSPACE}/environments/sklearn/versions/1",
        "instanceType": "Standard_DS3_v2",
        "requestSettings": {
            "requestTimeout": "PT5S",
            "maxQueueWait": "PT0.5S",
            "maxConcurrentRequestsPerInstance": 1,
        },
        "livenessProbe": PROBE,
        "readinessProbe": PROBE,
        "egressPublicNetworkAccess": "Enabled",
    }
    return {"sku": {"name": "Default", "capacity": 2}, "properties": usual | properties}


def test_defaults_are_not_written() -> None:
    """Of a usual deployment the stack file says the model, the environment, the type and the count."""
    out = carried(endpoint(), {"blue": deployment()}, "enabled")
    blue = {
        "model": "azureml:risk:3",
        "environment": "azureml:sklearn:1",
        "instanceType": "Standard_DS3_v2",
        "instanceCount": 2,
    }
    assert out.config == {"deployments": {"blue": blue}, "traffic": {"blue": 100}}
    assert (out.kept, out.untold) == ([], [])


def test_what_is_carried_is_a_stack_file() -> None:
    """Whatever is written, the settings read it back as it is in Azure."""
    probe = PROBE | {"period": "PT1M", "failureThreshold": 3}
    collector = {
        "collections": {"model_inputs": {"dataCollectionMode": "Enabled", "samplingRate": 0.125}},
        "rollingRate": "Minute",
        "requestLogging": {"captureHeaders": ["x-id"]},
    }
    body = deployment(
        codeConfiguration={"codeId": f"{WORKSPACE}/codes/c/versions/1", "scoringScript": "main.py"},
        livenessProbe=None,
        readinessProbe=probe,
        dataCollector=collector,
        environmentVariables={"A": "007"},
        appInsightsEnabled=True,
        egressPublicNetworkAccess="Disabled",
        requestSettings={"requestTimeout": "PT1M30S", "maxQueueWait": "PT0S", "maxConcurrentRequestsPerInstance": 4},
    )
    shown = endpoint(authMode="AMLToken", publicNetworkAccess="Disabled", mirrorTraffic={"Green": 10})
    out = carried(shown | {"tags": {"a": "b", "safe-rollout-applied": "x"}}, {"blue": body}, "enabled")
    settings = from_config({**CONFIG, "endpoints": {"risk": out.config}}).endpoints["risk"]
    blue = settings.deployments["blue"]
    assert (settings.auth, settings.public_network_access, settings.tags) == ("aml_token", "disabled", {"a": "b"})
    assert settings.mirror == {"green": 10}
    assert (blue.liveness, blue.readiness and blue.readiness.period, blue.scoring_script) == (None, 60, "main.py")
    assert (blue.requests.timeout_ms, blue.requests.max_queue_wait_ms) == (90_000, 0)
    assert blue.data_collector
    assert (blue.data_collector.sampling_percent, blue.data_collector.outputs) == (12.5, False)
    assert (blue.variables, blue.app_insights, blue.egress_public_network_access) == ({"A": "007"}, True, "disabled")


def test_kubernetes_has_its_own_words() -> None:
    """Resources, the router's scaling and the compute."""
    scale = {"scaleType": "TargetUtilization", "minInstances": 2, "maxInstances": 5, "pollingInterval": "PT2S"}
    sizes = {"containerResourceRequests": {"cpu": "0.5", "memory": "1Gi", "gpu": None}}
    body = deployment(scaleSettings=scale, containerResourceRequirements=sizes, instanceType="small")
    shown = endpoint(compute=f"{WORKSPACE}/computes/aks") | {"kind": "K8S"}
    config = carried(shown, {"blue": body}, "enabled").config
    assert (config["kind"], config["compute"]) == ("kubernetes", "aks")
    blue = config["deployments"]["blue"]
    assert blue["autoscale"] == {"min": 2, "max": 5, "targetUtilization": 70, "pollingSeconds": 2}
    assert blue["resources"] == {"requests": {"cpu": "0.5", "memory": "1Gi"}}
    assert "egressPublicNetworkAccess" not in blue


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (deployment(model="/subscriptions/s/files/model.pkl"), "blue.model"),
        (deployment(scaleSettings={"scaleType": "Other"}), "blue.scaleSettings"),
        (deployment(livenessProbe=PROBE | {"period": "PT0.5S"}), "blue.livenessProbe.period"),
        (deployment(requestSettings={"requestTimeout": "soon"}), "blue.requestTimeout"),
        (
            deployment(
                dataCollector={"collections": {"request": {"dataCollectionMode": "Enabled", "samplingRate": 1}}}
            ),
            "blue.dataCollector.collections.request",
        ),
        (
            deployment(dataCollector={"collections": {"model_inputs": ON | {"dataId": f"{WORKSPACE}/x"}}}),
            "blue.dataCollector.collections.model_inputs",
        ),
    ],
)
def test_what_no_stack_file_says_is_told(body: dict[str, Any], path: str) -> None:
    """It is listed under its path, and never passed over."""
    assert [one.path for one in carried(endpoint(), {"blue": body}, "enabled").untold] == [path]


def test_two_kinds_of_identity_are_told() -> None:
    """Both kinds at once are more than a stack file can say."""
    shown = endpoint() | {"identity": {"type": "SystemAssigned,UserAssigned"}}
    assert carried(shown, {}, "enabled").untold == [Untold("identity", "SystemAssigned,UserAssigned")]


def test_what_stays_as_it_is_is_told() -> None:
    """A mount path, a startup probe and own properties are sent as they are; Azure's own notes are nobody's matter."""
    body = deployment(modelMountPath="/models", startupProbe=PROBE, properties={"team": "risk", "azureml.x": "1"})
    out = carried(endpoint(properties={"createdBy": "me"}), {"blue": body}, "enabled")
    assert [one.path for one in out.kept] == ["blue.modelMountPath", "blue.startupProbe", "blue.properties"]


@pytest.mark.parametrize(
    ("text", "expected"), [("PT5S", 5000), ("PT0.25S", 250), ("P1DT1H", 90_000_000), ("P", None), ("5", None)]
)
def test_durations(text: str, expected: int | None) -> None:
    """ISO 8601, as the service writes it."""
    assert milliseconds(text) == expected


def test_leaves_are_whatever_is_no_map_and_no_list() -> None:
    """Each with its path; empty maps have none."""
    assert [*leaves({"a": {"b": [1, "x"]}, "c": {}})] == [(("a", "b", 0), 1), (("a", "b", 1), "x")]
