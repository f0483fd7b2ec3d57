"""What follows from a region: the cloud that it is in, with that cloud's names, and whether it has zones."""

from dataclasses import dataclass
from typing import Literal

CloudName = Literal["public", "usGovernment", "china"]


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure: the names by which its services are found.

    `api`, `notebooks`, `private_vault` are private DNS zones without `privatelink.`; `ml` is every host of Azure
    ML's API; `aks` is what follows `*.hcp.REGION.` in an API server's name; `azure` ends its monitoring's hosts.
    Source: Azure Private Link, private DNS zone values; AKS outbound rules; Azure ML, inbound and outbound traffic.
    """

    name: CloudName
    storage: str
    registry: str
    vault: str
    manager: str
    entra: str
    graph: str
    api: str
    ml: tuple[str, ...]
    notebooks: str
    private_vault: str
    aks: str
    kusto: str
    apps: str
    azure: str


_PUBLIC = Cloud(
    name="public",
    storage="core.windows.net",
    registry="azurecr.io",
    vault="vault.azure.net",
    manager="management.azure.com",
    entra="login.microsoftonline.com",
    graph="graph.windows.net",
    api="api.azureml.ms",
    ml=("*.api.azureml.ms",),
    notebooks="notebooks.azure.net",
    private_vault="vaultcore.azure.net",
    aks="azmk8s.io",
    kusto="kusto.windows.net",
    apps="cloudapp.azure.com",
    azure="azure.com",
)
_US_GOVERNMENT = Cloud(
    name="usGovernment",
    storage="core.usgovcloudapi.net",
    registry="azurecr.us",
    vault="vault.usgovcloudapi.net",
    manager="management.usgovcloudapi.net",
    entra="login.microsoftonline.us",
    graph="graph.windows.net",
    api="api.ml.azure.us",
    ml=("*.ml.azure.us",),
    notebooks="notebooks.usgovcloudapi.net",
    private_vault="vaultcore.usgovcloudapi.net",
    aks="cx.aks.containerservice.azure.us",
    kusto="kusto.usgovcloudapi.net",
    apps="cloudapp.usgovcloudapi.net",
    azure="azure.us",
)
_CHINA = Cloud(
    name="china",
    storage="core.chinacloudapi.cn",
    registry="azurecr.cn",
    vault="vault.azure.cn",
    manager="management.chinacloudapi.cn",
    entra="login.chinacloudapi.cn",
    graph="graph.chinacloudapi.cn",
    api="api.ml.azure.cn",
    ml=("*.ml.azure.cn", "*.azureml.cn"),
    notebooks="notebooks.chinacloudapi.cn",
    private_vault="vaultcore.azure.cn",
    aks="cx.prod.service.azk8s.cn",
    kusto="kusto.chinacloudapi.cn",
    apps="cloudapp.chinacloudapi.cn",
    azure="azure.cn",
)
_BY_PREFIX = {"usgov": _US_GOVERNMENT, "usdod": _US_GOVERNMENT, "china": _CHINA}
# Clouds that are closed to the world, whose names are published nowhere.
_UNKNOWN = ("usnat", "ussec", "eagle", "bleu", "delos")

# Only regions that have none are listed: one that is new, or gets zones, is never refused.
_WITHOUT_ZONES = frozenset(
    (
        *("australiacentral", "australiacentral2", "australiasoutheast", "brazilsoutheast", "canadaeast"),
        *("francesouth", "germanynorth", "jioindiacentral", "jioindiawest", "koreasouth", "northcentralus"),
        *("norwaywest", "southafricawest", "southindia", "swedensouth", "switzerlandwest", "uaecentral"),
        *("ukwest", "westcentralus", "westindia", "westus"),
        *("usdodcentral", "usdodeast", "usgovtexas"),
        *("chinaeast", "chinaeast2", "chinanorth", "chinanorth2"),
    )
)


def cloud_of(region: str) -> Cloud | None:
    """The cloud that a region is in; None for one whose names are not known here.

    >>> [cloud_of(region).name for region in ("westeurope", "usgovvirginia", "chinanorth3")]
    ['public', 'usGovernment', 'china']
    """
    if region.startswith(_UNKNOWN):
        return None
    return next((cloud for prefix, cloud in _BY_PREFIX.items() if region.startswith(prefix)), _PUBLIC)


def has_zones(region: str) -> bool:
    """Whether a region has availability zones, as far as is known. Source: Azure, list of regions.

    >>> has_zones("westeurope"), has_zones("westus")
    (True, False)
    """
    return region not in _WITHOUT_ZONES
