"""How an endpoint's traffic was split by the stack's earlier updates: the engine keeps each one's configuration."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ops.engine import PulumiError
from ops.messages import UserError
from ops.project import Place
from rollout.bodies import shares_from
from rollout.model import Split


def past_splits(place: Place, endpoint: str) -> Iterator[Split]:
    """Splits of updates that succeeded, the newest first; none where the engine can't tell. Asks it when iterated."""
    try:
        found = place.engine().history()
    except (PulumiError, UserError, ValueError):
        return
    for update in found:
        if update.get("kind") == "update" and update.get("result") == "succeeded":
            split = split_in(update, place.project.name, endpoint)
            if split:
                yield split


def split_in(update: Mapping[str, Any], project: str, endpoint: str) -> Split | None:
    """The split that an update's configuration asked for; None where it had no such endpoint."""
    value = (update.get("config") or {}).get(f"{project}:endpoints") or {}
    found = value.get("objectValue")
    try:
        found = json.loads(value.get("value") or "null") if found is None else found
        wanted = next(one for name, one in (found or {}).items() if name.lower() == endpoint.lower())
        return Split(shares_from(wanted.get("traffic")), shares_from(wanted.get("mirror")))
    except (StopIteration, ValueError, TypeError, AttributeError):
        return None
