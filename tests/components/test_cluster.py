"""The inference cluster, how it is attached, and Kubernetes endpoints on it."""

from typing import Any

from tests.components.estates import BLUE, CLUSTER, NETWORK, config
from tests.components.program import run

GROUP = "33333333-3333-3333-3333-333333333333"
GPU = {"userPools": {"gpu": {"size": "Standard_NC24ads_A100_v4", "gpu": True, "min": 0, "max": 2}}}
SMALL = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}}
LARGE = {"requests": {"cpu": "4", "memory": "16Gi", "gpu": 1}, "limits": {"cpu": "8", "memory": "32Gi", "gpu": 1}}
TYPES = {"small": SMALL, "gpu": LARGE | {"nodeSelector": {"pool": "gpu"}}}


def on_kubernetes(**deployment: Any) -> dict[str, Any]:
    """Endpoints: one Kubernetes endpoint on the cluster."""
    blue = BLUE | {"instanceType": "small"} | deployment
    return {"diabetes": {"kind": "kubernetes", "compute": "aks-inference", "deployments": {"blue": blue}}}


def test_the_purpose_gives_pools() -> None:
    """fastProd: three system nodes and three to twelve larger ones over three zones, scaled by the cluster."""
    azure, _ = run(config(inferenceCluster=CLUSTER))
    [system] = azure.of_type("ManagedCluster")["cluster"]["agentPoolProfiles"]
    models = azure.of_type("AgentPool")["cluster-models"]
    assert (system["mode"], system["count"], system["availabilityZones"]) == ("System", 3, ["1", "2", "3"])
    assert (models["mode"], models["agentPoolName"]) == ("User", "models")
    assert (models["enableAutoScaling"], models["minCount"], models["maxCount"]) == (True, 3, 12)


def test_a_small_cluster_does_not_scale() -> None:
    """devTest: one node of each kind, and the router in one pod."""
    azure, _ = run(config(inferenceCluster={"name": "aks-inference"}))
    pools = [
        *azure.of_type("ManagedCluster")["cluster"]["agentPoolProfiles"],
        azure.of_type("AgentPool")["cluster-models"],
    ]
    assert [(pool["count"], pool.get("enableAutoScaling")) for pool in pools] == [(1, None), (1, None)]
    assert azure.of_type("Extension")["attachment-extension"]["configurationSettings"]["inferenceRouterHA"] == "false"


def test_a_gpu_pool_is_tainted() -> None:
    """Only what is Azure ML's lands on a GPU node: its pods tolerate this taint and none of one's own."""
    pools = {"gpu": {"size": "Standard_NC24ads_A100_v4", "gpu": True, "min": 0, "max": 2}}
    azure, _ = run(config(inferenceCluster=CLUSTER | {"userPools": pools}))
    assert azure.of_type("AgentPool")["cluster-gpu"]["nodeTaints"] == ["ml.azure.com/amlarc=true:NoSchedule"]


def test_the_cluster_is_closed_and_watched() -> None:
    """Private API server, Entra with Azure's roles and no local accounts, Container Insights, Defender, upgrades."""
    closed = {"privateApiServer": True, "adminGroups": [GROUP], "defender": True, "upgradeChannel": "patch"}
    closed |= {"attach": {"kind": "none"}}
    azure, _ = run(config(inferenceCluster=CLUSTER | closed))
    cluster = azure.of_type("ManagedCluster")["cluster"]
    assert cluster["apiServerAccessProfile"]["enablePrivateCluster"] is True
    assert cluster["aadProfile"] == {"managed": True, "enableAzureRBAC": True, "adminGroupObjectIDs": [GROUP]}
    assert cluster["disableLocalAccounts"] is True
    assert cluster["addonProfiles"]["omsagent"]["config"]["logAnalyticsWorkspaceResourceID"] == "/mock/base-logs"
    rule = azure.of_type("DataCollectionRule")["cluster-insights"]
    assert rule["destinations"]["logAnalytics"] == [{"name": "ciworkspace", "workspaceResourceId": "/mock/base-logs"}]
    association = azure.of_type("DataCollectionRuleAssociation")["cluster-insights-of"]
    assert association["dataCollectionRuleId"] == "/mock/cluster-insights"
    assert association["resourceUri"] == "/mock/cluster"
    assert cluster["securityProfile"]["defender"]["securityMonitoring"] == {"enabled": True}
    assert cluster["autoUpgradeProfile"] == {"upgradeChannel": "patch", "nodeOSUpgradeChannel": "NodeImage"}
    assert len(azure.of_type("MaintenanceConfiguration")) == 2


def test_a_cluster_in_a_subnet_joins_it_by_an_identity_of_its_own() -> None:
    """Azure CNI takes addresses from the network's subnet, which the cluster's identity may join beforehand."""
    placed = {"network": "azureCni", "subnet": "nodes"}
    azure, _ = run(config(network=NETWORK, inferenceCluster=CLUSTER | placed))
    cluster = azure.of_type("ManagedCluster")["cluster"]
    assert cluster["networkProfile"]["networkPlugin"] == "azure"
    assert "podCidr" not in cluster["networkProfile"]
    assert cluster["identity"]["type"] == "UserAssigned"
    assert cluster["agentPoolProfiles"][0]["vnetSubnetID"] == "/mock/network/subnets/nodes"
    assert azure.of_type("RoleAssignment")["cluster-joins"]["scope"] == "/mock/network/subnets/nodes"


def test_an_attached_cluster_keeps_its_local_accounts() -> None:
    """Azure ML signs in by one, so only a cluster that is not attached loses them; people sign in by Entra in both."""
    azure, _ = run(config(inferenceCluster=CLUSTER | {"adminGroups": [GROUP]}))
    cluster = azure.of_type("ManagedCluster")["cluster"]
    assert cluster["aadProfile"]["adminGroupObjectIDs"] == [GROUP]
    assert "disableLocalAccounts" not in cluster


def test_the_extension_carries_the_router() -> None:
    """TLS, an internal load balancer and node selectors are the extension's settings, as text, and the chart's own."""
    router = {
        "internalLoadBalancer": True,
        "nodeSelector": {"kubernetes.azure.com/os-sku": "Ubuntu"},
        "tls": {"secret": "tls", "cname": "models.example.org"},
    }
    attach = {"namespace": "models", "instanceTypes": TYPES, "defaultInstanceType": "small", "router": router}
    azure, _ = run(config(inferenceCluster=CLUSTER | GPU | {"attach": attach}))
    settings = azure.of_type("Extension")["attachment-extension"]["configurationSettings"]
    assert settings["sslSecret"] == "tls"
    assert settings["allowInsecureConnections"] == "false"
    assert settings["internalLoadBalancerProvider"] == "azure"
    assert settings["scoringFe.serviceType.internalLoadBalancer"] == "true"
    assert settings["scoringFe.sslSecret"] == "tls"
    assert "scoringFe.serviceType.nodePort" not in settings
    assert settings["installNvidiaDevicePlugin"] == "true"
    assert settings["nodeSelector.kubernetes.azure.com/os-sku"] == "Ubuntu"
    assert (settings["clusterId"], settings["cluster_name_friendly"]) == ("/mock/cluster", "aks-inference")
    assert (settings["domain"], settings["relayserver.enabled"]) == ("westeurope.cloudapp.azure.com", "false")
    roles = azure.of_type("RoleAssignment")
    assert roles["attachment-pulls"]["scope"] == "/mock/registry"
    assert roles["attachment-blobs"]["roleDefinitionId"].endswith("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
    properties = azure.of_type("Compute")["attachment"]["properties"]["properties"]
    assert properties["namespace"] == "models"
    resources = properties["instanceTypes"]["gpu"]["resources"]
    assert resources["limits"] == {"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1"}
    assert resources["requests"] == {"cpu": "4", "memory": "16Gi"}


def test_a_router_on_node_ports_says_so_in_the_charts_words() -> None:
    """Without the chart's own value the router would get a public load balancer; no pool has GPUs, so no plugin."""
    attach = {"attach": {"router": {"service": "nodePort"}}}
    azure, _ = run(config(inferenceCluster=CLUSTER | attach))
    settings = azure.of_type("Extension")["attachment-extension"]["configurationSettings"]
    assert settings["scoringFe.serviceType.nodePort"] == "true"
    assert not {"installNvidiaDevicePlugin", "scoringFe.sslSecret"} & settings.keys()


def test_the_v1_attach_stays_possible() -> None:
    """kind legacy makes a compute of type AKS with purpose, load balancer and TLS, and no extension."""
    legacy = {"loadBalancer": "internal", "loadBalancerSubnet": "lb", "leafDomainLabel": "fraud"}
    azure, _ = run(config(inferenceCluster=CLUSTER | {"attach": {"kind": "legacy", "legacy": legacy}}))
    compute = azure.of_type("Compute")["attachment"]["properties"]
    assert (compute["computeType"], compute["properties"]["clusterPurpose"]) == ("AKS", "FastProd")
    assert compute["properties"]["loadBalancerType"] == "InternalLoadBalancer"
    assert compute["properties"]["sslConfiguration"] == {"status": "Auto", "leafDomainLabel": "fraud"}
    assert azure.of_type("Extension") == {}


def test_a_kubernetes_deployment_scales_by_utilization() -> None:
    """The router's limits and target are the deployment's scale settings; its resources are its own."""
    blue = {"autoscale": {"min": 2, "max": 6}, "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    attach = {"attach": {"instanceTypes": TYPES}}
    azure, _ = run(config(inferenceCluster=CLUSTER | GPU | attach, endpoints=on_kubernetes(**blue)))
    properties = azure.of_type("OnlineDeployment")["diabetes-blue"]["properties"]
    assert properties["scaleSettings"] == {
        "scaleType": "TargetUtilization",
        "minInstances": 2,
        "maxInstances": 6,
        "targetUtilizationPercentage": 70,
        "pollingInterval": "PT1S",
    }
    assert properties["containerResourceRequirements"]["containerResourceRequests"] == {"cpu": "500m", "memory": "1Gi"}
    assert (
        azure.of_type("OnlineEndpoint")["diabetes"]["properties"]["compute"] == "/mock/workspace/computes/aks-inference"
    )
    assert azure.of_type("AutoscaleSetting") == {}


def test_a_service_account_can_be_an_identity() -> None:
    """A federated credential names the cluster's issuer and the account."""
    azure, _ = run(config(inferenceCluster=CLUSTER, identities={"scoring": {"federated": ["models/scorer"]}}))
    credential = azure.of_type("FederatedIdentityCredential")["identities-scoring-models-scorer"]
    assert credential["subject"] == "system:serviceaccount:models:scorer"
