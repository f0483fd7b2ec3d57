"""What a person does in an emergency: set an endpoint's traffic by azure-ai-ml, past the stack.

Usage: by_hand.py RESOURCE_GROUP WORKSPACE ENDPOINT blue=100 green=0
"""

import os
import sys

from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential

if __name__ == "__main__":
    group, workspace, name, *shares = sys.argv[1:]
    client = MLClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], group, workspace)
    endpoint = client.online_endpoints.get(name)
    endpoint.traffic = {key: int(value) for key, _, value in (share.partition("=") for share in shares)}
    client.online_endpoints.begin_create_or_update(endpoint).result()
