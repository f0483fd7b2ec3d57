"""Which workspace a command speaks to, and where its Azure is managed."""

import json
import urllib.request
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.messages import UserError
from ops.project import Place
from settings.load import workspace_in
from settings.values import HIDDEN

_PUBLIC = {
    "AzureCloud": "https://management.azure.com",
    "AzureUSGovernment": "https://management.usgovcloudapi.net",
    "AzureChinaCloud": "https://management.chinacloudapi.cn",
}
_AUTHORITIES = {
    "AzureCloud": "https://login.microsoftonline.com",
    "AzureUSGovernment": "https://login.microsoftonline.us",
    "AzureChinaCloud": "https://login.chinacloudapi.cn",
}
_LOGS = {
    "AzureCloud": "https://api.loganalytics.io",
    "AzureUSGovernment": "https://api.loganalytics.us",
    "AzureChinaCloud": "https://api.loganalytics.azure.cn",
}
# The provider's words for them.
_CLOUDS = {"public": "AzureCloud", "usgovernment": "AzureUSGovernment", "china": "AzureChinaCloud"}
_SUBSCRIPTION = ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")
_METADATA_URL = "ARM_CLOUD_METADATA_URL"
_CLOUD = "AZUREML_CURRENT_CLOUD"


@dataclass(frozen=True, slots=True)
class Target:
    """A workspace in Azure."""

    subscription: str
    resource_group: str
    workspace: str

    @property
    def path(self) -> str:
        """Its ARM resource id."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace}"
        )


def find_target(
    environ: Mapping[str, str],
    place: Place,
    workspace: str | None = None,
    resource_group: str | None = None,
) -> Target:
    """The workspace that the options name, or else the stack file; in the stack's own subscription.

    That stands in the stack file (azure-native:subscriptionId) or else in the environment, as for the engine. Raises
    UserError where one of them stands nowhere, Refused where the stack file is needed and wrong.
    """
    values = place.configuration.values if place.is_there else {}
    subscription = values.get("azure-native:subscriptionId") or _first(environ, _SUBSCRIPTION)
    if subscription == HIDDEN:
        cure = "It is no secret: pulumi config set --plaintext azure-native:subscriptionId ID"
        raise UserError("W019", "azure-native:subscriptionId", "encrypted", "an id in clear", cure)
    if subscription is None:
        cure = (
            "For the local Azure: source .local/env. For Azure: export ARM_SUBSCRIPTION_ID=<id>, or "
            "pulumi config set azure-native:subscriptionId <id>."
        )
        raise UserError("W005", _SUBSCRIPTION[0], "nothing", "a subscription's id", cure)
    if workspace is None or resource_group is None:
        name, group = _named(place)
        workspace, resource_group = workspace or name, resource_group or group
    return Target(subscription, resource_group, workspace)


def _named(place: Place) -> tuple[str, str]:
    """The two names, though other parts of the stack file may not be finished."""
    named = workspace_in(place.configuration.values, place.project.name)
    if named:
        return named
    settings = place.settings()
    return settings.workspace.name, settings.workspace.resource_group


def point_clients(environ: MutableMapping[str, str], place: Place) -> None:
    """Point Azure's clients at the cloud and the tenant that the stack file names, as the engine's provider is.

    What is meant for a local Azure stays there: it describes its own cloud.
    """
    values = place.configuration.values if place.is_there else {}
    tenant = values.get("azure-native:tenantId")
    if tenant and tenant != HIDDEN:
        environ["AZURE_TENANT_ID"] = tenant
    named = values.get("azure-native:environment") or environ.get("ARM_ENVIRONMENT")
    if not named or environ.get(_METADATA_URL):
        return
    cloud = _CLOUDS.get(named.lower())
    if cloud is None:
        cure = "Correct it in the stack file: pulumi config set azure-native:environment usgovernment"
        raise UserError("W020", "azure-native:environment", named, f"one of {', '.join(_CLOUDS)}", cure)
    environ[_CLOUD] = cloud
    environ.setdefault("AZURE_AUTHORITY_HOST", _AUTHORITIES[cloud])


def _first(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def resource_manager(environ: Mapping[str, str], fetch: Callable[[str], Any] | None = None) -> str:
    """The management address of the Azure that the environment names; `https://management.azure.com` by default.

    AZUREML_CURRENT_CLOUD names the cloud, and ARM_CLOUD_METADATA_URL tells where any but the public ones are
    described. Raises UserError where a named cloud is not found: what is meant for a local Azure must never reach the
    public one, as azure-ai-ml does where the metadata can't be read.
    """
    url, cloud = environ.get(_METADATA_URL), environ.get(_CLOUD)
    if cloud is None and url is not None:
        cure = f"Set both, or none: export {_CLOUD}=LocalCloud, or source .local/env."
        raise UserError("W006", _CLOUD, "nothing", f"the name of the cloud that {_METADATA_URL} describes", cure)
    cloud = cloud or "AzureCloud"
    if cloud in _PUBLIC:
        return _PUBLIC[cloud]
    clouds = (fetch or _fetch)(url) if url else []
    for described in clouds if isinstance(clouds, list) else [clouds]:
        if described.get("name") == cloud:
            return str(described["resourceManager"]).rstrip("/")
    cure = "Start it with 'rollout local start', then: source .local/env."
    raise UserError("W007", _CLOUD, cloud, f"a cloud that {url or _METADATA_URL + ' (not set)'} describes", cure)


def log_analytics(environ: Mapping[str, str], fetch: Callable[[str], Any] | None = None) -> str:
    """Where Log Analytics answers queries, which is what tokens for it are made out to. Raises UserError."""
    cloud, url = environ.get(_CLOUD) or "AzureCloud", environ.get(_METADATA_URL)
    if cloud in _LOGS:
        return _LOGS[cloud]
    resource_manager(environ, fetch)  # its refusals are the same
    described = (fetch or _fetch)(url) if url else []
    for one in described if isinstance(described, list) else [described]:
        if one.get("name") == cloud and one.get("logAnalyticsResourceId"):
            return str(one["logAnalyticsResourceId"]).rstrip("/")
    raise UserError("G004", _CLOUD, cloud, "a cloud that has Log Analytics", "Use source: metrics.")


def _fetch(url: str) -> Any:
    if not url.startswith("https://"):
        raise UserError("W008", _METADATA_URL, url, "an https address", "source .local/env")
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - https, checked above
            return json.load(answer)
    except (OSError, ValueError) as error:
        cure = "Is the local Azure running? Start it with 'rollout local start', then: source .local/env."
        raise UserError("W009", _METADATA_URL, f"{url}: {error}", "the clouds' metadata", cure) from None
