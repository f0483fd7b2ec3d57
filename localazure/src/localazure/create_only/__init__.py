"""Properties that Azure fixes when a resource is made: the one table that the stand-in's Diff and the services use.

`CREATE_ONLY` is type token -> property path -> `Fixed(effect, source, may)`. A path is that of the SDK's inputs
(`networkProfile.podCidr`); `[*]` stands for any index. The effect is what becomes of an edit by `pulumi up`:

- `replaces`: the stock plugin deletes the resource and makes it anew. A PUT that changes it is refused by Azure.
- `refuses`: the plugin sends the change, and Azure answers 400 or 409.
- `ignores`: the plugin sends the change, Azure says 200 and keeps what it has.

`may` holds the changes (old, new) that Azure takes all the same. Path parameters replace too, of every type; they are
not in the table.
"""

from collections.abc import Mapping
from typing import Any

from localazure.create_only.azure import AZURE
from localazure.create_only.fixed import Effect, Fixed, changed
from localazure.create_only.plugin import LOCATION, PLUGIN

__all__ = ["ARM_TYPES", "CREATE_ONLY", "LOCATION", "Effect", "Fixed", "refused_change", "replacing"]

CREATE_ONLY: dict[str, dict[str, Fixed]] = {
    token: {**PLUGIN.get(token, {}), **AZURE.get(token, {})} for token in sorted({*PLUGIN, *AZURE})
}


def replacing(token: str) -> frozenset[str]:
    """The paths whose change makes the stock plugin replace a resource of the type; most types' location is one."""
    rows = {"location": LOCATION, **CREATE_ONLY.get(token, {})}
    return frozenset(path for path, row in rows.items() if row.effect == "replaces")


ARM_TYPES = {
    "microsoft.containerregistry/registries": "azure-native:containerregistry:Registry",
    "microsoft.containerservice/managedclusters": "azure-native:containerservice:ManagedCluster",
    "microsoft.containerservice/managedclusters/agentpools": "azure-native:containerservice:AgentPool",
    "microsoft.keyvault/vaults": "azure-native:keyvault:Vault",
    "microsoft.kubernetesconfiguration/extensions": "azure-native:kubernetesconfiguration:Extension",
    "microsoft.machinelearningservices/workspaces": "azure-native:machinelearningservices:Workspace",
    "microsoft.machinelearningservices/workspaces/computes": "azure-native:machinelearningservices:Compute",
    "microsoft.network/privatednszones/virtualnetworklinks": "azure-native:privatedns:VirtualNetworkLink",
    "microsoft.network/privateendpoints": "azure-native:network:PrivateEndpoint",
    "microsoft.storage/storageaccounts": "azure-native:storage:StorageAccount",
}
"""ARM's name of a type, in lower case, -> its token: those whose PUT is held against the table."""


def refused_change(arm_type: str, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> str | None:
    """The first property, by its path, that a PUT would change against Azure's will; both are ARM documents."""
    rows = CREATE_ONLY.get(ARM_TYPES.get(arm_type.lower(), ""), {})
    return next(changed(rows, _inputs(before), _inputs(wanted)), None)


def _inputs(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with its properties both beside the envelope and in it: the SDK spells some types so, some so."""
    properties = document.get("properties") or {}
    return {**document, **properties, "properties": properties}
