"""What only a subscription can tell, asked of the local Azure every day and of a real one when there is one."""

import uuid
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from components.access import DEPLOYER, INVOKER, SCALER
from components.alerts import FAILED
from components.attachment import extension_settings
from rollout.bodies import TAG, with_split
from rollout.model import Split
from settings.cluster import InferenceCluster
from tests.live.azure import Azure, logs_of

pytestmark = [pytest.mark.live, pytest.mark.anyio, pytest.mark.timeout(7200)]
SMALL = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}}


async def place(azure: Azure) -> str:
    """The workspace's region."""
    return str((await azure.call("GET", azure.workspace)).json()["location"])


async def install(azure: Azure, cluster: str) -> dict[str, Any]:
    """The extension with an internal router, as this stack sends it; its properties afterwards."""
    router = {"internalLoadBalancer": True, "highlyAvailable": False}
    wanted = InferenceCluster.model_validate({"name": "aks-live", "attach": {"router": router}})
    settings = extension_settings(wanted)
    properties = {"extensionType": "Microsoft.AzureML.Kubernetes", "configurationSettings": settings}
    scope = {"cluster": {"releaseNamespace": "azureml"}}
    path = f"{cluster}/providers/Microsoft.KubernetesConfiguration/extensions/azureml"
    body = {"identity": {"type": "SystemAssigned"}, "properties": properties | {"scope": scope}}
    answer = await azure.done("PUT", path, body, "2023-05-01")
    return dict(answer.json()["properties"])


@pytest.mark.parametrize("actions", [DEPLOYER, SCALER, INVOKER], ids=["deployer", "scaler", "invoker"])
async def test_the_custom_roles_are_taken(azure: Azure, actions: tuple[str, ...]) -> None:
    """Azure knows every action of the roles: it refuses a role with one that it does not know."""
    path = f"{azure.group}/providers/Microsoft.Authorization/roleDefinitions/{uuid.uuid4()}"
    permissions = [{"actions": list(actions), "notActions": []}]
    role = {"roleName": f"live {uuid.uuid4()}", "type": "CustomRole", "permissions": permissions}
    answer = await azure.call("PUT", path, {"properties": role | {"assignableScopes": [azure.group]}}, "2022-04-01")
    assert answer.is_success, answer.text
    assert (await azure.call("DELETE", path, version="2022-04-01")).is_success


async def test_a_compute_is_not_deleted_without_a_word_on_what_is_beneath(azure: Azure) -> None:
    """The parameter that azure-native does not send is asked for, so a compute can't be deleted through it."""
    path = f"{azure.workspace}/computes/live-probe"
    nodes = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1}}
    body = {"location": await place(azure), "properties": {"computeType": "AmlCompute", "properties": nodes}}
    await azure.done("PUT", path, body)
    assert (await azure.call("DELETE", path)).status_code == 400
    assert (await azure.call("DELETE", path, underlyingResourceAction="Delete")).is_success


async def test_an_alert_asks_a_log_that_has_no_rows_yet(azure: Azure) -> None:
    """The error alert's rule is taken with Log Analytics as its scope, also before the first request is logged."""
    condition = {
        "query": f"AmlOnlineEndpointTrafficLog | summarize Failed = countif({FAILED}), Total = count()",
        "metricMeasureColumn": "Failed",
        "timeAggregation": "Maximum",
        "operator": "GreaterThan",
        "threshold": 1,
    }
    properties = {"scopes": [logs_of(azure)], "criteria": {"allOf": [condition]}, "skipQueryValidation": True}
    properties |= {"evaluationFrequency": "PT5M", "windowSize": "PT5M", "severity": 2, "enabled": False}
    path = f"{azure.group}/providers/Microsoft.Insights/scheduledQueryRules/live-probe"
    body = {"location": await place(azure), "kind": "LogAlert", "properties": properties}
    answer = await azure.call("PUT", path, body, "2025-01-01-preview")
    assert answer.is_success, answer.text
    assert (await azure.call("DELETE", path, version="2025-01-01-preview")).is_success


async def test_the_extension_is_installed_with_the_charts_words(azure: Azure, cluster: str) -> None:
    """The extension with an internal router comes up; `kubectl --namespace azureml get service` shows its address."""
    shown = await install(azure, cluster)
    assert shown["provisioningState"] == "Succeeded", shown
    assert shown["configurationSettings"]["scoringFe.serviceType.internalLoadBalancer"] == "true"


async def test_a_kubernetes_endpoint_without_public_access(azure: Azure, cluster: str) -> None:
    """A compute shows the instance types of its body, and an endpoint on it takes `publicNetworkAccess: Disabled`."""
    await install(azure, cluster)
    region, compute = await place(azure), f"{azure.workspace}/computes/live-k8s"
    inner = {"namespace": "default", "instanceTypes": {"small": {"resources": SMALL}}, "defaultInstanceType": "small"}
    properties = {"computeType": "Kubernetes", "resourceId": cluster, "properties": inner}
    body = {"location": region, "identity": {"type": "SystemAssigned"}, "properties": properties}
    shown = (await azure.done("PUT", compute, body)).json()["properties"]
    assert shown["properties"]["instanceTypes"]["small"]["resources"]["limits"]["cpu"] == "1"
    endpoint = f"{azure.workspace}/onlineEndpoints/live-{uuid.uuid4().hex[:8]}"
    wanted = {"authMode": "Key", "compute": compute, "publicNetworkAccess": "Disabled"}
    made = await azure.done("PUT", endpoint, {**body, "properties": wanted | {"traffic": {}, "mirrorTraffic": {}}})
    assert made.json()["properties"]["provisioningState"] == "Succeeded", made.text
    assert (await azure.call("DELETE", endpoint)).is_success


async def test_a_split_is_put_past_the_engine(azure: Azure) -> None:
    """The PUT of `rollout abort` keeps what it does not change, and Azure says since when the endpoint is as it is."""
    path = f"{azure.workspace}/onlineEndpoints/live-{uuid.uuid4().hex[:8]}"
    tags = {"team": "ml", TAG: "none"}
    body = {"location": await place(azure), "identity": {"type": "SystemAssigned"}, "tags": tags}
    made = await azure.done("PUT", path, body | {"properties": {"authMode": "Key", "description": "Disease"}})
    before = made.json()
    answer = await azure.done("PUT", path, with_split(before, Split(), "again"))
    after, told = answer.json(), parsedate_to_datetime(answer.headers["date"])
    assert (await azure.call("DELETE", path)).is_success
    assert (after["tags"], after["properties"]["description"]) == ({"team": "ml", TAG: "again"}, "Disease")
    assert after["properties"]["provisioningState"] == "Succeeded"
    was, changed = (datetime.fromisoformat(one["systemData"]["lastModifiedAt"]) for one in (before, after))
    assert was < changed
    assert abs(told - changed) < timedelta(minutes=5)
