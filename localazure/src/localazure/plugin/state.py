"""The state of a resource between the engine's calls: what a preview knows, and what a refresh makes of drift."""

from collections.abc import Iterable
from typing import Any

from .body import Classes
from .check import choose
from .schema import Fields, ResourceType
from .values import UNKNOWN, Properties, same

_STABLE = ("name", "location")


def preview(resource: ResourceType, inputs: Properties, classes: Classes, old: Properties | None = None) -> Properties:
    """What is known of the outputs before a creation or an update: the inputs; all else is not known yet.

    Of the `old` outputs only name and location stay: the stock plugin counts on nothing else of them. Source: its
    provider.go (Update, the preview branch) and convert/previewOutputs.go.
    """
    outputs = {key: _preview(kind, inputs.get(key), classes) for key, (kind, _, _) in resource.outputs.items()}
    stable = {key: old[key] for key in _STABLE if old and key in old}
    return outputs | stable | {"azureApiVersion": resource.api_version}


def importable(resource: ResourceType, outputs: Properties, classes: Classes) -> Properties:
    """The inputs that would give what Azure holds: every settable key of the outputs that has a value."""
    settable = {key: value for key, value in outputs.items() if key in resource.inputs}
    return _settable(resource.inputs, settable, classes)


def refreshed(
    resource: ResourceType, inputs: Properties, old: Properties, new: Properties, classes: Classes
) -> Properties:
    """The inputs after a refresh: what has changed from the `old` outputs to the `new` ones is changed in them too.

    What Azure adds by itself stands in both and so never becomes an input.
    """
    if not old:
        return inputs
    keep = {key: inputs[key] for key in inputs if key not in resource.outputs or key in resource.parameters}
    fields = {key: field for key, field in resource.inputs.items() if key in resource.outputs and key not in keep}
    return keep | _merge_fields(fields, inputs, old, new, classes)


def _preview(kind: Any, value: Any, classes: Classes) -> Any:
    if value is None or value is UNKNOWN:
        return UNKNOWN
    if isinstance(kind, dict) and "union" in kind:
        return value  # the stock plugin does not look which member of a union it is
    if isinstance(kind, dict) and "ref" in kind and isinstance(value, dict):
        fields = classes[kind["ref"]]
        return value | {key: _preview(field[0], value.get(key), classes) for key, field in fields.items()}
    if isinstance(kind, dict) and "array" in kind and isinstance(value, list):
        return [_preview(kind["array"], item, classes) for item in value]
    if isinstance(kind, dict) and "map" in kind and isinstance(value, dict):
        return {key: _preview(kind["map"], item, classes) for key, item in value.items()}
    if isinstance(kind, dict) and "map" in kind and isinstance(value, list):
        return UNKNOWN  # keys of an object whose contents Azure gives
    return value


def _keys(ids: Iterable[Any]) -> set[str]:
    """Ids as ARM compares them."""
    return {str(key).lower() for key in ids}


def _settable(fields: Fields, values: Properties, classes: Classes) -> Properties:
    return {
        key: _settable_value(fields[key][0], value, classes)
        for key, value in values.items()
        if key in fields and value not in (None, {}, [])
    }


def _settable_value(kind: Any, value: Any, classes: Classes) -> Any:
    kind = choose(kind, value, classes)
    if isinstance(kind, dict) and "ref" in kind and isinstance(value, dict):
        return _settable(classes[kind["ref"]], value, classes)
    if isinstance(kind, dict) and "keys" in kind and isinstance(value, dict):
        return sorted(value)
    if isinstance(kind, dict) and "array" in kind and isinstance(value, list):
        return [_settable_value(kind["array"], item, classes) for item in value]
    return value


def _merge_fields(fields: Fields, inputs: Properties, old: Properties, new: Properties, classes: Classes) -> Properties:
    merged = {
        key: _merge(kind, inputs.get(key), old.get(key), new.get(key), classes) for key, (kind, _, _) in fields.items()
    }
    return {key: value for key, value in merged.items() if value is not None}


def _merge(kind: Any, given: Any, old: Any, new: Any, classes: Classes) -> Any:
    if same(old, new) or ("keys" in kind and _keys(old or ()) == _keys(new or ())):
        return given
    if all(isinstance(value, dict) for value in (given, old, new)):
        kind = choose(kind, given, classes)
        if isinstance(kind, dict) and "ref" in kind:
            return _merge_fields(classes[kind["ref"]], given, old, new, classes)
        keys = {*given, *old, *new}
        merged = {key: _merge("any", given.get(key), old.get(key), new.get(key), classes) for key in keys}
        return {key: value for key, value in merged.items() if value is not None}
    if isinstance(kind, dict) and "array" in kind and all(isinstance(value, list) for value in (given, old, new)):
        # Element by element, as azure-native does: only what was added comes in with all that Azure says of it.
        known = min(len(given), len(old))
        pairs = zip(given, old, new, strict=False)
        merged_items = [_merge(kind["array"], *pair, classes) for pair in pairs]
        return merged_items + [_settable_value(kind["array"], item, classes) for item in new[known:]]
    return _settable_value(kind, new, classes)
