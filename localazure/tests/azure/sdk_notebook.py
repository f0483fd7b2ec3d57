"""The steps of Microsoft's safe-rollout notebook, one after the other, with the stock azure-ai-ml; run as a program.

Source: azureml-examples, online-endpoints-safe-rollout.ipynb of the SDK's managed endpoints. No step waits or tries
again, as the notebook does not. `python sdk_notebook.py FOLDER`: the folder holds model-1, model-2 (one file each),
code, conda.yml and request.json. Prints one JSON object.
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
)
from azure.identity import DefaultAzureCredential

ENDPOINT = "endpoint-11251300123456"


def deployment(name: str, folder: Path, model: str, size: str) -> ManagedOnlineDeployment:
    """Model, environment and code are local paths, of which the SDK registers versions without names of their own."""
    return ManagedOnlineDeployment(
        name=name,
        endpoint_name=ENDPOINT,
        model=Model(path=str(folder / model / "model.txt")),
        environment=Environment(conda_file=str(folder / "conda.yml"), image="mcr.microsoft.com/base:1"),
        code_configuration=CodeConfiguration(code=str(folder / "code"), scoring_script="score.py"),
        instance_type=size,
        instance_count=1,
    )


def run(client: MLClient, folder: Path) -> dict[str, Any]:
    """What the cells show."""
    told: dict[str, Any] = {}
    request = str(folder / "request.json")

    def invoke(**more: str) -> Any:
        return json.loads(client.online_endpoints.invoke(endpoint_name=ENDPOINT, request_file=request, **more))

    endpoint = ManagedOnlineEndpoint(name=ENDPOINT, description="a sample", auth_mode="key", tags={"foo": "bar"})
    client.begin_create_or_update(endpoint).result()
    client.begin_create_or_update(deployment("blue", folder, "model-1", "Standard_DS2_v2")).result()
    endpoint.traffic = {"blue": 100}
    client.begin_create_or_update(endpoint).result()
    told["blue"] = invoke(deployment_name="blue")
    blue = client.online_deployments.get(name="blue", endpoint_name=ENDPOINT)
    blue.instance_count = 2
    told["scaled"] = client.online_deployments.begin_create_or_update(blue).result().instance_count
    endpoint = client.online_endpoints.get(name=ENDPOINT)
    told["traffic"], told["uri"] = endpoint.traffic, endpoint.scoring_uri
    client.begin_create_or_update(deployment("green", folder, "model-2", "Standard_F2s_v2")).result()
    told["green"] = invoke(deployment_name="green")
    endpoint.mirror_traffic = {"green": 10}
    client.begin_create_or_update(endpoint).result()
    told["while mirrored"] = sorted({invoke()["model"] for _ in range(20)})
    endpoint.mirror_traffic = {"green": 0}
    client.begin_create_or_update(endpoint).result()
    endpoint.traffic = {"blue": 90, "green": 10}
    client.begin_create_or_update(endpoint).result()
    endpoint.traffic = {"blue": 0, "green": 100}
    client.begin_create_or_update(endpoint).result()
    client.online_deployments.begin_delete(name="blue", endpoint_name=ENDPOINT).result()
    told["left"] = [each.name for each in client.online_deployments.list(ENDPOINT)]
    client.online_endpoints.begin_delete(name=ENDPOINT).result()
    told["endpoints"] = [each.name for each in client.online_endpoints.list()]
    return told


if __name__ == "__main__":
    ml = MLClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], "rg", "ws")
    sys.stdout.write(json.dumps(run(ml, Path(sys.argv[1]))))
