"""Values and keys of a stack's configuration, as the engine holds them."""

import json
from dataclasses import dataclass
from typing import Any

from settings.document import handed_over
from settings.nodes import Broken
from settings.scalars import Date, number

HIDDEN = "\0secret"
"""Stands for a text that is encrypted in the stack file. No text that is meant holds a NUL."""


@dataclass(frozen=True, slots=True)
class Secure:
    """A value that is encrypted in the stack file."""


def full_key(key: str, project: str) -> str:
    """A key with its namespace, the project's name where it has none. Raises Broken where it is no key."""
    parts = key.split(":")
    if len(parts) == 1:
        return f"{project}:{key}"
    if len(parts) == 3 and parts[1] == "config" and all(parts):
        return f"{parts[0]}:{parts[2]}"
    if len(parts) != 2:
        raise Broken(f"the key {key!r}; a key is NAMESPACE:NAME")
    return key


def object_of(value: Any) -> Any:
    """A value of a stack file with `{secure: ...}` told apart, its scalars still as the file has them."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("secure"), str):
            return Secure()
        return {key: object_of(one) for key, one in value.items()}
    if isinstance(value, list):
        return [object_of(one) for one in value]
    return value.text if isinstance(value, Date) else value


def has_secret(value: Any) -> bool:
    """Whether something in a value is encrypted."""
    if isinstance(value, dict):
        return any(map(has_secret, value.values()))
    return any(map(has_secret, value)) if isinstance(value, list) else isinstance(value, Secure)


def text_of(value: Any) -> str:
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
