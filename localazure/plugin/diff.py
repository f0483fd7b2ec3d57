"""What changes between old and new inputs, as property paths, and whether that replaces the resource."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .schema import ResourceType
from .values import UNKNOWN, Properties, child_path, same

Kind = Literal["add", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Difference:
    """`changes` maps property paths to kinds; `replaces` holds the input names that can't change in place."""

    changes: dict[str, Kind]
    replaces: tuple[str, ...]
    delete_first: bool


def compare(resource: ResourceType, old: Properties, new: Properties, ignored: Iterable[str] = ()) -> Difference:
    """The difference of two sets of inputs, without what stands at or below the `ignored` paths.

    The engine takes ignored changes back itself before an update; in a refresh it leaves that to the provider.
    Path parameters and the location replace the resource. One that keeps its own name is deleted first: the new one
    would stand at the same place, or take a name that must be unique in the region.
    """
    old, new = _with_plain_location(old), _with_plain_location(new)
    covered = [_covers(path) for path in ignored]
    changes = {
        path: kind for path, kind in _changes(old, new, "") if not any(pattern.match(path) for pattern in covered)
    }
    fixed = {*resource.parameters, "location"}
    replaces = tuple(sorted(fixed & changes.keys()))
    name = resource.parameters[-1] if resource.parameters else ""
    return Difference(changes, replaces, bool(replaces) and name not in replaces)


def _covers(path: str) -> re.Pattern[str]:
    """What an ignored path covers: itself and all below it; `[*]` is any index."""
    return re.compile(re.escape(path).replace(re.escape("[*]"), r"\[\d+\]") + r"(?=$|[.\[])")


def _with_plain_location(values: Properties) -> Properties:
    """`West Europe` and `westeurope` are one location."""
    location = values.get("location")
    if not isinstance(location, str):
        return values
    return values | {"location": location.replace(" ", "").lower()}


def _changes(old: Any, new: Any, path: str) -> Iterator[tuple[str, Kind]]:
    if new is None and old is None:
        return
    if old is None:
        yield path, "add"
    elif new is None:
        yield path, "delete"
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            if not key.startswith("__"):
                yield from _changes(old.get(key), new.get(key), child_path(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _changes(before, after, child_path(path, index))
    elif new is UNKNOWN or not same(old, new):
        yield path, "update"
