"""Token endpoints with the stock azure-ai-ml, and metrics with azure-mgmt-monitor; run as a program.

`python sdk_tokens.py FOLDER`: the folder holds model1, code and conda.yaml. Prints one JSON object.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from azure.ai.ml import MLClient
from azure.ai.ml.entities import (
    CodeConfiguration,
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    OnlineRequestSettings,
)
from azure.identity import DefaultAzureCredential
from azure.mgmt.monitor import MonitorManagementClient
from sdk_rollout import score

MODES = {"aml-endpoint": "aml_token", "aad-endpoint": "aad_token"}
NAMES = "RequestsPerMinute,RequestLatency,RequestLatency_P50,RequestLatency_P99"


def made(client: MLClient, name: str, auth: str, folder: Path) -> str:
    """An endpoint whose deployment blue has all traffic; its scoring URI."""
    endpoints = client.online_endpoints
    endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=name, auth_mode=auth)).result()
    blue = ManagedOnlineDeployment(
        name="blue",
        endpoint_name=name,
        model=Model(path=str(folder / "model1")),
        environment=Environment(image="mcr.microsoft.com/base:1", conda_file=str(folder / "conda.yaml")),
        code_configuration=CodeConfiguration(code=str(folder / "code"), scoring_script="score.py"),
        instance_type="Standard_DS3_v2",
        instance_count=1,
        request_settings=OnlineRequestSettings(max_concurrent_requests_per_instance=4, request_timeout_ms=10_000),
    )
    client.online_deployments.begin_create_or_update(blue).result()
    endpoint = endpoints.get(name)
    endpoint.traffic = {"blue": 100}
    endpoints.begin_create_or_update(endpoint).result()
    return str(endpoint.scoring_uri)


def measured(client: MonitorManagementClient, endpoint: str, deployment: str) -> dict[str, Any]:
    """The newest value of each metric of a deployment, None where there is no series."""
    found = client.metrics.list(
        endpoint, timespan="PT2M", interval="PT1M", metricnames=NAMES, filter=f"deployment eq '{deployment}'"
    )
    told: dict[str, Any] = {}
    for metric in found.value:
        points = [point.average for series in metric.timeseries for point in series.data if point.average is not None]
        told[metric.name.value] = points[-1] if points else None
        assert str(metric.unit) in {"Count", "MilliSeconds"}
    return told


def run(folder: Path) -> dict[str, Any]:
    """What each step gave."""
    arm, credential = os.environ["AZURE_AUTHORITY_HOST"], DefaultAzureCredential()
    subscription = os.environ["AZURE_SUBSCRIPTION_ID"]
    client = MLClient(credential, subscription, "rg", "ws")
    monitor = MonitorManagementClient(credential, subscription, base_url=arm, credential_scopes=[f"{arm}/.default"])
    uris = {name: made(client, name, auth, folder) for name, auth in MODES.items()}
    tokens = {name: client.online_endpoints.get_keys(name).access_token for name in MODES}
    told: dict[str, Any] = {name: score(uris[name], tokens[name]) for name in MODES}
    told["other"] = [
        score(uris["aml-endpoint"], tokens["aad-endpoint"]),
        score(uris["aad-endpoint"], tokens["aml-endpoint"]),
    ]
    told["entra"] = score(uris["aad-endpoint"], credential.get_token("https://ml.azure.com/.default").token)
    told["no token"] = score(uris["aad-endpoint"], "none")
    endpoint = client.online_endpoints.get("aad-endpoint").id
    told["measured"] = measured(monitor, endpoint, "blue")
    told["not measured"] = measured(monitor, endpoint, "green")
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]))))
