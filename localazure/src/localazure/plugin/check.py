"""Checks a resource's inputs against the SDK's own types, before anything is sent."""

from collections.abc import Iterator
from typing import Any

from .schema import Fields, ResourceType
from .values import UNKNOWN, Properties, child_path

Failure = tuple[str, str]  # property path, reason

_NAMES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def check_inputs(resource: ResourceType, inputs: Properties, classes: dict[str, Fields]) -> list[Failure]:
    """Every unknown key, wrong type, missing key and value outside a closed enumeration, each with its path."""
    return [*_fields(resource.inputs, inputs, "", resource.token, classes)]


def choose(kind: Any, value: Any, classes: dict[str, Fields]) -> Any:
    """The member of a union that a value belongs to, by its discriminator; other types come back as they are."""
    if not isinstance(kind, dict) or "union" not in kind:
        return kind
    for member in kind["union"]:
        if _fits(member, value, classes):
            return member
    return None


def _fits(kind: Any, value: Any, classes: dict[str, Fields]) -> bool:
    if isinstance(kind, dict) and "ref" in kind:
        consts = {wire: const for wire, (_, _, const) in classes[kind["ref"]].items() if const is not None}
        if not isinstance(value, dict):
            return False
        return all(value.get(wire) in (const, UNKNOWN) for wire, const in consts.items())
    return not [*_check(kind, value, "", classes)]


def _check(kind: Any, value: Any, path: str, classes: dict[str, Fields]) -> Iterator[Failure]:
    if value is UNKNOWN or kind == "any":
        return
    if isinstance(kind, str):
        if not isinstance(value, _NAMES[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield path, f"expected {_article(kind)}, got {_shown(value)}"
    elif "enum" in kind:
        if value not in kind["enum"]:
            yield path, f"expected one of {', '.join(map(repr, kind['enum']))}, got {value!r}"
    elif "keys" in kind:
        yield from _array(kind["keys"], value, path, classes)
    elif "array" in kind:
        yield from _array(kind["array"], value, path, classes)
    elif "map" in kind:
        yield from _map(kind["map"], value, path, classes)
    elif "ref" in kind:
        yield from _object(kind["ref"], value, path, classes)
    else:
        yield from _union(kind, value, path, classes)


def _array(kind: Any, value: Any, path: str, classes: dict[str, Fields]) -> Iterator[Failure]:
    if not isinstance(value, list):
        yield path, f"expected an array, got {_shown(value)}"
        return
    for index, item in enumerate(value):
        yield from _check(kind, item, child_path(path, index), classes)


def _map(kind: Any, value: Any, path: str, classes: dict[str, Fields]) -> Iterator[Failure]:
    if not isinstance(value, dict):
        yield path, f"expected a map, got {_shown(value)}"
        return
    for key, item in value.items():
        yield from _check(kind, item, child_path(path, key), classes)


def _object(name: str, value: Any, path: str, classes: dict[str, Fields]) -> Iterator[Failure]:
    if not isinstance(value, dict):
        yield path, f"expected an object ({name.partition(':')[2]}), got {_shown(value)}"
        return
    yield from _fields(classes[name], value, path, name.partition(":")[2], classes)


def _union(kind: Any, value: Any, path: str, classes: dict[str, Fields]) -> Iterator[Failure]:
    member = choose(kind, value, classes)
    if member is not None:
        yield from _check(member, value, path, classes)
        return
    wanted = [classes[member["ref"]] for member in kind["union"] if isinstance(member, dict) and "ref" in member]
    consts = sorted({(wire, field[2]) for fields in wanted for wire, field in fields.items() if field[2] is not None})
    if not consts or not isinstance(value, dict):
        yield path, f"fits none of the types it may have, got {_shown(value)}"
        return
    key = consts[0][0]
    expected = ", ".join(repr(const) for wire, const in consts if wire == key)
    yield child_path(path, key), f"expected one of {expected}, got {value.get(key, 'nothing')!r}"


def _fields(fields: Fields, values: Properties, path: str, owner: str, classes: dict[str, Fields]) -> Iterator[Failure]:
    for wire, (_, required, _) in fields.items():
        if required and values.get(wire) is None:
            yield child_path(path, wire), f"missing required property '{wire}' of {owner}"
    for key, value in values.items():
        if value is None or key.startswith("__"):
            continue
        if key not in fields:
            yield child_path(path, key), f"'{key}' is no property of {owner} (it has: {', '.join(sorted(fields))})"
            continue
        kind, _, const = fields[key]
        if const is not None and value not in (const, UNKNOWN):
            yield child_path(path, key), f"expected {const!r}, got {value!r}"
        yield from _check(kind, value, child_path(path, key), classes)


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "integer" else f"a {kind}"


def _shown(value: Any) -> str:
    """What was got, without the value of a string: it may be a secret; names of kinds say enough."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {value}".lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
