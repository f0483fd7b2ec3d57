"""The life of an endpoint with azure-mgmt-machinelearningservices, the generated client; run as a program."""

import json
import os
import sys

from azure.identity import DefaultAzureCredential
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient, models

WHERE = ("rg", "ws")
NAME = "mgmt-endpoint"


def life() -> dict[str, object]:
    """Create, read, list, keys, delete; what each gave."""
    arm = os.environ["AZURE_AUTHORITY_HOST"]
    client = MachineLearningServicesMgmtClient(
        DefaultAzureCredential(),
        os.environ["AZURE_SUBSCRIPTION_ID"],
        base_url=arm,
        credential_scopes=[f"{arm}/.default"],
    )
    endpoints = client.online_endpoints
    body = models.OnlineEndpoint(
        location="westeurope",
        identity=models.ManagedServiceIdentity(type="SystemAssigned"),
        properties=models.OnlineEndpointProperties(auth_mode="Key", traffic={}),
    )
    made = endpoints.begin_create_or_update(*WHERE, NAME, body).result()
    told: dict[str, object] = {"state": made.properties.provisioning_state, "uri": made.properties.scoring_uri}
    told["listed"] = [each.name for each in endpoints.list(*WHERE)]
    told["keys"] = len({endpoints.list_keys(*WHERE, NAME).primary_key, endpoints.list_keys(*WHERE, NAME).secondary_key})
    told["workspace"] = client.workspaces.get(*WHERE).name
    told["deployments"] = [each.name for each in client.online_deployments.list(*WHERE, NAME)]
    endpoints.begin_delete(*WHERE, NAME).result()
    told["left"] = [each.name for each in endpoints.list(*WHERE)]
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(life()))
