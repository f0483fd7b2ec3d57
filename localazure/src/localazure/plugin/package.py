"""The stand-in's types in the form of a Pulumi package schema: `pulumi import` writes a program's code from it."""

import json
from typing import Any

from .schema import PACKAGE, Fields, ResourceType, Schema


def package_schema(schema: Schema) -> str:
    """The JSON that GetSchema answers: resources and their nested input and output types, no functions."""
    types = {_type_token(name): _object(fields) for name, fields in schema.classes.items()}
    resources = {f"{PACKAGE}:{name}": _resource(schema.resource(name)) for name in schema.type_names}
    return json.dumps({"name": PACKAGE, "version": schema.version, "types": types, "resources": resources})


def _resource(resource: ResourceType) -> dict[str, Any]:
    inputs, outputs = _object(resource.inputs), _object(resource.outputs)
    return {
        "properties": outputs["properties"],
        "inputProperties": inputs["properties"],
        "requiredInputs": inputs["required"],
    }


def _object(fields: Fields) -> dict[str, Any]:
    properties = {}
    for name, (kind, _, const) in fields.items():
        properties[name] = _type(kind) | ({"const": const} if const is not None else {})
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(name for name, (_, required, _) in fields.items() if required),
    }


def _type(kind: Any) -> dict[str, Any]:
    match kind:
        case {"ref": name}:
            return {"$ref": f"#/types/{_type_token(name)}"}
        case {"array": inner} | {"keys": inner}:
            return {"type": "array", "items": _type(inner)}
        case {"map": inner}:
            return {"type": "object", "additionalProperties": _type(inner)}
        case {"union": members}:
            return {"oneOf": [_type(member) for member in members]}
        case {"enum": _}:
            return {"type": "string"}
        case "any":
            return {"$ref": "pulumi.json#/Any"}
    return {"type": kind}


def _type_token(name: str) -> str:
    """`module:ClassArgs` is the type `azure-native:module:Class`; answers keep their ending `Response`."""
    return f"{PACKAGE}:{name.removesuffix('Args')}"
