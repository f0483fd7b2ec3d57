"""What Azure shows now: read through the same provider and credentials as everything else, also in a preview."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pulumi
from pulumi.runtime import invoke_async

from components.options import AZURE_NATIVE_VERSION
from rollout.bodies import deployment_from, endpoint_from
from rollout.decide import to_read
from rollout.model import ObservedDeployment, ObservedEndpoint
from settings.stack import Stack

_ML = "azure-native:machinelearningservices"


async def observe(stack: Stack) -> dict[str, ObservedEndpoint]:
    """Each endpoint of the stack as Azure shows it, by name; one that is not there is left out.

    N endpoints cost N reads, in parallel; a deployment is read only where a share moves to it or from it.
    Raises pulumi.RunError when Azure answers anything but the resource or 404.
    """
    names = sorted(stack.endpoints)
    found = await asyncio.gather(*(_endpoint(stack, name) for name in names))
    return {name: endpoint for name, endpoint in zip(names, found, strict=True) if endpoint}


async def observe_endpoint(stack: Stack, name: str, deployments: Sequence[str] = ()) -> ObservedEndpoint | None:
    """One endpoint as Azure shows it, with these of its deployments; None where there is none."""
    body = await _get("getOnlineEndpoint", stack, endpointName=name)
    if body is None:
        return None
    return replace(endpoint_from(body), deployments=await _deployments(stack, name, deployments))


async def keys(stack: Stack, name: str) -> dict[str, str] | None:
    """An endpoint's two keys, `primary` and `secondary`; None where there is no such endpoint."""
    body = await _get("listOnlineEndpointKeys", stack, endpointName=name)
    return None if body is None else {key: body.get(f"{key}Key") or "" for key in ("primary", "secondary")}


async def _endpoint(stack: Stack, name: str) -> ObservedEndpoint | None:
    endpoint = await observe_endpoint(stack, name)
    if endpoint is None:
        return None
    deployments = await _deployments(stack, name, to_read(stack.endpoints[name], endpoint))
    return replace(endpoint, deployments=deployments)


async def _deployments(stack: Stack, endpoint: str, names: Sequence[str]) -> dict[str, ObservedDeployment]:
    bodies = await asyncio.gather(
        *(_get("getOnlineDeployment", stack, endpointName=endpoint, deploymentName=name) for name in names)
    )
    return {name: deployment_from(body) for name, body in zip(names, bodies, strict=True) if body is not None}


async def _get(function: str, stack: Stack, **path: str) -> dict[str, Any] | None:
    where = {"resourceGroupName": stack.workspace.resource_group, "workspaceName": stack.workspace.name}
    try:
        result = await invoke_async(
            f"{_ML}:{function}", {**where, **path}, opts=pulumi.InvokeOptions(version=AZURE_NATIVE_VERSION)
        )
    except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower for a failed invoke
        if "Status=404" in str(error):
            return None
        raise pulumi.RunError(f"Azure could not be read ({function} {' '.join(path.values())}): {error}") from None
    body: dict[str, Any] = result
    return body
