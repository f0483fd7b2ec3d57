"""What the stack uses and others own: which resources those are, whether they fit, and the stack with what was read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from settings.existing import UNREAD, Existing
from settings.refusal import Refusal
from settings.stack import Stack
from settings.workspace import WORKSPACE, ManagedNetwork

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Use:
    """One resource that the stack uses: `path` is its place in the stack file, `type` its ARM type.

    `subscription` is None where it is the stack's.
    """

    path: str
    type: str
    name: str
    group: str
    subscription: str | None = None

    @property
    def word(self) -> str:
        """What it is called in messages: the last part of its type, in the singular."""
        return _WORDS[self.type]

    def id(self, subscription: str) -> str:
        """Its resource id; `subscription` is the stack's."""
        place = f"/subscriptions/{self.subscription or subscription}/resourceGroups/{self.group}"
        return f"{place}/providers/{self.type}/{self.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """What Azure shows of the uses, by path: a body, None where there is nothing. `subscription` is the stack's."""

    subscription: str = ""
    bodies: Mapping[str, Body | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completed:
    """The stack with what was read in it; `refusals` say what is not there or does not fit; `words` say what is used.

    `ids` are resource ids by path of the stack file, also of what an existing workspace stands on.
    """

    stack: Stack
    refusals: Sequence[Refusal] = ()
    words: Sequence[str] = ()
    ids: Mapping[str, str] = field(default_factory=dict)


def uses_of(stack: Stack) -> tuple[Use, ...]:
    """All that the stack uses and does not make, in the order of the stack file."""
    return tuple(_uses(stack))


def complete(stack: Stack, found: Found) -> Completed:
    """The stack with what is read of its uses, and all that is wrong with them. Without uses the stack as it is."""
    refusals, words, ids = list[Refusal](), list[str](), dict[str, str]()
    for use in uses_of(stack):
        body = found.bodies.get(use.path)
        refusals += guard_used(use, found, stack)
        if body is None:
            ids[use.path] = use.id(found.subscription)
            continue
        shown = flat(body)
        stack = _COMPLETE[use.type](stack, shown)
        ids |= _ids(use, shown, found)
        words.append(f"uses {use.word} {use.name} in {use.group} ({_IN_WORDS[use.type](shown)})")
    return Completed(stack, refusals, words, ids)


def guard_used(use: Use, found: Found, stack: Stack) -> list[Refusal]:
    """R221 What the stack uses is there, and fits: asked of Azure before anything is touched.

    A workspace is in the stack's subscription and region, is ready, and takes version 2 of Azure ML's API.

    Source: Azure ML, online endpoints (in the workspace's region); network isolation with the v2 API (v1LegacyMode).
    Example:
        stack: {location: northeurope, workspace: {name: ws-ml, resourceGroup: rg-ml, existing: true}}
        found: {location: westeurope, properties: {provisioningState: Succeeded, v1LegacyMode: true}}
    """
    body = found.bodies.get(use.path)
    if body is None:
        got = f"no {use.word} {use.name} in {use.group}, or nothing that you may read"
        cure = "Correct its name, its group or azure-native:subscriptionId, or ask its owner for the role Reader."
        return [Refusal("R221", use.path, got, "a resource that is there", cure)]
    return [*_not_ready(use, flat(body)), *_FITS[use.type](use, flat(body), found, stack)]


def flat(body: Body) -> dict[str, Any]:
    """A body of ARM, or of azure-native's get functions, with its properties beside its name and location."""
    return {**body, **(body.get("properties") or {})}


def region_of(body: Body) -> str:
    """The region of a body in the stack file's form: West Europe is westeurope."""
    return str(body.get("location") or "").lower().replace(" ", "")


def _uses(stack: Stack) -> Iterator[Use]:
    workspace = stack.workspace
    if workspace.existing is not None:
        yield _use("workspace", WORKSPACE, workspace.existing, stack, workspace.name)


def _use(path: str, type_: str, existing: Existing, stack: Stack, name: str = "") -> Use:
    group = existing.resource_group or stack.workspace.resource_group
    return Use(path, type_, existing.name or name, group, existing.subscription)


def _not_ready(use: Use, body: Body) -> Iterator[Refusal]:
    state = str(body.get("provisioningState") or "Succeeded")
    if state not in ("Succeeded", "Updating", "Ready"):
        cure = "Wait until it is ready, or ask its owner."
        yield Refusal("R221", use.path, f"{use.word} {use.name} is {state}", "Succeeded", cure)


def _workspace_fits(use: Use, body: Body, found: Found, stack: Stack) -> Iterator[Refusal]:
    if use.subscription and use.subscription.lower() != found.subscription.lower():
        got = f"in subscription {use.subscription}, the stack is in {found.subscription}"
        cure = f"Type: pulumi config set azure-native:subscriptionId {use.subscription}."
        yield Refusal("R221", use.path, got, "a workspace in the stack's subscription", cure)
    region = region_of(body)
    if stack.location not in (UNREAD, region):
        cure = "Remove azure-native:location: it is the workspace's."
        yield Refusal("R221", "location", stack.location, f"{region}, where workspace {use.name} is", cure)
    if body.get("v1LegacyMode"):
        cure = "Ask its owner: az ml workspace update --set v1_legacy_mode=false."
        yield Refusal("R221", use.path, f"{use.name} has v1LegacyMode", "a workspace for the v2 API", cure)


def _with_workspace(stack: Stack, body: Body) -> Stack:
    mode = str((body.get("managedNetwork") or {}).get("isolationMode") or "Disabled")
    is_closed = str(body.get("publicNetworkAccess") or "Enabled").lower() == "disabled"
    read: dict[str, Any] = {
        "isolation": "public" if mode == "Disabled" else "managedVnet",
        "managed_network": None if mode == "Disabled" else ManagedNetwork(outbound=_mode(mode)),
        "public_network_access": "disabled" if is_closed else "enabled",
    }
    workspace = stack.workspace.model_copy(update=read)
    return stack.model_copy(update={"workspace": workspace, "location": region_of(body)})


def _mode(mode: str) -> Any:
    return mode[:1].lower() + mode[1:]


def _workspace_in_words(body: Body) -> str:
    mode = str((body.get("managedNetwork") or {}).get("isolationMode") or "Disabled")
    access = str(body.get("publicNetworkAccess") or "Enabled").lower()
    network = "" if mode == "Disabled" else f", managed network {_mode(mode)}"
    return f"{region_of(body)}, public access {access}{network}"


def _ids(use: Use, body: Body, found: Found) -> dict[str, str]:
    ids = {use.path: str(body.get("id") or use.id(found.subscription))}
    if use.type == WORKSPACE:
        ids |= {path: str(body[key]) for path, key in _STANDS_ON.items() if body.get(key)}
    return ids


_STANDS_ON = {
    "storage": "storageAccount",
    "keyVault": "keyVault",
    "applicationInsights": "applicationInsights",
    "registry": "containerRegistry",
}
_WORDS = {WORKSPACE: "workspace"}
_FITS: dict[str, Callable[[Use, Body, Found, Stack], Iterator[Refusal]]] = {WORKSPACE: _workspace_fits}
_COMPLETE: dict[str, Callable[[Stack, Body], Stack]] = {WORKSPACE: _with_workspace}
_IN_WORDS: dict[str, Callable[[Body], str]] = {WORKSPACE: _workspace_in_words}
