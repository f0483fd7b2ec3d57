"""Holds a request body to a model class of Azure's management clients, which come in two kinds, or to a TypedDict.

The older kind lists its fields in `_attribute_map` and `_validation`, the newer one in `rest_field` and annotations.
"""

import datetime
import enum
import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union, get_args, get_origin, is_typeddict

_PRIMITIVES = {"str": str, "int": int, "bool": bool, "float": float, "duration": str, "iso-8601": str, "date": str}
_NUMBERS = (int, float)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model; `kind` is a type, an enumeration, a model, or a list or a map of one.

    `bounds` are what the older kind says of values: pattern, minimum, maximum, lengths, numbers of items.
    """

    kind: Any
    is_required: bool
    is_read_only: bool
    bounds: Mapping[str, Any] = field(default_factory=dict)


def faults(model: type, body: Any, path: str = "") -> Iterator[str]:
    """What the model does not allow in a body: keys that are unknown, missing or read-only, and wrong types."""
    if not isinstance(body, Mapping):
        yield f"{path}: expected an object, got {body!r}"
        return
    model = _subtype(model, body)
    fields = _fields(model)
    for key, value in body.items():
        if key not in fields:
            yield f"{path}.{key}: unknown to {model.__name__}"
        elif fields[key].is_read_only:
            yield f"{path}.{key}: read-only in {model.__name__}"
        else:
            yield from _faults(fields[key].kind, value, f"{path}.{key}", model)
            yield from _out_of_bounds(fields[key].bounds, value, f"{path}.{key}")
    for key, known in fields.items():
        if known.is_required and not known.is_read_only and key not in body:
            yield f"{path}.{key}: missing, {model.__name__} requires it"


def _out_of_bounds(bounds: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    checks = {
        "pattern": lambda bound: re.match(bound, value) is not None,
        "minimum": lambda bound: value >= bound,
        "maximum": lambda bound: value <= bound,
        "min_length": lambda bound: len(value) >= bound,
        "max_length": lambda bound: len(value) <= bound,
        "min_items": lambda bound: len(value) >= bound,
        "max_items": lambda bound: len(value) <= bound,
    }
    for name, is_kept in checks.items():
        if name in bounds and value is not None and not is_kept(bounds[name]):
            yield f"{path}: {value!r} is out of {name} {bounds[name]!r}"


def _faults(kind: Any, value: Any, path: str, model: type) -> Iterator[str]:
    if isinstance(kind, str):
        kind = getattr(sys.modules[model.__module__.rpartition(".")[0]], kind, Any)
    origin, parts = get_origin(kind), get_args(kind)
    if kind is Any or kind is object or value is None:
        return
    if isinstance(kind, dict):
        yield from _nested(kind, value, path, model)
    elif origin is Union or origin is types.UnionType:
        yield from _union([part for part in parts if part is not type(None)], value, path, model)
    elif origin in (list, tuple):
        if not isinstance(value, list):
            yield f"{path}: expected a list, got {value!r}"
            return
        for index, item in enumerate(value):
            yield from _faults(parts[0], item, f"{path}[{index}]", model)
    elif origin in (dict, Mapping):
        if not isinstance(value, Mapping):
            yield f"{path}: expected a map, got {value!r}"
            return
        for key, item in value.items():
            yield from _faults(parts[1], item, f"{path}.{key}", model)
    elif origin is Literal:
        if value not in [getattr(part, "value", part) for part in parts]:
            yield f"{path}: {value!r} is none of {parts}"
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        if str(value).lower() not in {str(member.value).lower() for member in kind}:
            yield f"{path}: {value!r} is none of {[member.value for member in kind]}"
    elif isinstance(kind, type) and (hasattr(kind, "_attribute_map") or is_typeddict(kind) or _rest_fields(kind)):
        yield from faults(kind, value, path)
    elif not _is(kind, value):
        yield f"{path}: expected {getattr(kind, '__name__', kind)}, got {value!r}"


def _is(kind: Any, value: Any) -> bool:
    if kind in (datetime.date, datetime.datetime, datetime.time, datetime.timedelta):
        return isinstance(value, str)
    if kind is float:
        return isinstance(value, _NUMBERS) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind) if isinstance(kind, type) else True


def _union(kinds: list[Any], value: Any, path: str, model: type) -> Iterator[str]:
    """The strictest member says what is wrong: of `str | Enum` that is the enumeration."""
    strict = [kind for kind in kinds if kind is not str] or kinds
    found = [list(_faults(kind, value, path, model)) for kind in strict]
    if all(found):
        yield from min(found, key=len)


def _nested(fields: Mapping[str, Any], value: Any, path: str, model: type) -> Iterator[str]:
    """The object that an older model writes flat: `properties.location` is a field of `properties`."""
    if not isinstance(value, Mapping):
        yield f"{path}: expected an object, got {value!r}"
        return
    for key, item in value.items():
        if key not in fields:
            yield f"{path}.{key}: unknown to {model.__name__}"
        elif fields[key].is_read_only:
            yield f"{path}.{key}: read-only in {model.__name__}"
        else:
            yield from _faults(fields[key].kind, item, f"{path}.{key}", model)
            yield from _out_of_bounds(fields[key].bounds, item, f"{path}.{key}")
    for key, known in fields.items():
        if known.is_required and key not in value:
            yield f"{path}.{key}: missing, {model.__name__} requires it"


def _fields(model: Any) -> dict[str, Field]:
    if is_typeddict(model):
        hints = typing.get_type_hints(model)
        return {key: Field(kind, key in model.__required_keys__, False) for key, kind in hints.items()}
    return _older(model) if hasattr(model, "_attribute_map") else _newer(model)


def _older(model: Any) -> dict[str, Field]:
    fields: dict[str, Any] = {}
    for attribute, entry in model._attribute_map.items():
        parts = [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", entry["key"])]
        rules = model._validation.get(attribute, {})
        known = Field(_kind(entry["type"]), bool(rules.get("required")), bool(rules.get("readonly")), rules)
        inside = fields
        for part in parts[:-1]:
            inside = inside.setdefault(part, Field({}, False, False)).kind
        if parts != [""]:
            inside[parts[-1]] = known
    return fields


def _kind(text: str) -> Any:
    if text.startswith("["):
        return list[_kind(text[1:-1])]  # type: ignore[misc]
    if text.startswith("{"):
        return dict[str, _kind(text[1:-1])]  # type: ignore[misc]
    return _PRIMITIVES.get(text, Any if text in ("object", "JSON") else text)


def _newer(model: Any) -> dict[str, Field]:
    module = sys.modules[model.__module__]
    models = sys.modules[model.__module__.rpartition(".")[0]]
    hints = typing.get_type_hints(model, {**vars(module), "_models": models, "JSON": Any})
    fields = {}
    for attribute, known in _rest_fields(model).items():
        kind = hints[attribute]
        is_optional = type(None) in get_args(kind) or known._is_discriminator
        is_read_only = known._visibility == ["read"]
        fields[known._rest_name_input or attribute] = Field(kind, not is_optional, is_read_only)
    return fields


def _rest_fields(model: type) -> dict[str, Any]:
    every = {key: value for kind in reversed(model.__mro__) for key, value in vars(kind).items()}
    return {key: value for key, value in every.items() if type(value).__name__ == "_RestField"}


def _subtype(model: Any, body: Mapping[str, Any]) -> type:
    for attribute, kinds in vars(model).get("_subtype_map", {}).items():
        wire = model._attribute_map[attribute]["key"].replace("\\.", ".")
        name = kinds.get(body.get(wire))
        if name:
            return _subtype(getattr(sys.modules[model.__module__.rpartition(".")[0]], name), body)
    for attribute, known in _rest_fields(model).items():
        value = body.get(known._rest_name_input or attribute)
        if known._is_discriminator and value in getattr(model, "__mapping__", {}):
            chosen: type = model.__mapping__[value]
            return chosen
    return typing.cast(type, model)
