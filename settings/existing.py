"""What others own and the stack only uses: read and checked, never changed, never deleted."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from settings.types import GroupName, ObjectId, Shape, Text

_ID = re.compile(
    r"^/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"(/providers/(?P<type>[^/]+/[^/]+)/(?P<name>[^/]+))?/?$",
    re.IGNORECASE,
)
GROUP = "Microsoft.Resources/resourceGroups"
STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"
INSIGHTS = "Microsoft.Insights/components"
REGISTRY = "Microsoft.ContainerRegistry/registries"
WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes"
NETWORK = "Microsoft.Network/virtualNetworks"
ZONE = "Microsoft.Network/privateDnsZones"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
ACTION_GROUP = "Microsoft.Insights/actionGroups"
UNREAD = "unread"
"""The region of a stack that takes its existing workspace's, until that is read."""


class Existing(Shape):
    """One resource that is there already: `true` where its place names it, its resource id, or this map.

    Example:
      {name: ws-diabetes, resourceGroup: rg-diabetes, subscription: 33333333-3333-3333-3333-333333333333}
    """

    name: Text | None = None
    """Its name. Left out: as its place in the stack file has it."""
    resource_group: GroupName | None = None
    """Its group. Left out: the workspace's."""
    subscription: ObjectId | None = None
    """Its subscription. Left out: the stack's."""


def of_type(type_: str) -> Callable[[Any], Any]:
    """Reads each form of `existing` for this ARM type; false is the same as none. Raises ValueError for another id."""

    def read(raw: Any) -> Any:
        if isinstance(raw, bool):
            return {} if raw else None
        if not isinstance(raw, str):
            return raw
        match = _ID.match(raw)
        if match is None or (match["type"] or GROUP).lower() != type_.lower():
            raise ValueError(f"true, a map of name and resourceGroup, or the id of one of {type_}: /subscriptions/...")
        name = match["name"] or match["group"]
        return {"name": name, "resourceGroup": match["group"], "subscription": match["subscription"]}

    return read


def named_by(raw: Any, type_: str, *keys: str) -> Any:
    """A part of the stack file with `keys` (name, resourceGroup) filled in from its `existing`.

    Raises ValueError where both say something else.
    """
    if not isinstance(raw, Mapping) or not raw.get("existing"):
        return raw
    existing = of_type(type_)(raw["existing"])
    filled = dict(raw)
    for key in keys:
        said = existing.get(key) if isinstance(existing, Mapping) else None
        if said is not None and str(filled.setdefault(key, said)).lower() != str(said).lower():
            raise ValueError(f"one {key}, but it says {filled[key]} and its existing says {said}")
    return filled


def refuse_settings(part: Shape, *named: str) -> None:
    """Raises ValueError where a part that exists is told what to be like: that is read."""
    fields = type(part).model_fields
    alien = sorted(fields[key].alias or key for key in part.model_fields_set - {*named, "existing"})
    if getattr(part, "existing", None) and alien:
        raise ValueError(f"no {' and no '.join(alien)} beside existing: it is as its owner made it, and it is read")
