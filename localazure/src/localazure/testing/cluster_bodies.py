"""Bodies of clusters, extensions and Kubernetes computes, and a workspace that has one attached."""

from typing import Any

from localazure.testing.client import LOCATION, Arm

SYSTEM: dict[str, Any] = {"name": "system", "mode": "System", "vmSize": "Standard_D4s_v5", "count": 3}
SMALL: dict[str, Any] = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}}
TYPES = {"small": {"resources": SMALL}}


def cluster(arm: Arm) -> str:
    """The id of the cluster."""
    return arm.of("Microsoft.ContainerService/managedClusters", "aks")


def extension(arm: Arm) -> str:
    """The id of the Azure ML extension."""
    return f"{cluster(arm)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml"


def compute(arm: Arm, name: str = "k8s") -> str:
    """The id of a compute."""
    return f"{arm.workspace}/computes/{name}"


def cluster_body(**properties: Any) -> dict[str, Any]:
    """A PUT of a cluster with one system pool."""
    plain = {"dnsPrefix": "aks", "agentPoolProfiles": [SYSTEM], "oidcIssuerProfile": {"enabled": True}}
    return {"location": LOCATION, "identity": {"type": "SystemAssigned"}, "properties": {**plain, **properties}}


def extension_body(**settings: str) -> dict[str, Any]:
    """A PUT of the Azure ML extension."""
    plain = {
        "enableInference": "true",
        "inferenceRouterServiceType": "loadBalancer",
        "allowInsecureConnections": "true",
    }
    properties = {"extensionType": "Microsoft.AzureML.Kubernetes", "configurationSettings": {**plain, **settings}}
    return {"identity": {"type": "SystemAssigned"}, "properties": properties}


def compute_body(arm: Arm, **properties: Any) -> dict[str, Any]:
    """A PUT of a Kubernetes compute."""
    inner = {"namespace": "models", "defaultInstanceType": "small", "instanceTypes": TYPES, **properties}
    whole = {"computeType": "Kubernetes", "resourceId": cluster(arm), "properties": inner}
    return {"location": LOCATION, "identity": {"type": "SystemAssigned"}, "properties": whole}


async def attach(arm: Arm) -> None:
    """Make the cluster, its extension and the compute k8s."""
    for path, body in (
        (cluster(arm), cluster_body()),
        (extension(arm), extension_body()),
        (compute(arm), compute_body(arm)),
    ):
        answer = await arm.done("PUT", path, body)
        assert answer.json()["properties"]["provisioningState"] == "Succeeded", answer.text


async def refusal(arm: Arm, path: str, body: Any, method: str = "PUT", **query: str) -> str:
    """The message of a request that must be refused, its code before it."""
    answer = await arm.call(method, path, body, **query)
    assert 400 <= answer.status_code < 500, answer.text
    return f"{answer.json()['error']['code']}: {answer.json()['error']['message']}"
