"""Microsoft's safe-rollout article with the stock azure-ai-ml, by environment variables alone; run as a program.

`python sdk_rollout.py FOLDER`: the folder holds model1, model2, code and conda.yaml. Prints one JSON object.
"""

import json
import os
import sys
import urllib.error
import urllib.request
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

ENDPOINT = "sdk-endpoint"


def deployment(name: str, model: Model | str, environment: Environment | str, code: Path) -> ManagedOnlineDeployment:
    """A deployment of the endpoint."""
    return ManagedOnlineDeployment(
        name=name,
        endpoint_name=ENDPOINT,
        model=model,
        environment=environment,
        code_configuration=CodeConfiguration(code=str(code), scoring_script="score.py"),
        instance_type="Standard_DS3_v2",
        instance_count=1,
        request_settings=OnlineRequestSettings(max_concurrent_requests_per_instance=4, request_timeout_ms=10_000),
    )


def score(uri: str, key: str, name: str = "") -> dict[str, Any]:
    """What the endpoint answers; `{"status": …}` for an error. Not by invoke(), which keeps a deployment's name."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    if name:
        headers["azureml-model-deployment"] = name
    request = urllib.request.Request(uri, b"{}", headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            body: dict[str, Any] = json.load(answer)
            return body
    except urllib.error.HTTPError as error:
        return {"status": error.code}


def rollout(client: MLClient, folder: Path) -> dict[str, Any]:
    """The article, step by step; what each step gave."""
    told: dict[str, Any] = {}
    code = folder / "code"
    endpoints, deployments = client.online_endpoints, client.online_deployments
    model = client.models.create_or_update(Model(path=str(folder / "model1"), name="m", version="1"))
    environment = client.environments.create_or_update(
        Environment(name="e", version="1", image="mcr.microsoft.com/base:1", conda_file=str(folder / "conda.yaml"))
    )
    endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=ENDPOINT, auth_mode="key")).result()
    blue = deployment("blue", f"{model.name}:1", f"{environment.name}:1", code)
    deployments.begin_create_or_update(blue).result()
    endpoint = endpoints.get(ENDPOINT)
    key = endpoints.get_keys(ENDPOINT).primary_key
    told["no traffic"] = score(endpoint.scoring_uri, key)
    told["by name"] = score(endpoint.scoring_uri, key, "blue")
    endpoint.traffic = {"blue": 100}
    told["traffic"] = endpoints.begin_create_or_update(endpoint).result().traffic
    told["blue"] = score(endpoint.scoring_uri, key)
    # a model, and an environment, of local paths, as the article's second deployment has them
    local = Environment(image="mcr.microsoft.com/base:1", conda_file=str(folder / "conda.yaml"))
    green = deployment("green", Model(path=str(folder / "model2")), local, code)
    deployments.begin_create_or_update(green).result()
    told["green by name"] = score(endpoint.scoring_uri, key, "green")
    endpoint.traffic, endpoint.mirror_traffic = {"blue": 100}, {"green": 10}
    endpoints.begin_create_or_update(endpoint).result()
    endpoint.traffic, endpoint.mirror_traffic = {"blue": 0, "green": 100}, {}
    endpoints.begin_create_or_update(endpoint).result()
    told["green"] = score(endpoint.scoring_uri, key)
    told["listed"] = sorted(each.name for each in deployments.list(ENDPOINT))
    told["logs"] = deployments.get_logs("green", ENDPOINT, lines=50)
    endpoints.begin_regenerate_keys(ENDPOINT, key_type="primary").result()
    told["old key"] = score(endpoint.scoring_uri, key)
    told["new key"] = score(endpoint.scoring_uri, endpoints.get_keys(ENDPOINT).primary_key)
    deployments.begin_delete("blue", ENDPOINT).result()
    told["left"] = [each.name for each in deployments.list(ENDPOINT)]
    endpoints.begin_delete(ENDPOINT).result()
    told["endpoints"] = [each.name for each in endpoints.list()]
    return told


if __name__ == "__main__":
    ml = MLClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], "rg", "ws")
    sys.stdout.write(json.dumps(rollout(ml, Path(sys.argv[1]))))
