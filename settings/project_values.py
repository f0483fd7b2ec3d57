"""What Pulumi.yaml's own `config` adds to every stack: declarations of keys, with their types, defaults and values."""

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from settings.document import handed_over
from settings.nodes import Broken
from settings.scalars import INT64, Date
from settings.values import full_key, has_secret, object_of, text_of

_TYPES = {"string": str, "boolean": bool, "object": dict}
_DECLARED = {"type", "items", "description", "secret", "default", "value"}


def declarations(project: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Pulumi.yaml's own `config`, each key with its declaration: type, default or value."""
    found = {}
    for key, value in config.items():
        is_ours = ":" not in key or key.startswith(f"{project}:")
        is_short = isinstance(value, str | bool | int | list)
        declared = {"default" if is_ours else "value": value} if is_short else value
        if not isinstance(declared, dict) or not declared.keys() <= _DECLARED:
            raise Broken(f"config.{key} in Pulumi.yaml: no declaration; write {key}: {{value: ...}}")
        _check_declaration(key, declared, is_ours)
        found[key] = declared
    return found


def _check_declaration(key: str, declared: Mapping[str, Any], is_ours: bool) -> None:
    kind, default, value = (declared.get(part) for part in ("type", "default", "value"))
    where = f"config.{key} in Pulumi.yaml"
    if kind is not None and kind not in {*_TYPES, "integer", "array"}:
        raise Broken(f"{where}: type {kind!r}; a type is string, boolean, integer, object or array")
    if not isinstance(declared.get("description"), str | None) or not isinstance(declared.get("secret"), bool | None):
        raise Broken(f"{where}: a description that is no text, or a secret that is neither true nor false")
    if default is not None and value is not None:
        raise Broken(f"{where}: a default and a value")
    if not is_ours and (kind is not None or default is not None or value is None):
        raise Broken(f"{where}: a key of another namespace takes a value alone")
    if kind == "array" and declared.get("items") is None:
        raise Broken(f"{where}: an array without items")
    if kind is not None and default is not None and not _is_of(kind, declared.get("items"), default):
        raise Broken(f"{where}: a default that is no {kind}")


def with_project(objects: dict[str, Any], project: str, config: Mapping[str, Any]) -> None:
    """Lay Pulumi.yaml's values beneath the stack's: a key is taken whole from one of the two."""
    for key, declared in sorted(config.items()):
        name = full_key(key, project)
        path = _path(name)
        if _reaches(objects, path):
            continue
        value = declared.get("value") if declared.get("default") is None else declared["default"]
        if value is not None:
            _put(objects, path, object_of(_own(value)))
        elif name.startswith(f"{project}:"):
            raise Broken(f"no value for {key}, which Pulumi.yaml asks for")
    for key, declared in config.items():
        _check_value(key, declared, _get(objects, _path(full_key(key, project))))


def _check_value(key: str, declared: Mapping[str, Any], value: Any) -> None:
    kind = declared.get("type")
    if kind is None:
        return
    if declared.get("secret") is True and not has_secret(value):
        raise Broken(f"{key} in clear; Pulumi.yaml wants it encrypted")
    if not has_secret(value) and not _is_of(kind, declared.get("items"), _seen(value)):
        raise Broken(f"{key}: no {kind}, as Pulumi.yaml wants it")


def _seen(value: Any) -> Any:
    """What the engine holds against a type: scalars as their text, maps and lists as they are."""
    return handed_over(value) if isinstance(value, dict | list) else text_of(value)


def _is_of(kind: str, items: Any, value: Any) -> bool:
    if kind == "integer":
        is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
        is_whole = is_whole and (isinstance(value, float) or -INT64 <= value < INT64)
        return is_whole or (isinstance(value, str) and re.fullmatch(r"[-+]?\d+", value, re.ASCII) is not None)
    if kind == "boolean" and value in {"true", "false"} if isinstance(value, str) else False:
        return True
    if kind != "array":
        return isinstance(value, _TYPES[kind])
    if not isinstance(value, list) or not isinstance(items, dict):
        return False
    return all(_is_of(str(items.get("type")), items.get("items"), one) for one in value)


def _own(value: Any) -> Any:
    """A value of Pulumi.yaml as the engine puts it among a stack's."""
    if isinstance(value, Date):
        return value.rfc3339
    if isinstance(value, dict):
        return {key: _own(one) for key, one in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and not -INT64 <= value < INT64:
        return float(value)
    return [_own(one) for one in value] if isinstance(value, list) else value


_PART = re.compile(r"""\.?([^.\["]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]""")


def _path(name: str) -> list[str | int]:
    """A key of Pulumi.yaml, which is a path: `p:a.b[0]` is the first one of b in the key p:a. Raises Broken."""
    namespace, _, rest = name.partition(":")
    parts: list[str | int] = []
    at = 0
    while at < len(rest):
        found = _PART.match(rest, at)
        if not found:
            raise Broken(f"the key {name!r} in Pulumi.yaml, which is no path")
        plain, index, quoted = found.groups()
        parts.append(int(index) if index else plain if plain is not None else quoted)
        at = found.end()
    if not parts or not isinstance(parts[0], str):
        raise Broken(f"the key {name!r} in Pulumi.yaml, which is no path")
    return [f"{namespace}:{parts[0]}", *parts[1:]]


def _get(objects: Mapping[str, Any], path: list[str | int]) -> Any:
    value: Any = objects
    for part in path:
        if not _holds(value, part):
            return None
        value = value[part]
    return value


def _reaches(objects: Mapping[str, Any], path: list[str | int]) -> bool:
    return (len(path) == 1 and path[0] in objects) or _holds(_get(objects, path[:-1]), path[-1])


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(part, str):
        return isinstance(value, dict) and part in value
    return isinstance(value, list) and part < len(value)


def _put(objects: dict[str, Any], path: list[str | int], value: Any) -> None:
    holder: Any = objects
    for part, after in pairwise(path):
        if not _holds(holder, part):
            _set(holder, part, {} if isinstance(after, str) else [])
        holder = holder[part]
    _set(holder, path[-1], _typed(value) if len(path) > 1 else value)


def _typed(value: Any) -> Any:
    """Text at a path becomes the number or the boolean that it looks like."""
    if isinstance(value, str) and (value in {"true", "false"} or re.fullmatch(r"0|-?[1-9]\d{0,18}", value, re.ASCII)):
        return json.loads(value)
    return value


def _set(holder: Any, part: str | int, value: Any) -> None:
    if isinstance(holder, dict) and isinstance(part, str):
        holder[part] = value
    elif isinstance(holder, list) and isinstance(part, int) and part <= len(holder):
        holder[part:] = [value, *holder[part + 1 :]]
    else:
        raise Broken(f"a path in Pulumi.yaml that leads nowhere, at {part}")
