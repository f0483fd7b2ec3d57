"""The hosts that a stack's nodes must reach."""

from typing import Any

from rollout.egress import hosts, tags
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
