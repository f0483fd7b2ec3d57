"""What a person does past the stack, by azure-ai-ml: set an endpoint's traffic in an emergency, or delete it.

Usage: by_hand.py RESOURCE_GROUP WORKSPACE ENDPOINT blue=100 green=0
       by_hand.py RESOURCE_GROUP WORKSPACE ENDPOINT delete
"""

import os
import sys

from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential

if __name__ == "__main__":
    group, workspace, name, *shares = sys.argv[1:]
    client = MLClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], group, workspace)
    if shares == ["delete"]:
        client.online_endpoints.begin_delete(name).result()
        sys.exit()
    endpoint = client.online_endpoints.get(name)
    endpoint.traffic = {key: int(value) for key, _, value in (share.partition("=") for share in shares)}
    client.online_endpoints.begin_create_or_update(endpoint).result()
