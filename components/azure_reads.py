"""Reading Azure through azure-native's own get functions: same plugin, same credentials, also in a preview."""

import asyncio
from typing import Any

import pulumi
from pulumi.runtime import invoke_async

from components.options import AZURE_NATIVE_VERSION
from settings.stack import Stack

ML = "machinelearningservices"
GET_POOL = "containerservice:getAgentPool"
_LOOKS_AGAIN = (0.5, 1.0, 2.0)
"""Seconds between looks at what should be there: Azure's readers answer 404 for a while after a change (facts T13)."""


async def get(function: str, arguments: dict[str, str], *, expected: bool = False) -> dict[str, Any] | None:
    """The resource that `service:function` shows, None where there is none.

    `expected`: it should be there, so one 404 is not believed; it is looked at again for some seconds. Raises
    pulumi.RunError when Azure answers anything but the resource or 404.
    """
    for pause in (*_LOOKS_AGAIN, None) if expected else (None,):
        found = await _get(function, arguments)
        if found is not None or pause is None:
            return found
        await asyncio.sleep(pause)
    return None


def in_workspace(stack: Stack, **path: str) -> dict[str, str]:
    """The arguments of a function on something in the stack's workspace."""
    return {"resourceGroupName": stack.workspace.resource_group, "workspaceName": stack.workspace.name, **path}


def pool_place(stack: Stack, pool: str) -> dict[str, str]:
    """The arguments of GET_POOL for a pool of the stack's cluster."""
    assert stack.inference_cluster is not None
    group, cluster = stack.workspace.resource_group, stack.inference_cluster.name
    return {"resourceGroupName": group, "resourceName": cluster, "agentPoolName": pool}


def whole(count: Any) -> int | None:
    """A count as it stands in a body or among a hook's inputs; None where it is not known."""
    return int(count) if isinstance(count, int | float) else None


async def _get(function: str, arguments: dict[str, str]) -> dict[str, Any] | None:
    try:
        result = await invoke_async(
            f"azure-native:{function}", arguments, opts=pulumi.InvokeOptions(version=AZURE_NATIVE_VERSION)
        )
    except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower for a failed invoke
        if "Status=404" in str(error):
            return None
        what = " ".join(value for key, value in arguments.items() if key not in ("resourceGroupName", "workspaceName"))
        raise pulumi.RunError(f"Azure could not be read ({function.partition(':')[2]} {what}): {error}") from None
    body: dict[str, Any] = result
    return body
