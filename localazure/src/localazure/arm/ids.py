"""Resource ids: parsed from a request's path, compared without regard to case.

`/subscriptions/S/resourceGroups/G/providers/NS/kind/name[/kind/name…]`; an extension resource has a second
`/providers/` behind the id of what it extends. Source: ARM's documentation of resource ids.
"""

from dataclasses import dataclass
from typing import Literal

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"
IMPOSSIBLE = frozenset("<>%&:\\?#/")
LONGEST_NAME = 260
TargetKind = Literal["resource", "collection"]


@dataclass(frozen=True, slots=True)
class ResourceId:
    """An id as it was written; `type` is `NS/kind[/kind…]`, `names` has one name per kind."""

    text: str
    type: str
    names: tuple[str, ...]
    subscription: str = ""
    group: str = ""
    scope: str = ""

    @property
    def key(self) -> str:
        """What two spellings of one id have in common."""
        return self.text.lower()

    @property
    def name(self) -> str:
        """The last name."""
        return self.names[-1]

    @property
    def parent(self) -> str:
        """The id one level up: the parent resource, or the scope (group, subscription, extended resource)."""
        return self.text.rsplit("/", 2)[0] if len(self.names) > 1 else self.scope


@dataclass(frozen=True, slots=True)
class Target:
    """What a path points at: the resource `id`, or the collection `type` in it; to a POST that is the action on it."""

    kind: TargetKind
    id: ResourceId
    type: str
    action: str = ""


def impossible_name(resource: ResourceId) -> str | None:
    """The first of its names that no resource of Azure can have, or None; a service may be stricter.

    Source: Microsoft's "Naming rules and restrictions for Azure resources" (no control character, none of <>%&:\\?/#;
    not . or .., which a URL does not keep). Names end up in files, URLs and logs.
    """
    for name in (resource.group, *resource.names):
        if len(name) > LONGEST_NAME or name in {".", ".."} or not IMPOSSIBLE.isdisjoint(name) or not name.isprintable():
            return name
    return None


def parse_id(text: str) -> ResourceId | None:
    """A full resource id, or None when the text is none."""
    target = parse_target(text)
    return target.id if target is not None and target.kind == "resource" else None


def parse_target(path: str) -> Target | None:
    """What a request's path points at; None when it is no ARM path."""
    parts = [part for part in path.split("/") if part]
    at = max((n for n, part in enumerate(parts) if part.lower() == "providers"), default=-1)
    if at < 0:
        return _parse_scope(parts)
    if len(parts) < at + 3:
        return None
    scope = "/" + "/".join(parts[:at]) if at else ""
    namespace, rest = parts[at + 1], parts[at + 2 :]
    kinds, names = rest[0::2], rest[1::2]
    subscription, group = _subscription_and_group(parts)
    type_name = "/".join([namespace, *kinds[: len(names)]])
    if len(kinds) == len(names):
        resource = ResourceId("/" + "/".join(parts), type_name, tuple(names), subscription, group, scope)
        return Target("resource", resource, type_name)
    base = "/" + "/".join(parts[:-1]) if names else scope
    held = ResourceId(base, type_name, tuple(names), subscription, group, scope)
    return Target("collection", held, "/".join([namespace, *kinds]), action=kinds[-1])


def _parse_scope(parts: list[str]) -> Target | None:
    lower = [part.lower() for part in parts]
    if not lower or lower[0] != "subscriptions":
        return None
    if len(parts) == 1:
        return Target("collection", ResourceId("", "", ()), SUBSCRIPTION_TYPE)
    subscription = ResourceId("/" + "/".join(parts[:2]), SUBSCRIPTION_TYPE, (parts[1],), parts[1])
    if len(parts) == 2:
        return Target("resource", subscription, SUBSCRIPTION_TYPE)
    if lower[2] != "resourcegroups":
        held = Target("collection", subscription, f"Microsoft.Resources/{parts[2]}", action=parts[2])
        name = ResourceId("/" + "/".join(parts), held.type, tuple(parts[3:]), parts[1], scope=subscription.text)
        return held if len(parts) == 3 else Target("resource", name, held.type)
    if len(parts) == 3:
        return Target("collection", subscription, GROUP_TYPE, action=parts[2])
    scope = "/" + "/".join(parts[:2])
    group = ResourceId("/" + "/".join(parts[:4]), GROUP_TYPE, (parts[3],), parts[1], parts[3], scope)
    if len(parts) == 4:
        return Target("resource", group, GROUP_TYPE)
    return Target("collection", group, f"Microsoft.Resources/{parts[4]}", action=parts[4]) if len(parts) == 5 else None


def _subscription_and_group(parts: list[str]) -> tuple[str, str]:
    lower = [part.lower() for part in parts[:4]]
    subscription = parts[1] if len(parts) > 1 and lower[0] == "subscriptions" else ""
    group = parts[3] if len(parts) > 3 and lower[2] == "resourcegroups" else ""
    return subscription, group
