"""A stack's configuration as the engine hands it to the program: from the stack file and what Pulumi.yaml adds.

Source: the engine 3.259, sdk/go/common/workspace (loaders.go, project.go) and resource/config, pkg/workspace/config.go.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from settings.document import Broken, handed_over, read
from settings.scalars import INT64, Date, NotThat, number

HIDDEN = "\0secret"
"""Stands for a text that is encrypted in the stack file. No text that is meant holds a NUL."""
_EXAMPLE = "Write for example: config: {azure-native:location: westeurope, ...}"
_TYPES = {"string": str, "boolean": bool, "object": dict}
_ENGINES = ("secretsprovider", "encryptedkey", "encryptionsalt")
_DECLARED = {"type", "items", "description", "secret", "default", "value"}


@dataclass(frozen=True, slots=True)
class Project:
    """What a project's Pulumi.yaml says: its name, which is its keys' namespace, and the values it gives all stacks."""

    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    stack_config_dir: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """`values` by full key, each as the text that the program gets; `secret` are the keys with something encrypted."""

    values: Mapping[str, str]
    secret: frozenset[str] = frozenset()
    environment: bool = False


def project_from(data: bytes) -> Project:
    """What a Pulumi.yaml says. Raises Broken where the engine refuses it."""
    document = read(data, only_text_below_config=True)
    if not isinstance(document, dict) or not isinstance(document.get("name"), str) or not document["name"]:
        raise Broken("a project without a name")
    config, folder = document.get("config"), document.get("stackConfigDir")
    if isinstance(config, str):
        # What `stackConfigDir` was called before.
        if "stackConfigDir" in document:
            raise Broken("config as a folder, and stackConfigDir")
        config, folder = None, config
    if not isinstance(config, dict | None) or not isinstance(folder, str | None):
        raise Broken("config that is no map, or stackConfigDir that is no text")
    return Project(document["name"], _declarations(document["name"], config or {}), folder or "")


def configuration(data: bytes, project: Project) -> Configuration:
    """The configuration of a stack whose file holds `data`. Raises Broken where the engine refuses it."""
    document = read(data)
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise Broken("no map", cure=_EXAMPLE)
    section = document.get("config")
    if section is None:
        section = {}
    if not isinstance(section, dict):
        raise Broken("config: no map", cure=_EXAMPLE)
    if any(isinstance(document.get(key), dict | list) for key in _ENGINES):
        raise Broken(f"one of {', '.join(_ENGINES)} that is no text")
    objects: dict[str, Any] = {}
    for key, value in section.items():
        name = _full_key(key, project.name)
        if name in objects:
            raise Broken(f"key {name!r} twice, with and without its namespace")
        objects[name] = _object(value)
    _with_project(objects, project)
    values, secret = {}, set()
    for key, value in objects.items():
        try:
            values[key] = _text(value)
        except NotThat as error:
            raise Broken(f"{key}: {error}") from None
        if _has_secret(value):
            secret.add(key)
    return Configuration(values, frozenset(secret), bool(document.get("environment")))


@dataclass(frozen=True, slots=True)
class Secure:
    """A value that is encrypted in the stack file."""


def _full_key(key: str, project: str) -> str:
    parts = key.split(":")
    if len(parts) == 1:
        return f"{project}:{key}"
    if len(parts) == 3 and parts[1] == "config" and all(parts):
        return f"{parts[0]}:{parts[2]}"
    if len(parts) != 2:
        raise Broken(f"the key {key!r}; a key is NAMESPACE:NAME")
    return key


def _object(value: Any) -> Any:
    """A value of a stack file with `{secure: ...}` told apart, its scalars still as the file has them."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("secure"), str):
            return Secure()
        return {key: _object(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_object(one) for one in value]
    return value.text if isinstance(value, Date) else value


def _has_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_secret, value.values()))
    return any(map(_has_secret, value)) if isinstance(value, list) else isinstance(value, Secure)


def _text(value: Any) -> str:
    """A value as the program gets it: text as it is, everything else as JSON. Raises NotThat."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Secure):
        return HIDDEN
    if isinstance(value, float):
        return json.dumps(number(value))
    return json.dumps(value if isinstance(value, int) else handed_over(_shown(value)))


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shown(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return HIDDEN if isinstance(value, Secure) else value


def _declarations(project: str, config: Mapping[str, Any]) -> dict[str, Any]:
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


def _with_project(objects: dict[str, Any], project: Project) -> None:
    """Lay Pulumi.yaml's values beneath the stack's: a key is taken whole from one of the two."""
    for key, declared in sorted(project.config.items()):
        name = _full_key(key, project.name)
        path = _path(name)
        if _reaches(objects, path):
            continue
        value = declared.get("value") if declared.get("default") is None else declared["default"]
        if value is not None:
            _put(objects, path, _object(_own(value)))
        elif name.startswith(f"{project.name}:"):
            raise Broken(f"no value for {key}, which Pulumi.yaml asks for")
    for key, declared in project.config.items():
        _check_value(key, declared, _get(objects, _path(_full_key(key, project.name))))


def _check_value(key: str, declared: Mapping[str, Any], value: Any) -> None:
    kind = declared.get("type")
    if kind is None:
        return
    if declared.get("secret") is True and not _has_secret(value):
        raise Broken(f"{key} in clear; Pulumi.yaml wants it encrypted")
    if not _has_secret(value) and not _is_of(kind, declared.get("items"), _seen(value)):
        raise Broken(f"{key}: no {kind}, as Pulumi.yaml wants it")


def _seen(value: Any) -> Any:
    """What the engine holds against a type: scalars as their text, maps and lists as they are."""
    return handed_over(value) if isinstance(value, dict | list) else _text(value)


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
