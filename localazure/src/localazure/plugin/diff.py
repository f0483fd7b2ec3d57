"""What changes between old and new inputs, as property paths, and whether that replaces the resource."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from localazure.create_only import replacing

from .ids import MADE_UP
from .schema import ResourceType
from .values import UNKNOWN, Properties, child_path, same

Kind = Literal["add", "update", "delete"]

_TIERS = {"Basic": "Base", "Paid": "Standard"}  # of a cluster: its issue 2600


@dataclass(frozen=True, slots=True)
class Difference:
    """`changes` maps property paths to kinds; `replaces` holds the paths that can't change in place."""

    changes: dict[str, Kind]
    replaces: tuple[str, ...]
    delete_first: bool


def compare(
    resource: ResourceType,
    old: Properties,
    new: Properties,
    ignored: Iterable[str] = (),
    outputs: Properties | None = None,
) -> Difference:
    """The difference of two sets of inputs, without what stands at or below the `ignored` paths.

    The engine takes ignored changes back itself before an update; in a refresh it leaves that to the provider.
    Path parameters and what Azure fixes at creation replace the resource, which is deleted first unless its name was
    made up. Source: the stock plugin, provider/pkg/provider/provider.go (Diff) and diff.go.
    """
    made_up = old.get(MADE_UP) is True
    old, new = _plain(old), _plain(new)
    covered = [_covers(path) for path in ignored]
    changes = {
        path: kind for path, kind in _changes(old, new, "") if not any(pattern.match(path) for pattern in covered)
    }
    fixed = {*resource.parameters, *replacing(resource.token)}
    replaces = tuple(
        sorted(
            path
            for path, kind in changes.items()
            if _replaces(path, kind, fixed) and not _known(path, kind, old, new, outputs or {})
        )
    )
    return Difference(changes, replaces, bool(replaces) and not made_up)


def _replaces(path: str, kind: Kind, fixed: set[str]) -> bool:
    """Whether a change replaces: the path itself is fixed, or it is an update inside of something that is.

    What is added or removed inside of a fixed object does not: the stock plugin sends that, and Azure refuses it.
    """
    plain = re.sub(r"\[\d+\]", "[*]", path)
    if plain in fixed:
        return True
    return kind == "update" and any(plain.startswith((f"{each}.", f"{each}[")) for each in fixed)


def _known(path: str, kind: Kind, old: Properties, new: Properties, outputs: Properties) -> bool:
    """An input that is said for the first time, and says what is: no replacement (the plugin's issue 238)."""
    return kind == "add" and path not in old and path in new and path in outputs and outputs[path] == new[path]


def _covers(path: str) -> re.Pattern[str]:
    """What an ignored path covers: itself and all below it; `[*]` is any index."""
    return re.compile(re.escape(path).replace(re.escape("[*]"), r"\[\d+\]") + r"(?=$|[.\[])")


def _plain(values: Properties) -> Properties:
    """`West Europe` and `westeurope` are one location; a group's name has no case; tiers of clusters have old names."""
    plain = dict(values)
    if isinstance(location := plain.get("location"), str):
        plain["location"] = location.replace(" ", "").lower()
    if isinstance(group := plain.get("resourceGroupName"), str):
        plain["resourceGroupName"] = group.lower()
    sku = plain.get("sku")
    if isinstance(sku, dict) and {*sku} == {"name", "tier"}:
        plain["sku"] = {
            key: _TIERS.get(value, value) if isinstance(value, str) else value for key, value in sku.items()
        }
    return plain


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
