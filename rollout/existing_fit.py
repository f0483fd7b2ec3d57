"""One resource that the stack uses: what it is called, whether it fits, and what is read of it into the stack."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
    UNREAD,
    VAULT,
    WORKSPACE,
    ZONE,
)
from settings.refusal import Refusal
from settings.stack import Stack
from settings.workspace import ManagedNetwork

Body = Mapping[str, Any]
# What an existing workspace stands on: paths as those of uses, and its own properties.
STANDS_ON = {
    "existing.storage": "storageAccount",
    "existing.keyVault": "keyVault",
    "existing.applicationInsights": "applicationInsights",
    "registry": "containerRegistry",
}
_WORDS = {
    GROUP: "resource group",
    WORKSPACE: "workspace",
    STORAGE: "storage account",
    VAULT: "key vault",
    LOGS: "Log Analytics workspace",
    INSIGHTS: "Application Insights",
    REGISTRY: "registry",
    NETWORK: "virtual network",
    ZONE: "private DNS zone",
    IDENTITY: "identity",
    ACTION_GROUP: "action group",
    COMPUTE: "compute",
}


@dataclass(frozen=True, slots=True)
class Use:
    """One resource that the stack uses: `path` is its place in the stack file, `type` its ARM type.

    `subscription` is None where it is the stack's. The name of a compute begins with its workspace's.
    """

    path: str
    type: str
    name: str
    group: str
    subscription: str | None = None

    @property
    def word(self) -> str:
        """What it is called in messages."""
        return _WORDS[self.type]

    def is_elsewhere(self, subscription: str) -> bool:
        """Whether it is in another subscription than this one, the stack's."""
        return self.subscription is not None and self.subscription.lower() != subscription.lower()

    def id(self, subscription: str) -> str:
        """Its resource id; `subscription` is the stack's."""
        place = f"/subscriptions/{self.subscription or subscription}/resourceGroups/{self.group}"
        if self.type == GROUP:
            return place
        provider, *kinds = self.type.split("/")
        path = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, self.name.split("/"), strict=True))
        return f"{place}/providers/{provider}/{path}"


def flat(body: Body) -> dict[str, Any]:
    """A body of ARM, or of azure-native's get functions, with its properties beside its name and location."""
    return {**body, **(body.get("properties") or {})}


def unfit(use: Use, body: Body, subscription: str, stack: Stack) -> Iterator[Refusal]:
    """What of a flat body does not fit; `subscription` is the stack's."""
    if use.type in (WORKSPACE, GROUP) and use.is_elsewhere(subscription):
        got = f"in subscription {use.subscription}, the stack is in {subscription}"
        cure = f"Type: pulumi config set azure-native:subscriptionId {use.subscription}."
        yield Refusal("R221", use.path, got, f"a {use.word} in the stack's subscription", cure)
    if use.type == WORKSPACE:
        yield from _workspace(use, body, stack)
    for wrong, got, expected, cure in _facts(use, body, stack):
        if wrong:
            yield Refusal("R221", use.path, f"{use.word} {use.name} {got}", expected, cure)


def completed(stack: Stack, use: Use, body: Body) -> Stack:
    """The stack with what a flat body says, so that all rules judge what is there."""
    if use.type == WORKSPACE:
        return _with_workspace(stack, body)
    if use.type == REGISTRY and stack.registry:
        is_zoned = str(body.get("zoneRedundancy") or "").lower() == "enabled"
        read = {"sku": str((body.get("sku") or {}).get("name") or "").lower(), "zone_redundant": is_zoned}
        return stack.model_copy(update={"registry": stack.registry.model_copy(update=read)})
    if use.type == NETWORK and stack.network:
        network = stack.network.model_copy(update={"address_space": _ranges(body), "subnets": subnets(body)})
        return stack.model_copy(update={"network": network})
    return stack


def in_words(use: Use, body: Body, subscription: str) -> str:
    """What is used, and where: `uses workspace ws-ml in rg-ml (westeurope, Basic, public access enabled)`."""
    where = "" if use.type == GROUP else f" in {use.group}"
    other = f" of subscription {use.subscription}" if use.is_elsewhere(subscription) else ""
    return f"uses {use.word} {use.name.rpartition('/')[2]}{where}{other} ({', '.join(_said(use, body))})"


def subnets(body: Body) -> dict[str, str]:
    """The IPv4 range of each subnet of a network's flat body, by name."""
    found: dict[str, str] = {}
    for subnet in body.get("subnets") or ():
        shown = flat(subnet)
        ranges = [shown.get("addressPrefix"), *(shown.get("addressPrefixes") or ())]
        found |= {str(subnet["name"]): str(one) for one in ranges[::-1] if one and ":" not in str(one)}
    return found


def region_of(body: Body) -> str:
    """The region of a body in the stack file's form: West Europe is westeurope."""
    return str(body.get("location") or "").lower().replace(" ", "")


def _facts(use: Use, body: Body, stack: Stack) -> Iterator[tuple[bool, str, str, str]]:
    """(whether it is wrong, what is, what is expected, what to do) of each thing that a type has to be."""
    region, sku = region_of(body), str((body.get("sku") or {}).get("name") or "")
    if use.type == STORAGE:
        cure = "Name another account; data lakes and premium accounts serve as further datastores."
        yield bool(body.get("isHnsEnabled")), "has a hierarchical namespace", "an account without one", cure
        yield sku.lower().startswith("premium"), f"is {sku}", "a standard account", cure
    if use.type == NETWORK:
        cure = "Name a network in the region, or change azure-native:location."
        yield region != stack.location, f"is in {region}", f"{stack.location}, where what joins it is", cure
    if use.type == ACTION_GROUP:
        yield body.get("enabled") is False, "is switched off", "one that tells somebody", "Ask its owner."
    if use.type == COMPUTE:
        kind = str(body.get("computeType"))
        cure = "Name an attached cluster: az ml compute list --type kubernetes."
        yield kind != "Kubernetes", f"is of type {kind}", "an attached Kubernetes cluster", cure


def _workspace(use: Use, body: Body, stack: Stack) -> Iterator[Refusal]:
    region = region_of(body)
    if stack.location not in (UNREAD, region):
        cure = "Remove azure-native:location: it is the workspace's."
        yield Refusal("R221", "location", stack.location, f"{region}, where workspace {use.name} is", cure)
    if body.get("v1LegacyMode"):
        cure = "Ask its owner: az ml workspace update --set v1_legacy_mode=false."
        yield Refusal("R221", use.path, f"{use.name} has v1LegacyMode", "a workspace for the v2 API", cure)


def _with_workspace(stack: Stack, body: Body) -> Stack:
    mode = _mode(body)
    is_closed = str(body.get("publicNetworkAccess") or "Enabled").lower() == "disabled"
    read: dict[str, Any] = {
        "isolation": "managedVnet" if mode else "public",
        "managed_network": ManagedNetwork.model_validate({"outbound": mode}) if mode else None,
        "public_network_access": "disabled" if is_closed else "enabled",
    }
    workspace = stack.workspace.model_copy(update=read)
    return stack.model_copy(update={"workspace": workspace, "location": region_of(body)})


def _mode(body: Body) -> str:
    """How far a managed network is open, in the stack file's words; empty where there is none."""
    mode = str((body.get("managedNetwork") or {}).get("isolationMode") or "Disabled")
    return "" if mode == "Disabled" else mode[:1].lower() + mode[1:]


def _ranges(body: Body) -> tuple[str, ...]:
    ranges = (body.get("addressSpace") or {}).get("addressPrefixes") or ()
    return tuple(str(one) for one in ranges if ":" not in str(one))


def _said(use: Use, body: Body) -> Iterator[str]:
    if region := region_of(body):
        yield region
    if sku := (body.get("sku") or {}).get("name"):
        yield str(sku)
    if use.type == WORKSPACE:
        yield f"public access {str(body.get('publicNetworkAccess') or 'Enabled').lower()}"
        if mode := _mode(body):
            yield f"managed network {mode}"
    if use.type == NETWORK:
        yield f"subnets {', '.join(sorted(subnets(body))) or 'none'}"
