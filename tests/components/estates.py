"""Configurations of estates, for several tests."""

from typing import Any

BLUE: dict[str, Any] = {
    "model": "azureml:diabetes-ridge:1",
    "environment": "azureml:scoring:3",
    "code": "azureml:scoring-code:9f2c41",
    "instanceType": "Standard_DS3_v2",
}
CLUSTER: dict[str, Any] = {"name": "aks-inference", "purpose": "fastProd"}
NETWORK: dict[str, Any] = {
    "addressSpace": ["10.20.0.0/16"],
    "subnets": {"endpoints": "10.20.0.0/24", "nodes": "10.20.16.0/20", "training": "10.20.1.0/24"},
    "endpointSubnet": "endpoints",
}
WORKSPACE: dict[str, Any] = {"name": "ws-test", "resourceGroup": "rg-test"}
PREMIUM: dict[str, Any] = {"name": "acrtest", "sku": "premium"}


def config(**sections: Any) -> dict[str, Any]:
    """Configuration with these sections, each under the project's namespace."""
    return {f"safe-rollout:{name}": value for name, value in sections.items()}


def managed(**deployment: Any) -> dict[str, Any]:
    """Endpoints: one managed endpoint, diabetes, with the deployment blue."""
    return {"diabetes": {"deployments": {"blue": BLUE | deployment}}}


def private() -> dict[str, Any]:
    """A workspace in a managed network, closed to public networks, reached through the stack's own network."""
    closed = WORKSPACE | {"isolation": "managedVnet", "imageBuildCompute": "builder"}
    return config(workspace=closed, registry=PREMIUM, network=NETWORK, training={"builder": {}})
