"""Inputs to an ARM body, and an ARM answer back to outputs, by the types that the SDK names.

The rule: path parameters stand in the URL only, the envelope's keys on top, all others under `properties`; a class that
has an input `properties` of its own is sent as it is. `exceptions` holds what does not follow it.
"""

from typing import Any

from .check import choose
from .exceptions import ENVELOPE, IN_PROPERTIES, NESTED, ON_TOP, RENAMED
from .schema import Fields, ResourceType
from .values import UNKNOWN, Properties

Classes = dict[str, Fields]


def to_arm(resource: ResourceType, inputs: Properties, classes: Classes) -> Properties:
    """The body of a PUT."""
    name = resource.name
    on_top = (ENVELOPE | ON_TOP.get(name, set())) - IN_PROPERTIES.get(name, set())
    body: Properties = {}
    inner: Properties = {}
    for key, value in inputs.items():
        if value is None or key in resource.parameters or key not in resource.inputs:
            continue
        place = body if key in on_top or key == "properties" else inner
        place[RENAMED.get(name, {}).get(key, key)] = _nested_to_arm(resource.inputs[key][0], value, classes)
    return body | {"properties": inner} if inner else body


def from_arm(resource: ResourceType, answer: Properties, classes: Classes) -> Properties:
    """The outputs of a resource, or the result of its get function."""
    name = resource.name
    inner = {} if "properties" in resource.outputs else answer.get("properties") or {}
    inside = IN_PROPERTIES.get(name, set())
    outputs: Properties = {}
    for key, (kind, _, _) in resource.outputs.items():
        wire = RENAMED.get(name, {}).get(key, key)
        first, second = (inner, answer) if key in inside else (answer, inner)
        value = first.get(wire, second.get(wire))
        if value is not None:
            outputs[key] = _nested_from_arm(kind, value, classes)
    return outputs | {"azureApiVersion": resource.api_version}


def _class_name(reference: str) -> str:
    return reference.removesuffix("Args").removesuffix("Response")


def _nested_to_arm(kind: Any, value: Any, classes: Classes) -> Any:
    kind = choose(kind, value, classes)
    if not isinstance(kind, dict) or value is UNKNOWN:
        return value
    if "keys" in kind and isinstance(value, list):
        return {key: {} for key in value}
    if "array" in kind and isinstance(value, list):
        return [_nested_to_arm(kind["array"], item, classes) for item in value]
    if "map" in kind and isinstance(value, dict):
        return {key: _nested_to_arm(kind["map"], item, classes) for key, item in value.items()}
    if "ref" not in kind or not isinstance(value, dict):
        return value
    name, fields = _class_name(kind["ref"]), classes[kind["ref"]]
    renamed = RENAMED.get(name, {})
    body: Properties = {}
    inner: Properties = {}
    for key in fields:
        if (item := value.get(key)) is not None:
            target = inner if name in NESTED and key not in NESTED[name] else body
            target[renamed.get(key, key)] = _nested_to_arm(fields[key][0], item, classes)
    return body | {"properties": inner} if inner else body


def _nested_from_arm(kind: Any, value: Any, classes: Classes) -> Any:
    if isinstance(value, dict) and "odata.type" in value:
        # A discriminator whose name the SDK writes without the dot; it has to be there before the class is chosen.
        value = {"odataType": value["odata.type"], **{key: value[key] for key in value if key != "odata.type"}}
    kind = choose(kind, value, classes)
    if not isinstance(kind, dict):
        return value
    if "array" in kind and isinstance(value, list):
        return [_nested_from_arm(kind["array"], item, classes) for item in value]
    if "map" in kind and isinstance(value, dict):
        return {key: _nested_from_arm(kind["map"], item, classes) for key, item in value.items()}
    if "ref" not in kind or not isinstance(value, dict):
        return value
    name = _class_name(kind["ref"])
    if name in NESTED:
        value = {**(value.get("properties") or {}), **{key: value[key] for key in value if key != "properties"}}
    names = {wire: key for key, wire in RENAMED.get(name, {}).items()}
    fields = classes[kind["ref"]]
    known = {names.get(wire, wire): item for wire, item in value.items() if item is not None}
    return {key: _nested_from_arm(fields[key][0], item, classes) for key, item in known.items() if key in fields}
