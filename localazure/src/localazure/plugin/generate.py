"""Generates the stand-in's schema from the installed SDK and the table of paths; `schema` tells the file's form."""

import re
from pathlib import Path
from typing import Any

from . import paths
from .exceptions import KEYS
from .schema import Fields, parameters_of
from .source import Field, Source, Type

_FILE_NAME = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def generate(package: Path, version: str) -> dict[str, Any]:
    """Reads the SDK in the folder `package` (`pulumi_azure_native`); `ValueError` where a path does not fit a class."""
    sources = {module: Source(package / module) for module in paths.NAMESPACES}
    types: dict[str, Any] = {}
    functions: dict[str, Any] = {}
    for token in paths.TYPES:
        module, name = token.split(":")
        source, file = sources[module], file_name(name)
        if not source.classes(file):
            raise ValueError(f"{token} stands in paths.py, but pulumi_azure_native {version} has no such type")
        path, api_version = paths.path_template(token), source.api_version(file)
        inputs, outputs = (_compact(fields) for fields in source.resource(file, name))
        if unknown := sorted({*parameters_of(path)} - {*inputs}):
            raise ValueError(f"{token}: its path names {', '.join(unknown)}, which {name}Args does not have")
        types[token] = {"path": path, "api_version": api_version, "inputs": inputs, "outputs": outputs}
        if source.classes("get_" + file):
            functions[f"{module}:get{name}"] = {"path": path, "api_version": api_version, "resource": token}
    for token, (base, action) in paths.ACTIONS.items():
        module, name = token.split(":")
        path = f"{paths.path_template(base)}/{action}"
        api_version = sources[module].api_version(file_name(name))
        functions[token] = {"path": path, "api_version": api_version, "resource": None}
    return {"sdk": version, "types": types, "functions": functions, "classes": _reachable(types, sources)}


def file_name(name: str) -> str:
    """The SDK's file of a class or function, as OnlineEndpoint: online_endpoint, PublicIPAddress: public_ip_address."""
    return _FILE_NAME.sub("_", name).lower()


def _compact(fields: dict[str, Field]) -> Fields:
    return {wire: [_special(wire, field.type), field.required, field.const] for wire, field in fields.items()}


def _special(wire: str, kind: Type) -> Type:
    return {"keys": "string"} if wire in KEYS and kind == {"array": "string"} else kind


def _reachable(types: dict[str, Any], sources: dict[str, Source]) -> dict[str, Fields]:
    """The nested classes that the types' inputs and outputs lead to."""
    classes: dict[str, Fields] = {}
    waiting = [field[0] for entry in types.values() for key in ("inputs", "outputs") for field in entry[key].values()]
    while waiting:
        kind = waiting.pop()
        if not isinstance(kind, dict) or "enum" in kind:
            continue
        name = kind.get("ref")
        if name is None:
            waiting += kind.get("union") or [kind.get("array") or kind.get("map") or "string"]
        elif name not in classes:
            module, _, class_name = name.partition(":")
            classes[name] = _compact(sources[module].nested(class_name))
            waiting += [field[0] for field in classes[name].values()]
    return classes
