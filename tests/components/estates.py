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


def everything() -> dict[str, dict[str, Any]]:
    """Configurations that between them declare every type and use every setting, by name."""
    group = "00000000-0000-0000-0000-0000000000aa"
    rules = {
        "pypi": {"type": "fqdn", "host": "pypi.org"},
        "lake": {"type": "privateEndpoint", "resource": "/subscriptions/s/lake", "subresource": "dfs"},
    }
    firewall = {"control": "firewall", "firewallAddress": "10.20.255.4", "extraHosts": ["api.example.org"]}
    managed_network = {"outbound": "allowOnlyApprovedOutbound", "outboundRules": rules}
    identities = {"ws": {"purpose": "workspace"}, "scoring": {"federated": ["models/scorer"]}}
    closed = private() | config(
        workspace=private()["safe-rollout:workspace"] | {"managedNetwork": managed_network, "identity": "ws"},
        identities={"ws": {"purpose": "workspace"}},
        network=NETWORK | {"egress": {"control": "nsg"}},
        training={"builder": {}, "spare": {"lowPriority": True}},
    )
    own = private() | config(
        workspace=WORKSPACE | {"isolation": "ownVnet", "imageBuildCompute": "builder", "identity": "ws"},
        identities=identities,
        access={"deployers": [{"id": group}], "invokers": [{"id": group, "type": "ServicePrincipal"}]},
        network=NETWORK | {"egress": firewall},
        images={"scoring-image": {"image": "acrtest.azurecr.io/scoring@sha256:" + "9f" * 32}},
        training={"builder": {"subnet": "training"}},
        inferenceCluster=CLUSTER
        | {
            "network": "azureCni",
            "subnet": "nodes",
            "privateApiServer": True,
            "adminGroups": [group],
            "userPools": {"spot": {"size": "Standard_D8s_v5", "spot": True, "min": 1, "max": 3, "maxPods": 30}},
            "attach": {"router": {"internalLoadBalancer": True}},
        },
    )
    legacy = {"loadBalancer": "internal", "loadBalancerSubnet": "lb", "leafDomainLabel": "fraud"}
    old = config(inferenceCluster=CLUSTER | {"network": "kubenet", "attach": {"kind": "legacy", "legacy": legacy}})
    whole = {"cpu": "500m", "memory": "1Gi"}
    gpu = {"requests": whole, "limits": whole | {"gpu": 1}}
    pools = {"gpu": {"size": "Standard_NC24ads_A100_v4", "gpu": True, "min": 0, "max": 2}}
    with_gpus = {"userPools": pools, "attach": {"instanceTypes": {"gpu": gpu | {"nodeSelector": {"pool": "gpu"}}}}}
    blue = BLUE | {"instanceType": "gpu", "resources": gpu}
    kubernetes = {"diabetes": {"kind": "kubernetes", "compute": "aks-inference", "deployments": {"blue": blue}}}
    on_gpus = config(inferenceCluster=CLUSTER | with_gpus, endpoints=kubernetes)
    return {"closed": closed, "own": own, "legacy": old, "kubernetes": on_gpus}
