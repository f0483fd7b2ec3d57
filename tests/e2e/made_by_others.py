"""Endpoints as the stock azure-ai-ml makes them, one with every property that it can set; run as a program.

`made_by_others.py WHAT FOLDER MODEL ENVIRONMENT CODE`: `everything`, `usual` or `article`; FOLDER holds a model, code
and a conda file. Uses the workspace that AZURE_ML_GROUP and AZURE_ML_WORKSPACE name.
"""

import os
import sys
from pathlib import Path

from azure.ai.ml import MLClient
from azure.ai.ml.entities import (
    CodeConfiguration,
    DataCollector,
    DeploymentCollection,
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    OnlineRequestSettings,
    ProbeSettings,
    RequestLogging,
)
from azure.identity import DefaultAzureCredential

PROBE = {"failure_threshold": 25, "success_threshold": 2, "timeout": 3, "period": 15, "initial_delay": 20}


def usual(client: MLClient, model: str, environment: str, code: str) -> None:
    """As a quick start has it: what is not named stays at its default."""
    name = "usual"
    endpoints, deployments = client.online_endpoints, client.online_deployments
    endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=name, auth_mode="key")).result()
    for deployment in ("blue", "green"):
        one = ManagedOnlineDeployment(
            name=deployment,
            endpoint_name=name,
            model=model,
            environment=environment,
            code_configuration=CodeConfiguration(code=code, scoring_script="score.py"),
            instance_type="Standard_DS3_v2",
            instance_count=1,
        )
        deployments.begin_create_or_update(one).result()
    _traffic(client, name, {"blue": 100})


def everything(client: MLClient, model: str, environment: str, code: str) -> None:
    """Every property of an endpoint and of a deployment that a stack file says, or that stays as it is."""
    name = "everything"
    endpoint = ManagedOnlineEndpoint(
        name=name,
        auth_mode="aml_token",
        description="Risk: 1.10",
        tags={"owner": "data science", "costCenter": "0815", "a.b": "true"},
        properties={"ours": "1"},
        public_network_access="disabled",
    )
    client.online_endpoints.begin_create_or_update(endpoint).result()
    blue = ManagedOnlineDeployment(
        name="blue",
        endpoint_name=name,
        description="the first",
        tags={"version": "1.10", "x": "yes"},
        properties={"azureml.note": "kept", "team": "risk"},
        model=model,
        environment=environment,
        code_configuration=CodeConfiguration(code=code, scoring_script="score.py"),
        environment_variables={"LIMIT": "007", "MODE": "fast", "WORKER_COUNT": "3", "FLAG": "true"},
        app_insights_enabled=True,
        instance_type="Standard_DS3_v2",
        instance_count=3,
        request_settings=OnlineRequestSettings(
            max_concurrent_requests_per_instance=3, request_timeout_ms=12_500, max_queue_wait_ms=750
        ),
        liveness_probe=ProbeSettings(**PROBE),
        readiness_probe=ProbeSettings(**PROBE | {"period": 9}),
        egress_public_network_access="enabled",
        model_mount_path="/var/models",
        data_collector=DataCollector(
            collections={
                "model_inputs": DeploymentCollection(enabled="true"),
                "model_outputs": DeploymentCollection(enabled="true"),
            },
            rolling_rate="minute",
            sampling_rate=0.25,
            request_logging=RequestLogging(capture_headers=["x-request-id"]),
        ),
    )
    client.online_deployments.begin_create_or_update(blue).result()
    _traffic(client, name, {"blue": 100})


def article(client: MLClient, folder: Path) -> None:
    """Assets of local paths, as the articles and azureml-examples have them."""
    name = "article"
    client.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=name)).result()
    blue = ManagedOnlineDeployment(
        name="blue",
        endpoint_name=name,
        model=Model(path=str(folder / "model")),
        environment=Environment(image="mcr.microsoft.com/base:1", conda_file=str(folder / "conda.yaml")),
        code_configuration=CodeConfiguration(code=str(folder / "code"), scoring_script="score.py"),
        instance_type="Standard_DS3_v2",
        instance_count=1,
    )
    client.online_deployments.begin_create_or_update(blue).result()
    _traffic(client, name, {"blue": 100})


def _traffic(client: MLClient, name: str, traffic: dict[str, int]) -> None:
    endpoint = client.online_endpoints.get(name)
    endpoint.traffic = traffic
    client.online_endpoints.begin_create_or_update(endpoint).result()


def main() -> None:
    """Make what the command line asks for."""
    what, folder, model, environment, code = sys.argv[1:]
    client = MLClient(
        DefaultAzureCredential(),
        os.environ["AZURE_SUBSCRIPTION_ID"],
        os.environ["AZURE_ML_GROUP"],
        os.environ["AZURE_ML_WORKSPACE"],
    )
    if what == "article":
        article(client, Path(folder))
    else:
        {"usual": usual, "everything": everything}[what](client, model, environment, code)


if __name__ == "__main__":
    main()
