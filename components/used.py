"""What the stack uses and does not own, read through azure-native's own get functions; nothing of it is declared.

So it is in no state: no update reaches it, and `destroy` does not know it.
"""

from __future__ import annotations

import asyncio

import pulumi
from pulumi.runtime import invoke_async
from pulumi.runtime.config import CONFIG, is_config_secret

from components.azure_reads import ML, get
from components.computes import ComputeGuard
from components.foundation import Foundation, Home, ImageStore, Wiring, id_of
from components.kinds import GROUP
from components.observed import Observation, observe
from components.options import AZURE_NATIVE_VERSION
from rollout.existing import Completed, Found, complete, uses_of
from rollout.existing_fit import Body, Use
from settings.existing import (
    ACTION_GROUP,
    COMPUTE,
    IDENTITY,
    INSIGHTS,
    LOGS,
    NETWORK,
    REGISTRY,
    STORAGE,
    VAULT,
    WORKSPACE,
    ZONE,
)
from settings.existing import GROUP as GROUP_TYPE
from settings.regions import cloud_of
from settings.stack import Stack

_CLIENT = "azure-native:authorization:getClientConfig"
# ARM type -> azure-native's function that reads one, and the argument that takes its name.
_GET = {
    GROUP_TYPE: ("resources:getResourceGroup", GROUP),
    WORKSPACE: (f"{ML}:getWorkspace", "workspaceName"),
    COMPUTE: (f"{ML}:getCompute", "workspaceName/computeName"),
    STORAGE: ("storage:getStorageAccount", "accountName"),
    VAULT: ("keyvault:getVault", "vaultName"),
    LOGS: ("operationalinsights:getWorkspace", "workspaceName"),
    INSIGHTS: ("applicationinsights:getComponent", "resourceName"),
    REGISTRY: ("containerregistry:getRegistry", "registryName"),
    NETWORK: ("network:getVirtualNetwork", "virtualNetworkName"),
    ZONE: ("privatedns:getPrivateZone", "privateZoneName"),
    IDENTITY: ("managedidentity:getUserAssignedIdentity", "resourceName"),
    ACTION_GROUP: ("monitor:getActionGroup", "actionGroupName"),
}


async def read_used(stack: Stack) -> Found:
    """All uses, in parallel; nothing is asked where there are none. Raises pulumi.RunError as `get` does."""
    uses = uses_of(stack)
    if not uses:
        return Found()
    client = await invoke_async(_CLIENT, {}, pulumi.InvokeOptions(version=AZURE_NATIVE_VERSION))
    here = str((client or {}).get("subscriptionId") or "")
    there = sorted({use.subscription.lower() for use in uses if use.subscription and use.is_elsewhere(here)})
    providers = {subscription: provider_of(subscription) for subscription in there}
    bodies = await asyncio.gather(*(_read(use, providers.get((use.subscription or "").lower())) for use in uses))
    return Found(here, {use.path: body for use, body in zip(uses, bodies, strict=True)})


async def look(stack: Stack) -> tuple[Completed, Observation]:
    """What others own, and then the endpoints, which are judged on it."""
    used = complete(stack, await read_used(stack))
    return used, await observe(used.stack)


def announce(used: Completed) -> None:
    """Say what is used, in the preview too."""
    for words in used.words:
        pulumi.log.info(words)


def foundation_of(stack: Stack, used: Completed) -> Foundation:
    """What an existing workspace stands on."""
    group = used.ids["workspace"].partition("/providers/")[0]
    return Foundation(
        resource_group=stack.workspace.resource_group,
        group=None,
        group_id=pulumi.Output.from_input(group),
        storage_id=id_of(used, "existing.storage"),
        key_vault_id=id_of(used, "existing.keyVault"),
        log_analytics_id=id_of(used, "existing.logAnalytics"),
        insights_id=id_of(used, "existing.applicationInsights"),
    )


def registry_of(stack: Stack, used: Completed) -> ImageStore:
    """The registry of an existing workspace; an empty name where it has none yet."""
    name, cloud = used.ids.get("registry", "").rpartition("/")[2], cloud_of(stack.location)
    server = f"{name.lower()}.{cloud.registry}" if name and cloud else ""
    return ImageStore(id_of(used, "registry"), pulumi.Output.from_input(server))


def home_of(stack: Stack, used: Completed, computes: ComputeGuard) -> Home:
    """The existing workspace."""
    workspace = stack.workspace
    return Home(workspace.name, workspace.resource_group, id_of(used, "workspace"), computes)


def wiring_of(stack: Stack, used: Completed) -> Wiring:
    """A network that others own, with all its subnets."""
    network = id_of(used, "network")
    names = stack.network.subnets if stack.network else ()
    return Wiring(network, {name: pulumi.Output.concat(network, "/subnets/", name) for name in names})


def provider_of(subscription: str) -> pulumi.ProviderResource:
    """A provider for reading in another subscription, signed in as the stack's own is; it makes nothing there."""
    config = pulumi.Config("azure-native")
    own = {key.partition(":")[2] for key in CONFIG.get() if key.startswith("azure-native:")}
    inputs: dict[str, pulumi.Input[str] | None] = {
        key: config.require_secret(key) if is_config_secret(f"azure-native:{key}") else config.require(key)
        for key in sorted(own - {"subscriptionId", "location"})
    }
    name = f"subscription-{subscription}"
    options = pulumi.ResourceOptions(version=AZURE_NATIVE_VERSION)
    return pulumi.ProviderResource("azure-native", name, {**inputs, "subscriptionId": subscription}, options)


async def _read(use: Use, provider: pulumi.ProviderResource | None) -> Body | None:
    function, keys = _GET[use.type]
    named = dict(zip(keys.split("/"), use.name.split("/"), strict=True))
    return await get(function, {GROUP: use.group, **named}, provider=provider)
