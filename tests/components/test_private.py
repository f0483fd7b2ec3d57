"""Private estates: the workspace's isolation, the network, private access, and what follows from them."""

from typing import Any

import pulumi
import pytest

from tests.components.estates import NETWORK, PREMIUM, WORKSPACE, config, managed, private
from tests.components.program import run


def test_a_public_workspace_has_no_network() -> None:
    """Without a word about isolation nothing is closed and no network is declared."""
    azure, _ = run({})
    assert azure.of_type("Workspace")["workspace"]["publicNetworkAccess"] == "Enabled"
    assert "managedNetwork" not in azure.of_type("Workspace")["workspace"]
    assert azure.of_type("VirtualNetwork") == {}


def test_a_managed_network_is_provisioned_with_its_workspace() -> None:
    """The workspace carries its isolation mode and asks for the network at once; rules are made after it."""
    rules = {
        "pypi": {"type": "fqdn", "host": "pypi.org"},
        "tags": {"type": "serviceTag", "serviceTag": "AzureMonitor", "ports": "443"},
        "lake": {"type": "privateEndpoint", "resource": "/subscriptions/s/lake", "subresource": "dfs"},
    }
    network = {"outbound": "allowOnlyApprovedOutbound", "outboundRules": rules}
    azure, _ = run(private() | config(workspace=private()["safe-rollout:workspace"] | {"managedNetwork": network}))
    workspace = azure.of_type("Workspace")["workspace"]
    assert workspace["managedNetwork"]["isolationMode"] == "AllowOnlyApprovedOutbound"
    assert workspace["managedNetwork"]["firewallSku"] == "Standard"
    assert workspace["provisionNetworkNow"] is True
    made = azure.of_type("ManagedNetworkSettingsRule")
    assert made["workspace-pypi"]["properties"] == {
        "type": "FQDN",
        "category": "UserDefined",
        "destination": "pypi.org",
    }
    assert made["workspace-tags"]["properties"]["destination"]["serviceTag"] == "AzureMonitor"
    assert made["workspace-lake"]["properties"]["destination"]["subresourceTarget"] == "dfs"


def test_a_private_estate_is_closed_and_reached_by_private_endpoints() -> None:
    """Workspace, storage, vault and registry refuse public networks; each has its private endpoint and DNS zone."""
    azure, _ = run(private() | config(endpoints=managed(instanceCount=1)))
    assert azure.of_type("Workspace")["workspace"]["publicNetworkAccess"] == "Disabled"
    assert azure.of_type("StorageAccount")["base-storage"]["networkRuleSet"]["defaultAction"] == "Deny"
    assert azure.of_type("Vault")["base-vault"]["properties"]["publicNetworkAccess"] == "Disabled"
    assert azure.of_type("Registry")["registry"]["publicNetworkAccess"] == "Disabled"
    assert azure.of_type("OnlineEndpoint")["diabetes"]["properties"]["publicNetworkAccess"] == "Disabled"
    groups = {name: groups_of(inputs) for name, inputs in azure.of_type("PrivateEndpoint").items()}
    assert groups == {
        "private-access-blob": ["blob"],
        "private-access-file": ["file"],
        "private-access-registry": ["registry"],
        "private-access-vault": ["vault"],
        "private-access-workspace": ["amlworkspace"],
    }
    assert len(azure.of_type("PrivateZone")) == len(azure.of_type("VirtualNetworkLink")) == 6


def groups_of(endpoint: Any) -> list[str]:
    """The private link group of an endpoint's one connection."""
    groups: list[str] = endpoint["privateLinkServiceConnections"][0]["groupIds"]
    return groups


def test_a_hub_may_own_the_zones() -> None:
    """With privateDnsZones none there are endpoints, and neither zones nor groups."""
    azure, _ = run(private() | config(network=NETWORK | {"privateDnsZones": "none"}))
    assert len(azure.of_type("PrivateEndpoint")) == 5
    assert azure.of_type("PrivateZone") == azure.of_type("PrivateDnsZoneGroup") == {}


def test_training_nodes_of_a_private_workspace_have_no_public_address() -> None:
    """The cluster comes down to nothing when idle, opens no port, and follows the workspace's isolation."""
    azure, _ = run(private())
    nodes = azure.of_type("Compute")["builder"]["properties"]["properties"]
    assert nodes["enableNodePublicIp"] is False
    assert nodes["scaleSettings"] == {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    assert nodes["remoteLoginPortPublicAccess"] == "Disabled"


def test_a_network_security_group_allows_tags_and_no_internet() -> None:
    """With egress nsg each subnet carries a group that allows the services' tags and denies the rest."""
    azure, _ = run(private() | config(network=NETWORK | {"egress": {"control": "nsg"}}))
    rules = azure.of_type("NetworkSecurityGroup")["network-nsg"]["securityRules"]
    assert {"AzureMachineLearning", "Storage", "AzureActiveDirectory"} <= {r["destinationAddressPrefix"] for r in rules}
    outbound = [rule for rule in rules if rule["direction"] == "Outbound"]
    assert (outbound[-1]["access"], outbound[-1]["destinationAddressPrefix"]) == ("Deny", "Internet")
    assert outbound[-1]["priority"] == max(rule["priority"] for rule in outbound)
    assert len({(rule["direction"], rule["priority"]) for rule in rules}) == len(rules)
    subnets = azure.of_type("VirtualNetwork")["network"]["subnets"]
    assert all(subnet["networkSecurityGroup"]["id"] == "/mock/network-nsg" for subnet in subnets)


@pytest.mark.parametrize(
    ("router", "ports"),
    [
        ({}, ["80"]),
        ({"tls": {"secret": "tls", "cname": "models.example.org"}}, ["443"]),
        ({"internalLoadBalancer": True}, []),
        ({"service": "clusterIP"}, []),
    ],
)
def test_a_public_router_stays_reachable_behind_the_group(router: dict[str, Any], ports: list[str]) -> None:
    """A group closes all that comes from the internet, so it opens the router's port, where the router is public."""
    network = {"addressSpace": ["10.20.0.0/16"], "subnets": {"nodes": "10.20.0.0/20"}, "egress": {"control": "nsg"}}
    cluster = {"name": "aks-inference", "subnet": "nodes", "attach": {"router": router}}
    azure, _ = run(config(network=network, inferenceCluster=cluster))
    rules = azure.of_type("NetworkSecurityGroup")["network-nsg"]["securityRules"]
    inbound = {rule["sourceAddressPrefix"]: rule["destinationPortRange"] for rule in rules if "from" in rule["name"]}
    assert inbound == {"10.244.0.0/16": "*"}
    assert [rule["destinationPortRange"] for rule in rules if rule["sourceAddressPrefix"] == "Internet"] == ports


def test_another_cloud_has_its_own_zones() -> None:
    """The zones of Azure Government and of Azure in China are theirs, as the regions' names say."""
    found = {}
    for location in ("usgovvirginia", "chinanorth3"):
        azure, _ = run(private() | {"azure-native:location": location})
        found[location] = sorted(zone["privateZoneName"] for zone in azure.of_type("PrivateZone").values())
    assert found["usgovvirginia"] == [
        "privatelink.api.ml.azure.us",
        "privatelink.azurecr.us",
        "privatelink.blob.core.usgovcloudapi.net",
        "privatelink.file.core.usgovcloudapi.net",
        "privatelink.notebooks.usgovcloudapi.net",
        "privatelink.vaultcore.usgovcloudapi.net",
    ]
    assert all(zone.endswith(".cn") for zone in found["chinanorth3"])


def test_production_without_zones_has_local_storage() -> None:
    """Zone-redundant storage is asked for only where there are zones."""
    skus = []
    for location in ("westeurope", "westus"):
        azure, _ = run(config(production=True) | {"azure-native:location": location})
        skus.append(azure.of_type("StorageAccount")["base-storage"]["sku"]["name"])
    assert skus == ["Standard_ZRS", "Standard_LRS"]


def test_a_firewall_policy_names_every_host() -> None:
    """With egress firewall the hosts are application rules, and the route sends everything through the firewall."""
    egress = {"control": "firewall", "firewallAddress": "10.0.0.4", "extraHosts": ["api.example.org"]}
    azure, _ = run(private() | config(network=NETWORK | {"egress": egress}))
    collection = azure.of_type("FirewallPolicyRuleCollectionGroup")["network-policy-rules"]["ruleCollections"][0]
    hosts = [rule["targetFqdns"][0] for rule in collection["rules"]]
    assert {"api.example.org", "mcr.microsoft.com", "acrtest.azurecr.io"} <= set(hosts)
    assert azure.of_type("RouteTable")["network-routes"]["routes"][0]["nextHopIpAddress"] == "10.0.0.4"


def test_an_own_network_needs_no_managed_one() -> None:
    """ownVnet closes the workspace too, without a managed network."""
    closed = WORKSPACE | {"isolation": "ownVnet", "imageBuildCompute": "builder"}
    training = {"builder": {"subnet": "training"}}
    network = NETWORK | {"egress": {"control": "firewall", "firewallAddress": "10.20.255.4"}}
    azure, _ = run(config(workspace=closed, registry=PREMIUM, network=network, training=training))
    assert "managedNetwork" not in azure.of_type("Workspace")["workspace"]
    nodes = azure.of_type("Compute")["builder"]["properties"]["properties"]
    assert nodes["subnet"]["id"] == "/mock/network/subnets/training"


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        (
            {
                "workspace": WORKSPACE | {"isolation": "managedVnet", "imageBuildCompute": "cpu"},
                "training": {"cpu": {}},
            },
            "R105",
        ),
        ({"network": NETWORK | {"subnets": {"endpoints": "10.20.0.0/29"}}}, "R144"),
        ({"inferenceCluster": {"name": "aks", "location": "northeurope"}}, "R095"),
        ({"inferenceCluster": {"name": "aks", "userPools": {"gpu": {"size": "Standard_D4s_v5", "gpu": True}}}}, "R151"),
    ],
)
def test_a_contradiction_stops_the_program(sections: dict[str, Any], code: str) -> None:
    """What cannot stand together is refused before any resource, by its rule."""
    with pytest.raises(pulumi.RunError, match=f"nothing was touched:\n +{code} "):
        run(config(**sections))
