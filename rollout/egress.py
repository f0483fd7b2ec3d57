"""The hosts that must resolve and be reachable from a stack's nodes, as data for a firewall and for its owners."""

from collections.abc import Iterator
from dataclasses import dataclass

from settings.names import storage_account
from settings.stack import Stack

CLUSTER = "AKS inference article"
AKS = "AKS outbound rules"
WORKSPACE = "Azure ML network requirements"
OWN = "stack file, network.egress.extraHosts"


@dataclass(frozen=True, slots=True)
class Host:
    """A host (a leading `*.` stands for any one or more labels), what for, whose list it is on, its service tag.

    `tag` is the Azure service tag that a network security group can allow in its place; None where there is none.
    """

    host: str
    purpose: str
    source: str
    tag: str | None = None
    port: int = 443


def hosts(stack: Stack) -> list[Host]:
    """All hosts of the stack, each once, in the order of the lists: cluster, AKS, workspace, own."""
    found: dict[str, Host] = {}
    for host in (*_of_cluster(stack), *_of_workspace(stack), *_own(stack)):
        found.setdefault(host.host, host)
    return list(found.values())


def tags(stack: Stack) -> list[str]:
    """The service tags behind the hosts, sorted; AzureActiveDirectory is among them."""
    return sorted({host.tag for host in hosts(stack) if host.tag})


def _of_cluster(stack: Stack) -> Iterator[Host]:
    cluster = stack.inference_cluster
    if cluster is None:
        return
    region = cluster.location or stack.location
    cloud = f"AzureCloud.{region}"
    account = storage_account(stack.workspace)
    yield Host(f"*.hcp.{region}.azmk8s.io", "AKS API server", CLUSTER, cloud)
    yield Host(
        "mcr.microsoft.com", "Microsoft container registry: router images", CLUSTER, "MicrosoftContainerRegistry"
    )
    yield Host(f"{stack.registry.name.lower()}.azurecr.io", "container registry", CLUSTER, "AzureContainerRegistry")
    yield Host(f"{account}.table.core.windows.net", "storage, tables", CLUSTER, "Storage")
    yield Host(f"{account}.blob.core.windows.net", "storage, blobs: models, dynamic configuration", CLUSTER, "Storage")
    yield Host("api.azureml.ms", "tokens of token-authenticated services", CLUSTER, "AzureMachineLearning")
    yield Host(f"ingest-vienna{region}.kusto.windows.net", "telemetry", CLUSTER, cloud)
    legacy = cluster.attach.legacy
    if legacy and legacy.leaf_domain_label:
        name = f"{legacy.leaf_domain_label}*.{region}.cloudapp.azure.com"
        yield Host(name, "the endpoint's generated name", CLUSTER, cloud)
    yield Host("*.data.mcr.microsoft.com", "layers of Microsoft's images", AKS, "AzureFrontDoor.FirstParty")
    yield Host("management.azure.com", "Azure Resource Manager", AKS, "AzureResourceManager")
    yield Host("login.microsoftonline.com", "Microsoft Entra", AKS, "AzureActiveDirectory")
    yield Host("packages.microsoft.com", "node packages", AKS, "AzureFrontDoor.FirstParty")
    yield Host("packages.aks.azure.com", "node binaries", AKS, "AzureFrontDoor.FirstParty")
    if cluster.container_insights:
        yield Host("*.ods.opinsights.azure.com", "Container Insights: logs", AKS, "AzureMonitor")
        yield Host("*.oms.opinsights.azure.com", "Container Insights: its agents", AKS, "AzureMonitor")
    if cluster.defender:
        yield Host("*.cloud.defender.microsoft.com", "Defender for Containers", AKS, "MicrosoftDefenderForEndpoint")


def _of_workspace(stack: Stack) -> Iterator[Host]:
    account = storage_account(stack.workspace)
    yield Host("login.microsoftonline.com", "Microsoft Entra", WORKSPACE, "AzureActiveDirectory")
    yield Host("management.azure.com", "Azure Resource Manager", WORKSPACE, "AzureResourceManager")
    yield Host("*.api.azureml.ms", "Azure ML's API", WORKSPACE, "AzureMachineLearning")
    yield Host(
        f"*.{stack.location}.batch.azure.com", "node management", WORKSPACE, f"BatchNodeManagement.{stack.location}"
    )
    yield Host("mcr.microsoft.com", "base images", WORKSPACE, "MicrosoftContainerRegistry")
    yield Host("*.data.mcr.microsoft.com", "layers of base images", WORKSPACE, "AzureFrontDoor.FirstParty")
    yield Host(f"{stack.registry.name.lower()}.azurecr.io", "container registry", WORKSPACE, "AzureContainerRegistry")
    for service in ("blob", "file", "dfs"):
        yield Host(f"{account}.{service}.core.windows.net", f"storage, {service}", WORKSPACE, "Storage")
    yield Host("*.vault.azure.net", "key vault", WORKSPACE, "AzureKeyVault")
    yield Host("*.in.applicationinsights.azure.com", "Application Insights", WORKSPACE, "AzureMonitor")


def _own(stack: Stack) -> Iterator[Host]:
    for host in stack.network.egress.extra_hosts if stack.network else ():
        yield Host(host, "what the models call", OWN)
