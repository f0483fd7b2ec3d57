"""What the stack uses and others own: which resources those are, whether they fit, and the stack with what was read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rollout.existing_fit import STANDS_ON, Body, Use, completed, flat, in_words, unfit
from settings import names
from settings.existing import (
    ACTION_GROUP,
    COMPUTE,
    GROUP,
    IDENTITY,
    INSIGHTS,
    LOGS,
    NETWORK,
    REGISTRY,
    STORAGE,
    VAULT,
    WORKSPACE,
    ZONE,
    Existing,
)
from settings.refusal import Refusal
from settings.stack import Stack


@dataclass(frozen=True, slots=True)
class Found:
    """What Azure shows of the uses, by path: a body, None where there is nothing. `subscription` is the stack's."""

    subscription: str = ""
    bodies: Mapping[str, Body | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completed:
    """The stack with what was read in it; `refusals` say what is not there or does not fit; `words` say what is used.

    `ids` are resource ids by path of the stack file, also of what an existing workspace stands on; `bodies` are flat.
    """

    stack: Stack
    refusals: Sequence[Refusal] = ()
    words: Sequence[str] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, Body] = field(default_factory=dict)


def uses_of(stack: Stack) -> tuple[Use, ...]:
    """All that the stack uses and does not make, in the order of the stack file."""
    return tuple(_uses(stack))


def complete(stack: Stack, found: Found) -> Completed:
    """The stack with what is read of its uses, and all that is wrong with them. Without uses the stack as it is."""
    refusals, words, ids, bodies = list[Refusal](), list[str](), dict[str, str](), dict[str, Body]()
    for use in uses_of(stack):
        body = found.bodies.get(use.path)
        refusals += guard_used(use, found, stack)
        if body is None:
            ids[use.path] = use.id(found.subscription)
            continue
        shown = flat(body)
        stack = completed(stack, use, shown)
        bodies[use.path] = shown
        ids |= _ids(use, shown, found)
        words.append(in_words(use, shown, found.subscription))
    return Completed(stack, refusals, words, ids, bodies)


def guard_used(use: Use, found: Found, stack: Stack) -> list[Refusal]:
    """R221 What the stack uses is there, and fits: asked of Azure before anything is touched.

    A workspace is in the stack's subscription and region, is ready, and takes version 2 of Azure ML's API; storage has
    no hierarchical namespace and is not premium; a network is in the region; a compute is an attached cluster.

    Source: Azure ML, online endpoints (in the workspace's region); network isolation with the v2 API (v1LegacyMode);
    manage workspaces (the default storage account).
    Example:
        stack: {location: northeurope, workspace: {name: ws-ml, resourceGroup: rg-ml, existing: true}}
        found: {location: westeurope, properties: {provisioningState: Succeeded, v1LegacyMode: true}}
    """
    body = found.bodies.get(use.path)
    if body is None:
        got = f"no {use.word} {use.name} in {use.group}, or nothing that you may read"
        cure = "Correct its name, its group or azure-native:subscriptionId, or ask its owner for the role Reader."
        return [Refusal("R221", use.path, got, "a resource that is there", cure)]
    return [*_not_ready(use, flat(body)), *unfit(use, flat(body), found.subscription, stack)]


def _uses(stack: Stack) -> Iterator[Use]:
    workspace = stack.workspace
    if stack.existing.resource_group is not None:
        theirs = stack.existing.resource_group
        group = theirs.resource_group or theirs.name or workspace.resource_group
        yield Use("existing.resourceGroup", GROUP, group, group, theirs.subscription)
    if workspace.existing is not None:
        yield _use("workspace", WORKSPACE, workspace.existing, stack, workspace.name)
    for path, type_, given in (
        ("existing.storage", STORAGE, stack.existing.storage),
        ("existing.keyVault", VAULT, stack.existing.key_vault),
        ("existing.logAnalytics", LOGS, stack.existing.log_analytics),
        ("existing.applicationInsights", INSIGHTS, stack.existing.application_insights),
    ):
        if given is not None:
            yield _use(path, type_, given, stack)
    if stack.registry and stack.registry.existing is not None:
        yield _use("registry", REGISTRY, stack.registry.existing, stack, stack.registry.name)
    yield from _of_network(stack)
    for name, identity in sorted(stack.identities.items()):
        if identity.existing is not None:
            yield _use(f"identities.{name}", IDENTITY, identity.existing, stack, name)
    watching = stack.watching.action_group
    if watching and watching.existing is not None:
        yield _use("watching.actionGroup", ACTION_GROUP, watching.existing, stack)
    yield from _computes(stack)


def _of_network(stack: Stack) -> Iterator[Use]:
    network = stack.network
    if network is None:
        return
    if network.existing is not None:
        yield _use("network", NETWORK, network.existing, stack, names.in_group("vnet", stack.workspace))
    for zone, given in sorted(network.zones.items()):
        yield _use(f"network.zones.{zone}", ZONE, given.existing, stack, zone)


def _computes(stack: Stack) -> Iterator[Use]:
    """What endpoints on Kubernetes run on in an existing workspace, where this stack attaches it not itself."""
    cluster, workspace = stack.inference_cluster, stack.workspace
    own = (cluster.attach.compute or cluster.name) if cluster and cluster.attach.kind != "none" else None
    found = {one.compute: name for name, one in sorted(stack.endpoints.items()) if one.kind == "kubernetes"}
    for compute, endpoint in sorted((key, name) for key, name in found.items() if key is not None):
        if workspace.existing is not None and compute != own:
            yield Use(f"endpoints.{endpoint}.compute", COMPUTE, f"{workspace.name}/{compute}", workspace.resource_group)


def _use(path: str, type_: str, existing: Existing, stack: Stack, name: str = "") -> Use:
    group = existing.resource_group or stack.workspace.resource_group
    return Use(path, type_, existing.name or name, group, existing.subscription)


def _not_ready(use: Use, body: Body) -> Iterator[Refusal]:
    state = str(body.get("provisioningState") or "Succeeded")
    if state not in ("Succeeded", "Updating", "Ready"):
        cure = "Wait until it is ready, or ask its owner."
        yield Refusal("R221", use.path, f"{use.word} {use.name} is {state}", "Succeeded", cure)


def _ids(use: Use, body: Body, found: Found) -> dict[str, str]:
    ids = {use.path: str(body.get("id") or use.id(found.subscription))}
    if use.type == WORKSPACE:
        ids |= {path: str(body[key]) for path, key in STANDS_ON.items() if body.get(key)}
    return ids
