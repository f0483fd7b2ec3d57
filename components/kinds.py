"""The types of resources that serving stands on: what each is called in a stack file, and how Azure is asked for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GROUP = "resourceGroupName"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource, by its token without `azure-native:`.

    `get` is azure-native's function that reads one; its arguments, `names`, are inputs of the resource too. `key` is
    what the stack file's `adopt` calls it. Without `get` it is only guarded.
    `for_kubernetes`: only endpoints on Kubernetes stand on it. `may_leave`: it may be taken out of the stack file,
    where other rules say when; it is not replaced while it stays in it.
    """

    token: str
    key: str = ""
    get: str = ""
    names: tuple[str, ...] = ()
    for_kubernetes: bool = False
    may_leave: bool = False

    def where(self, inputs: Mapping[str, Any]) -> dict[str, str]:
        """The function's arguments, of a resource's inputs in either spelling of the SDK."""
        return {name: str(_first(inputs, name, _snake(name), f"{_snake(name)}_")) for name in self.names}


_ML = "machinelearningservices"
ROLE = Kind("authorization:RoleAssignment", may_leave=True)
_ALL = (
    Kind("resources:ResourceGroup", "resourceGroup", "resources:getResourceGroup", (GROUP,)),
    Kind("storage:StorageAccount", "storage", "storage:getStorageAccount", (GROUP, "accountName")),
    Kind("keyvault:Vault", "keyVault", "keyvault:getVault", (GROUP, "vaultName")),
    Kind("operationalinsights:Workspace", "logAnalytics", "operationalinsights:getWorkspace", (GROUP, "workspaceName")),
    Kind(
        "applicationinsights:Component",
        "applicationInsights",
        "applicationinsights:getComponent",
        (GROUP, "resourceName"),
    ),
    Kind("containerregistry:Registry", "registry", "containerregistry:getRegistry", (GROUP, "registryName")),
    Kind(f"{_ML}:Workspace", "workspace", f"{_ML}:getWorkspace", (GROUP, "workspaceName")),
    Kind(
        "containerservice:ManagedCluster",
        "inferenceCluster",
        "containerservice:getManagedCluster",
        (GROUP, "resourceName"),
        for_kubernetes=True,
    ),
    Kind("kubernetesconfiguration:Extension", for_kubernetes=True),
    Kind("containerservice:AgentPool", for_kubernetes=True, may_leave=True),
    Kind("network:VirtualNetwork"),
    Kind("network:PrivateEndpoint"),
    Kind("managedidentity:UserAssignedIdentity", may_leave=True),
    ROLE,
)
KINDS = {kind.token: kind for kind in _ALL}
ADOPTABLE = {kind.key: kind for kind in _ALL if kind.key}
COMPUTE = Kind(f"{_ML}:Compute", for_kubernetes=True)
"""Only what is attached: a training compute may come and go."""
ENDPOINT = Kind(f"{_ML}:OnlineEndpoint", "", f"{_ML}:getOnlineEndpoint", (GROUP, "workspaceName", "endpointName"))
DEPLOYMENT = Kind(f"{_ML}:OnlineDeployment", "", f"{_ML}:getOnlineDeployment", (*ENDPOINT.names, "deploymentName"))


def _first(inputs: Mapping[str, Any], *names: str) -> Any:
    return next((inputs[name] for name in names if inputs.get(name) is not None), "")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
