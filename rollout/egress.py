"""The hosts that must resolve and be reachable from a stack's nodes, as data for a firewall and for its owners."""

from collections.abc import Iterator
from dataclasses import dataclass

from settings.names import storage_account
from settings.regions import Cloud, cloud_of
from settings.stack import Stack

CLUSTER = "AKS inference article"
AKS = "AKS outbound rules"
EXTENSION = "Azure ML network requirements, Kubernetes compute"
WORKSPACE = "Azure ML network requirements"
OWN = "stack file, network.egress.extraHosts"
_MCR, _LAYERS = "MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"
_MARKETPLACE = ("centralindia", "japaneast", "westus2", "westeurope", "eastus")


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


@dataclass(frozen=True, slots=True)
class Opening:
    """What is not HTTPS: a service tag, TCP or UDP, and the ports."""

    name: str
    tag: str
    protocol: str
    ports: tuple[str, ...]


def hosts(stack: Stack) -> list[Host]:
    """All hosts of the stack, each once, in the order of the lists: cluster, AKS, workspace, own.

    None but its own where the names of its cloud are not known (R206).
    """
    found: dict[str, Host] = {}
    cloud = cloud_of(stack.location)
    known = (*_of_cluster(stack, cloud), *_of_workspace(stack, cloud), *_of_nodes(stack, cloud)) if cloud else ()
    for host in (*known, *_own(stack)):
        found.setdefault(host.host, host)
    return list(found.values())


def tags(stack: Stack) -> list[str]:
    """The service tags behind the hosts, sorted; AzureActiveDirectory is among them."""
    return sorted({host.tag for host in hosts(stack) if host.tag})


def openings(stack: Stack) -> list[Opening]:
    """What training nodes in a subnet of the stack need beside HTTPS: file shares, Azure ML's own ports, Entra's 80.

    Source: Azure ML, configure inbound and outbound network traffic.
    """
    if not any(compute.subnet for compute in stack.training.values()):
        return []
    return [
        Opening("storage-files", f"Storage.{stack.location}", "Tcp", ("445",)),
        Opening("azure-ml-tcp", "AzureMachineLearning", "Tcp", ("8787", "18881")),
        Opening("azure-ml-udp", "AzureMachineLearning", "Udp", ("5831",)),
        Opening("entra-http", "AzureActiveDirectory", "Tcp", ("80",)),
    ]


def _of_cluster(stack: Stack, cloud: Cloud) -> Iterator[Host]:
    cluster = stack.inference_cluster
    if cluster is None:
        return
    region = cluster.location or stack.location
    of_region = f"AzureCloud.{region}"
    account, registry = _account(stack), _registry(stack, cloud)
    yield Host(f"*.hcp.{region}.{cloud.aks}", "AKS API server", CLUSTER, of_region)
    yield Host("mcr.microsoft.com", "Microsoft container registry: router images", CLUSTER, _MCR)
    yield Host(registry, "container registry", CLUSTER, "AzureContainerRegistry")
    yield Host(f"{account}.table.{cloud.storage}", "storage, tables", CLUSTER, "Storage")
    yield Host(f"{account}.blob.{cloud.storage}", "storage, blobs: models, dynamic configuration", CLUSTER, "Storage")
    yield Host(cloud.api, "tokens of token-authenticated services", CLUSTER, "AzureMachineLearning")
    if cloud.name == "public":
        yield Host(f"ingest-vienna{region}.{cloud.kusto}", "telemetry", CLUSTER, of_region)
    legacy = cluster.attach.legacy
    if legacy and legacy.leaf_domain_label:
        name = f"{legacy.leaf_domain_label}*.{region}.{cloud.apps}"
        yield Host(name, "the endpoint's generated name", CLUSTER, of_region)
    yield from _of_aks(stack, cloud, region)
    if cluster.attach.kind == "extension":
        yield from _of_extension(stack, cloud, region)


def _of_aks(stack: Stack, cloud: Cloud, region: str) -> Iterator[Host]:
    cluster = stack.inference_cluster
    if cluster is None:
        return
    if cloud.name == "china":
        yield Host(f"*.tun.{region}.{cloud.aks}", "AKS API server", AKS, f"AzureCloud.{region}")
        yield Host("*.azk8s.cn", "node binaries", AKS)
    yield Host("*.data.mcr.microsoft.com", "layers of Microsoft's images", AKS, _LAYERS)
    yield Host(cloud.manager, "Azure Resource Manager", AKS, "AzureResourceManager")
    yield Host(cloud.entra, "Microsoft Entra", AKS, "AzureActiveDirectory")
    yield Host("packages.microsoft.com", "node packages", AKS, _LAYERS)
    yield Host("packages.aks.azure.com", "node binaries", AKS, _LAYERS)
    yield Host("acs-mirror.azureedge.net", "node binaries, older images", AKS, _LAYERS)
    if any(pool.gpu for pool in cluster.pools.values()):
        for host in ("nvidia.github.io", "us.download.nvidia.com", "download.docker.com"):
            yield Host(host, "drivers of GPU nodes", AKS)
    if cluster.container_insights:
        for host in ("*.ods.opinsights", "*.oms.opinsights", "*.monitoring"):
            yield Host(f"{host}.{cloud.azure}", "Container Insights: logs and its agents", AKS, "AzureMonitor")
        for host in (region, "global"):
            name = f"{host}.handler.control.monitor.{cloud.azure}"
            yield Host(name, "Container Insights: what to collect", AKS, "AzureMonitor")
    if cluster.defender:
        yield Host("*.cloud.defender.microsoft.com", "Defender for Containers", AKS, "MicrosoftDefenderForEndpoint")


def _of_extension(stack: Stack, cloud: Cloud, region: str) -> Iterator[Host]:
    yield Host(f"{region}.dp.kubernetesconfiguration.{cloud.azure}", "cluster extensions", AKS, f"AzureCloud.{region}")
    if cloud.name == "public":
        yield Host("arcmktplaceprod.azurecr.io", "images of cluster extensions", AKS, "AzureContainerRegistry")
        for place in _MARKETPLACE:
            name = f"arcmktplaceprod.{place}.data.azurecr.io"
            yield Host(name, "images of cluster extensions", AKS, "AzureContainerRegistry")
        yield Host(f"{region}.experiments.azureml.net", "Azure ML's API", EXTENSION, "AzureMachineLearning")
    yield Host(f"*.{cloud.kusto}", "system logs", EXTENSION, f"AzureCloud.{region}")
    for service in ("table", "queue"):
        yield Host(f"*.{service}.{cloud.storage}", "system logs", EXTENSION, "Storage")
    layers = _registry(stack, cloud).replace(".", f".{region}.data.", 1)
    yield Host(layers, "container registry: layers", EXTENSION, "AzureContainerRegistry")


def _account(stack: Stack) -> str:
    """The storage account's name; any, where it is an existing workspace's own."""
    return "*" if stack.workspace.existing is not None else storage_account(stack.workspace)


def _registry(stack: Stack, cloud: Cloud) -> str:
    """The registry's host; any, where it is an existing workspace's own."""
    return f"{stack.registry.name.lower() if stack.registry else '*'}.{cloud.registry}"


def _of_workspace(stack: Stack, cloud: Cloud) -> Iterator[Host]:
    account, registry = _account(stack), _registry(stack, cloud)
    yield Host(cloud.entra, "Microsoft Entra", WORKSPACE, "AzureActiveDirectory")
    yield Host(cloud.manager, "Azure Resource Manager", WORKSPACE, "AzureResourceManager")
    for host in cloud.ml:
        yield Host(host, "Azure ML's API", WORKSPACE, "AzureMachineLearning")
    yield Host("mcr.microsoft.com", "base images", WORKSPACE, _MCR)
    yield Host("*.data.mcr.microsoft.com", "layers of base images", WORKSPACE, _LAYERS)
    yield Host(registry, "container registry", WORKSPACE, "AzureContainerRegistry")
    for service in ("blob", "file", "dfs"):
        yield Host(f"{account}.{service}.{cloud.storage}", f"storage, {service}", WORKSPACE, "Storage")
    yield Host(f"*.{cloud.vault}", "key vault", WORKSPACE, "AzureKeyVault")
    yield Host(f"*.in.applicationinsights.{cloud.azure}", "Application Insights", WORKSPACE, "AzureMonitor")
    batch = f"batch.{'azure.com' if cloud.name == 'public' else cloud.storage.removeprefix('core.')}"
    for name in (f"*.{stack.location}.{batch}", f"*.{stack.location}.service.{batch}"):
        yield Host(name, "node management", WORKSPACE, f"BatchNodeManagement.{stack.location}")


def _of_nodes(stack: Stack, cloud: Cloud) -> Iterator[Host]:
    if any(compute.subnet for compute in stack.training.values()):
        yield Host(cloud.graph, "training nodes", WORKSPACE, "AzureActiveDirectory")
        for service in ("blob", "table", "queue"):
            yield Host(f"*.{service}.{cloud.storage}", "Azure Batch's own storage", WORKSPACE, "Storage")


def _own(stack: Stack) -> Iterator[Host]:
    for host in stack.network.egress.extra_hosts if stack.network else ():
        yield Host(host, "what the models call", OWN)
