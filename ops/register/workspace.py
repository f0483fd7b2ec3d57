"""Which workspace a command speaks to, and where its Azure is managed."""

import json
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.messages import UserError
from settings.load import from_file

_PUBLIC = {
    "AzureCloud": "https://management.azure.com",
    "AzureUSGovernment": "https://management.usgovcloudapi.net",
    "AzureChinaCloud": "https://management.chinacloudapi.cn",
}
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
    stack_file: Path,
    workspace: str | None = None,
    resource_group: str | None = None,
    subscription: str | None = None,
) -> Target:
    """The workspace that the options name, or else the stack file; the subscription may stand in the environment.

    Raises UserError where one of them stands nowhere, Refused where the stack file is needed and wrong.
    """
    subscription = subscription or next((environ[name] for name in _SUBSCRIPTION if environ.get(name)), None)
    if subscription is None:
        cure = "For the local Azure: source .local/env. For Azure: export ARM_SUBSCRIPTION_ID=<id>."
        raise UserError("W005", _SUBSCRIPTION[0], "nothing", "a subscription's id", cure)
    if workspace is None or resource_group is None:
        named = from_file(stack_file).workspace
        workspace, resource_group = workspace or named.name, resource_group or named.resource_group
    return Target(subscription, resource_group, workspace)


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


def _fetch(url: str) -> Any:
    if not url.startswith("https://"):
        raise UserError("W008", _METADATA_URL, url, "an https address", "source .local/env")
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - https, checked above
            return json.load(answer)
    except (OSError, ValueError) as error:
        cure = "Is the local Azure running? Start it with 'rollout local start', then: source .local/env."
        raise UserError("W009", _METADATA_URL, f"{url}: {error}", "the clouds' metadata", cure) from None
