"""What follows from a region: the cloud that it is in, with that cloud's names, and whether it has zones."""

from dataclasses import dataclass
from typing import Literal

CloudName = Literal["public", "usGovernment", "china"]


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure: the suffixes of its services' names, and the hosts that everything speaks to.

    `private_ml`, `private_notebooks`, `private_vault`, `private_registry` are private DNS zones without
    `privatelink.`; `aks` is what follows `*.hcp.REGION.` in an API server's name.
    Source: Azure Private Link, private DNS zone values; AKS outbound rules; Azure ML, network requirements.
    """

    name: CloudName
    storage: str
    registry: str
    vault: str
    manager: str
    entra: str
    ml: str
    private_ml: str
    private_notebooks: str
    private_vault: str
    aks: str
    monitor: str
    extensions: str
    batch: str
    apps: str


_PUBLIC = Cloud(
    name="public",
    storage="core.windows.net",
    registry="azurecr.io",
    vault="vault.azure.net",
    manager="management.azure.com",
    entra="login.microsoftonline.com",
    ml="azureml.ms",
    private_ml="api.azureml.ms",
    private_notebooks="notebooks.azure.net",
    private_vault="vaultcore.azure.net",
    aks="azmk8s.io",
    monitor="azure.com",
    extensions="dp.kubernetesconfiguration.azure.com",
    batch="batch.azure.com",
    apps="cloudapp.azure.com",
)
_US_GOVERNMENT = Cloud(
    name="usGovernment",
    storage="core.usgovcloudapi.net",
    registry="azurecr.us",
    vault="vault.usgovcloudapi.net",
    manager="management.usgovcloudapi.net",
    entra="login.microsoftonline.us",
    ml="ml.azure.us",
    private_ml="api.ml.azure.us",
    private_notebooks="notebooks.usgovcloudapi.net",
    private_vault="vaultcore.usgovcloudapi.net",
    aks="cx.aks.containerservice.azure.us",
    monitor="azure.us",
    extensions="dp.kubernetesconfiguration.azure.us",
    batch="batch.usgovcloudapi.net",
    apps="cloudapp.usgovcloudapi.net",
)
_CHINA = Cloud(
    name="china",
    storage="core.chinacloudapi.cn",
    registry="azurecr.cn",
    vault="vault.azure.cn",
    manager="management.chinacloudapi.cn",
    entra="login.chinacloudapi.cn",
    ml="ml.azure.cn",
    private_ml="api.ml.azure.cn",
    private_notebooks="notebooks.chinacloudapi.cn",
    private_vault="vaultcore.azure.cn",
    aks="cx.prod.service.azk8s.cn",
    monitor="azure.cn",
    extensions="dp.kubernetesconfiguration.azure.cn",
    batch="batch.chinacloudapi.cn",
    apps="cloudapp.chinacloudapi.cn",
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
        *("usdodcentral", "usdodeast", "usgovarizona", "usgovtexas"),
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
