"""Property values between the engine's `Struct` and plain Python: unknowns stay marked, whole numbers become int."""

from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.struct_pb2 import ListValue, Struct, Value

# The engine's marks of a value it does not know yet, one per kind of value (sdk/go/common/resource/plugin of pulumi).
_UNKNOWNS = {
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string, and what the language SDKs send for any kind
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
}
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the engine's mark, no secret

Properties = dict[str, Any]


class _Unknown:
    """The value is known only once something else has been created."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


def from_struct(struct: Struct) -> Properties:
    """Plain values; secrets are unwrapped, nulls are left out of objects (the engine means 'not given')."""
    return {key: _plain(value) for key, value in struct.fields.items() if value.WhichOneof("kind") != "null_value"}


def to_struct(properties: Mapping[str, Any]) -> Struct:
    """The engine's form; `UNKNOWN` becomes its mark, None is left out."""
    return Struct(fields={key: _value(value) for key, value in properties.items() if value is not None})


def secret(value: Any) -> Properties:
    """Marks a value as secret for the engine, which encrypts it in the state and hides it in the display."""
    return {_SIGNATURE: _SECRET, "value": value}


def contains_unknown(value: Any) -> bool:
    """Whether a value, or anything inside it, is not known yet."""
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def child_path(path: str, key: str | int) -> str:
    """The property path of an element: `a.b`, `a[0]`, or `a["b.c"]` where the key has a character of the syntax."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if any(character in key for character in '.[]"'):
        quoted = key.replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{key}" if path else key


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same JSON: 1 is 1.0, true is not 1, null is an absent key."""
    return next(_leaves(old, new), None) is None


def _leaves(old: Any, new: Any) -> Iterator[bool]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {*old, *new}:
            yield from _leaves(old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for before, after in zip(old, new, strict=True):
            yield from _leaves(before, after)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield False


def _plain(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
            return _plain(fields["value"])
        return from_struct(value.struct_value)
    return None


def _value(value: Any) -> Value:
    if value is None:
        return Value(null_value=0)  # type: ignore[arg-type]
    if value is UNKNOWN:
        return Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, list):
        return Value(list_value=ListValue(values=[_value(item) for item in value]))
    return Value(struct_value=to_struct(value))
