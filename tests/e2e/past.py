"""Requests to the local Azure past the stack, as other people and services make them."""

from contextlib import closing

import httpx2
from localazure.client import Ready

from ops.local.view import trusting


def client(ready: Ready) -> httpx2.Client:
    """A client of ARM that has signed in; to be closed by who asked for it."""
    wanted = {"grant_type": "client_credentials", "client_id": ready.client_id, "client_secret": ready.client_secret}
    arm = httpx2.Client(base_url=ready.arm, verify=trusting(ready), trust_env=False)
    answer = arm.post(f"/{ready.tenant_id}/oauth2/token", data={**wanted, "scope": f"{ready.arm}/.default"})
    arm.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return arm


def relabel_deployments(ready: Ready, group: str, workspace: str, endpoint: str) -> None:
    """An operation on each deployment that changes only what is Azure's own, as studio or an autoscaler make them."""
    place = f"/subscriptions/{ready.subscription_id}/resourceGroups/{group}/providers"
    path = f"{place}/Microsoft.MachineLearningServices/workspaces/{workspace}/onlineEndpoints/{endpoint}/deployments"
    version = {"api-version": "2025-12-01"}
    with closing(client(ready)) as arm:
        for deployment in arm.get(path, params=version).json()["value"]:
            one = f"{path}/{deployment['name']}"
            before = deployment["properties"]["properties"]
            answer = arm.patch(one, params=version, json={"tags": deployment.get("tags") or {}})
            assert answer.status_code == 202, answer.text
            while (shown := arm.get(one, params=version).json()["properties"])["provisioningState"] != "Succeeded":
                pass
            assert shown["properties"] != before
