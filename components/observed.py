"""What Azure shows now beside what this stack applied last: all that a step is decided on."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from components.azure_reads import ML, get, in_workspace
from components.own_state import holds, read_kept
from rollout.applied import former_place, with_applied
from rollout.assets import Found, to_find
from rollout.bodies import deployment_from, description_from, endpoint_from
from rollout.counts import pools_to_read
from rollout.decide import to_read
from rollout.guard import guard_gone, guard_subscription
from rollout.model import Applied, AppliedEndpoint, ObservedDeployment, ObservedEndpoint
from settings.refusal import Refusal
from settings.stack import Stack

_ASSETS = {
    "models": f"{ML}:getModelVersion",
    "environments": f"{ML}:getEnvironmentVersion",
    "codes": f"{ML}:getCodeVersion",
}


@dataclass(frozen=True, slots=True)
class Observation:
    """`endpoints` are those of the stack file that are there; `made` those that this stack made and Azure shows.

    `gone` refuses what the state holds and Azure denies; `pools` are live node counts of pools that are edited; `keys`
    are the endpoints', as the last `up` read them; `found` is what this step deploys newly; `subscription` is where all
    of it was looked for. `takes_down`: the stack is being destroyed, so nothing is judged and nothing is said.
    """

    endpoints: Mapping[str, ObservedEndpoint]
    applied: Applied = field(default_factory=Applied)
    made: Mapping[str, ObservedEndpoint] = field(default_factory=dict)
    gone: Sequence[Refusal] = ()
    pools: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[str, Any] = field(default_factory=dict)
    found: Found = field(default_factory=Found)
    subscription: str | None = None
    takes_down: bool = False


async def observe(stack: Stack) -> Observation:
    """Everything, in parallel: N endpoints cost N reads; a deployment is read only where the step concerns it.

    Each version of a model, an environment or code that the step deploys newly costs one more.

    Raises pulumi.RunError when Azure answers anything but the resource or 404.
    """
    kept, client = await asyncio.gather(read_kept(), get("authorization:getClientConfig", {}))
    applied, subscription = kept.applied, (client or {}).get("subscriptionId")
    if elsewhere := guard_subscription(applied.subscription, subscription):
        return Observation({}, applied, gone=elsewhere, keys=kept.keys, subscription=subscription)
    names = sorted({*stack.endpoints, *applied.endpoints})
    former = former_place(stack, applied)
    place = dict(zip(("resourceGroupName", "workspaceName"), former, strict=True)) if former else None
    pools = asyncio.create_task(_pools(stack, applied))
    looks = [_endpoint(stack, name, applied.endpoints.get(name), place) for name in names]
    found = dict(zip(names, await asyncio.gather(*looks), strict=True))
    gone = [refusal for look in found.values() for refusal in look.gone]
    made = {name: look.made for name, look in found.items() if look.made and name in applied.endpoints}
    endpoints = {name: look.seen for name, look in found.items() if look.seen and name in stack.endpoints}
    assets = Found() if place is not None else await _assets(stack, endpoints, applied)
    return Observation(endpoints, applied, made, gone, await pools, kept.keys, assets, subscription)


async def observe_endpoint(
    stack: Stack, name: str, deployments: Sequence[str] = (), *, expected: bool = False
) -> ObservedEndpoint | None:
    """One endpoint as Azure shows it, with these of its deployments; None where there is none."""
    body = await get(f"{ML}:getOnlineEndpoint", in_workspace(stack, endpointName=name), expected=expected)
    if body is None:
        return None
    return replace(endpoint_from(body), deployments=await _deployments(stack, name, deployments))


async def keys(stack: Stack, name: str) -> dict[str, str] | None:
    """An endpoint's two keys, `primary` and `secondary`; None where there is no such endpoint."""
    body = await get(f"{ML}:listOnlineEndpointKeys", in_workspace(stack, endpointName=name), expected=True)
    return None if body is None else {key: body.get(f"{key}Key") or "" for key in ("primary", "secondary")}


@dataclass(frozen=True, slots=True)
class _Look:
    seen: ObservedEndpoint | None = None
    made: ObservedEndpoint | None = None
    gone: Sequence[Refusal] = ()


async def _endpoint(stack: Stack, name: str, kept: AppliedEndpoint | None, place: Mapping[str, str] | None) -> _Look:
    if place is not None:
        # The stack file names another workspace than was applied: what serves is where it was made.
        body = await get(f"{ML}:getOnlineEndpoint", {**place, "endpointName": name}) if kept else None
        return _Look(made=endpoint_from(body) if body else None)
    live = await observe_endpoint(stack, name, expected=kept is not None)
    if live is None:
        is_gone = kept is not None and name in stack.endpoints and await holds("OnlineEndpoint", name)
        return _Look(gone=guard_gone(name, None) if is_gone else ())
    seen = with_applied(live, kept)
    if name not in stack.endpoints:
        return _Look(made=seen)
    wanted = stack.endpoints[name]
    concerned = to_read(stack, name, seen, kept)
    known = {*seen.traffic, *seen.mirror, *(kept.deployments if kept else ())}
    deployments = await _deployments(stack, name, concerned, known)
    gone = [
        refusal
        for each in concerned
        if each in known and each not in deployments and each in wanted.deployments
        for refusal in (guard_gone(name, None, each) if await holds("OnlineDeployment", f"{name}-{each}") else ())
    ]
    seen = replace(seen, deployments=deployments)
    return _Look(seen, seen, gone)


async def _deployments(
    stack: Stack, endpoint: str, names: Sequence[str], known: Iterable[str] = ()
) -> dict[str, ObservedDeployment]:
    bodies = await asyncio.gather(
        *(
            get(
                f"{ML}:getOnlineDeployment",
                in_workspace(stack, endpointName=endpoint, deploymentName=name),
                expected=name in known,
            )
            for name in names
        )
    )
    return {name: deployment_from(body) for name, body in zip(names, bodies, strict=True) if body is not None}


async def _assets(stack: Stack, seen: Mapping[str, ObservedEndpoint], applied: Applied) -> Found:
    wanted: dict[str, str] = {}
    for name in sorted(stack.endpoints):
        wanted |= to_find(stack, name, seen.get(name), applied.endpoints.get(name))
    paths = sorted({*wanted.values()})
    bodies = await asyncio.gather(*(_asset(stack, path) for path in paths))
    assets = dict(zip(paths, bodies, strict=True))
    is_there = None not in bodies or await get(f"{ML}:getWorkspace", in_workspace(stack)) is not None
    return Found(wanted, assets, is_there)


async def _asset(stack: Stack, path: str) -> str | None:
    collection, name, _, version = path.split("/")
    return description_from(await get(_ASSETS[collection], in_workspace(stack, name=name, version=version)))


async def _pools(stack: Stack, applied: Applied) -> dict[str, int]:
    cluster, names = stack.inference_cluster, pools_to_read(stack, applied)
    if cluster is None or not names:
        return {}
    where = {"resourceGroupName": stack.workspace.resource_group, "resourceName": cluster.name}
    found = await get("containerservice:getManagedCluster", where)
    profiles = (found or {}).get("agentPoolProfiles") or []
    return {one["name"]: int(one["count"]) for one in profiles if one["name"] in names and one.get("count") is not None}
