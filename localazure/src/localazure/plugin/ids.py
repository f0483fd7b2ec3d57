"""ARM ids: built from inputs, taken apart for an import, and made up where a name is left out."""

import hashlib
import re
from uuid import UUID

from .exceptions import GUID_NAMES
from .schema import ResourceType, parameters_of
from .values import UNKNOWN, Properties

MADE_UP = "__createBeforeDelete"
"""The stock plugin's mark in the inputs of what it named itself: such a resource is replaced by a new one first."""

_SCOPES = {"scope", "resourceUri"}  # parameters that are whole ids themselves


class BadId(Exception):
    """An id that is not one of the type; the message shows the form."""


def resource_id(path: str, subscription: str, inputs: Properties) -> str:
    """The path with its parameters filled in; `KeyError` with the name of one that is missing."""
    values = {name: str(inputs[name]) for name in parameters_of(path)}
    values |= {name: values[name].strip("/") for name in _SCOPES & {*values}}
    return path.format(subscriptionId=subscription, **values)


def path_inputs(resource: ResourceType, identity: str) -> Properties:
    """The path parameters that an id holds; ids are compared without regard to case, as ARM does."""
    pattern = re.escape(resource.path).replace(r"\{", "{").replace(r"\}", "}")
    pattern = re.sub(r"\{(\w+)\}", lambda found: f"(?P<{found[1]}>{'.+' if found[1] in _SCOPES else '[^/]+'})", pattern)
    found = re.fullmatch(pattern, identity, re.IGNORECASE)
    if found is None:
        raise BadId(f"'{identity}' is no id of {resource.token}; expected {resource.path}")
    values = {name: found[name] for name in resource.parameters}
    return values | {name: f"/{values[name]}" for name in _SCOPES & {*values}}


def with_name(resource: ResourceType, inputs: Properties, old: Properties, urn: str, seed: bytes) -> Properties:
    """The inputs with the resource's own name: the one given, the one it has, or its logical name and 8 random digits.

    The digits follow the engine's random seed, so a preview and its update agree.
    """
    key = resource.parameters[-1] if resource.parameters else None
    if key is None or key in inputs or resource.inputs[key][1]:
        return inputs
    if key in old and old[key] is not UNKNOWN:
        return inputs | {key: old[key]} | ({MADE_UP: True} if old.get(MADE_UP) is True else {})
    digest = hashlib.sha256(seed + urn.encode()).digest()
    if resource.name in GUID_NAMES:
        return inputs | {key: str(UUID(bytes=digest[:16], version=4)), MADE_UP: True}
    return inputs | {key: f"{urn.rpartition('::')[2]}{digest.hex()[:8]}", MADE_UP: True}
