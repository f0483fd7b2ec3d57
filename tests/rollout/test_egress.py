"""The hosts that a stack's nodes must reach."""

from typing import Any

from rollout.egress import hosts, openings, tags
from settings.load import from_config
from settings.names import storage_account
from settings.stack import Stack

LEGACY = {"kind": "legacy", "legacy": {"leafDomainLabel": "fraud"}}


def stack(**sections: Any) -> Stack:
    """A small stack with these sections."""
    base = {"workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"}, "registry": {"name": "AcrDev01"}}
    return from_config({"azure-native:location": "westeurope", **base, **sections})


def test_a_cluster_has_the_whole_list_of_the_article() -> None:
    """Each of the eight hosts of the AKS inference article is there, with region, registry and account filled in."""
    wanted = stack(inferenceCluster={"name": "aks", "attach": LEGACY})
    account = storage_account(wanted.workspace)
    found = [host.host for host in hosts(wanted)]
    assert found[:8] == [
        "*.hcp.westeurope.azmk8s.io",
        "mcr.microsoft.com",
        "acrdev01.azurecr.io",
        f"{account}.table.core.windows.net",
        f"{account}.blob.core.windows.net",
        "api.azureml.ms",
        "ingest-viennawesteurope.kusto.windows.net",
        "fraud*.westeurope.cloudapp.azure.com",
    ]


def test_each_host_is_named_once() -> None:
    """A host that is on two lists stands under the first."""
    found = [host.host for host in hosts(stack(inferenceCluster={"name": "aks"}))]
    assert len(found) == len(set(found))


def test_without_a_cluster_only_the_workspace_needs_hosts() -> None:
    """No AKS host is asked for where there is no cluster; what the models call is added."""
    network = {"addressSpace": ["10.0.0.0/16"], "subnets": {}, "egress": {"extraHosts": ["api.example.org"]}}
    found = [host.host for host in hosts(stack(network=network))]
    assert not [host for host in found if "azmk8s" in host]
    assert found[-1] == "api.example.org"


def test_tags_cover_the_hosts() -> None:
    """The service tags are sorted and hold Entra's, without which nothing signs in."""
    found = tags(stack(inferenceCluster={"name": "aks"}))
    assert found == sorted(set(found))
    assert {"AzureActiveDirectory", "AzureMachineLearning", "Storage"} <= set(found)


def test_another_cloud_has_its_own_hosts() -> None:
    """In Azure Government and in China no host is the public cloud's, but for those of Microsoft's images."""
    shared = {"mcr.microsoft.com", "*.data.mcr.microsoft.com", "packages.microsoft.com", "packages.aks.azure.com"}
    shared |= {"acs-mirror.azureedge.net", "graph.windows.net", "*.cloud.defender.microsoft.com"}
    for location, suffixes in {
        "usgovvirginia": (".us", ".usgovcloudapi.net"),
        "chinanorth3": (".cn",),
    }.items():
        cluster = {"name": "aks", "defender": True}
        wanted = stack(
            inferenceCluster=cluster, training={"cpu": {"subnet": "t"}}, **{"azure-native:location": location}
        )
        strange = [one.host for one in hosts(wanted) if one.host not in shared and not one.host.endswith(suffixes)]
        assert strange == []


def test_a_cloud_without_known_names_has_no_hosts() -> None:
    """Better none than those of another cloud."""
    assert hosts(stack(inferenceCluster={"name": "aks"}, **{"azure-native:location": "ussecwest"})) == []


def test_the_extension_and_gpus_bring_their_hosts() -> None:
    """Extensions, system logs, the registry's data endpoint, and drivers where there are GPU nodes."""
    pools = {"gpu": {"size": "Standard_NC24ads_A100_v4", "gpu": True}}
    found = {one.host for one in hosts(stack(inferenceCluster={"name": "aks", "userPools": pools}))}
    assert {"westeurope.dp.kubernetesconfiguration.azure.com", "*.kusto.windows.net", "nvidia.github.io"} <= found
    assert {"*.queue.core.windows.net", "acrdev01.westeurope.data.azurecr.io"} <= found


def test_training_nodes_need_more_than_https() -> None:
    """File shares and Azure ML's own ports are open where nodes stand in a subnet, and only there."""
    assert openings(stack(training={"cpu": {}})) == []
    found = {(one.tag, one.protocol, one.ports) for one in openings(stack(training={"cpu": {"subnet": "t"}}))}
    assert ("Storage.westeurope", "Tcp", ("445",)) in found
    assert ("AzureMachineLearning", "Udp", ("5831",)) in found
