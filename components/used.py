"""What the stack uses and does not own, read through azure-native's own get functions; nothing of it is declared.

So it is in no state: no update reaches it, and `destroy` does not know it.
"""

from __future__ import annotations

import asyncio

import pulumi
from pulumi.runtime import invoke_async

from components.azure_reads import ML, get
from components.computes import ComputeGuard
from components.foundation import Foundation, Home, ImageStore
from components.kinds import GROUP
from components.observed import Observation, observe
from components.options import AZURE_NATIVE_VERSION
from rollout.existing import Body, Completed, Found, Use, complete, uses_of
from settings.regions import cloud_of
from settings.stack import Stack
from settings.workspace import WORKSPACE

_CLIENT = "azure-native:authorization:getClientConfig"
# ARM type -> azure-native's function that reads one, and the argument that takes its name.
_GET = {WORKSPACE: (f"{ML}:getWorkspace", "workspaceName")}


async def read_used(stack: Stack) -> Found:
    """All uses, in parallel; nothing is asked where there are none. Raises pulumi.RunError as `get` does."""
    uses = uses_of(stack)
    if not uses:
        return Found()
    client, *bodies = await asyncio.gather(
        invoke_async(_CLIENT, {}, pulumi.InvokeOptions(version=AZURE_NATIVE_VERSION)), *map(_read, uses)
    )
    found = {use.path: body for use, body in zip(uses, bodies, strict=True)}
    return Found(str((client or {}).get("subscriptionId") or ""), found)


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
        storage_id=_id(used, "storage"),
        key_vault_id=_id(used, "keyVault"),
        log_analytics_id=_id(used, "logAnalytics"),
        insights_id=_id(used, "applicationInsights"),
    )


def registry_of(stack: Stack, used: Completed) -> ImageStore:
    """The registry of an existing workspace; an empty name where it has none yet."""
    name, cloud = used.ids.get("registry", "").rpartition("/")[2], cloud_of(stack.location)
    server = f"{name.lower()}.{cloud.registry}" if name and cloud else ""
    return ImageStore(_id(used, "registry"), pulumi.Output.from_input(server))


def home_of(stack: Stack, used: Completed, computes: ComputeGuard) -> Home:
    """The existing workspace."""
    workspace = stack.workspace
    return Home(workspace.name, workspace.resource_group, _id(used, "workspace"), computes)


def _id(used: Completed, path: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(used.ids.get(path, ""))


async def _read(use: Use) -> Body | None:
    function, name = _GET[use.type]
    return await get(function, {GROUP: use.group, name: use.name})
