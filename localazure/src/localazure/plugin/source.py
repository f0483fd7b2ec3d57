"""Reads classes of the installed `pulumi_azure_native` from their source text.

Importing them costs 10 seconds and more (network alone has 100,000 lines), and the shape is all that is needed: so
only the classes that are asked for are parsed. A type is a JSON value: `"string"`, `"integer"`, `"number"`,
`"boolean"`, `"any"`, `{"array": T}`, `{"map": T}`, `{"enum": [values]}`, `{"ref": "module:Class"}`, `{"union": [T]}`;
`generate` adds `{"keys": "string"}` for a list of strings that ARM takes as the keys of an object.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Type = str | dict[str, Any]

_CLASS = re.compile(r"^class (\w+)\b", re.MULTILINE)
_VERSION = re.compile(r"Uses Azure REST API version ([\w-]+)")
_SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "Any": "any"}
_WRAPPERS = {"Input", "Output", "Optional"}


@dataclass(frozen=True, slots=True)
class Field:
    """A property by its wire name; `const` is the only value the SDK lets it have (a discriminator)."""

    type: Type
    required: bool
    const: str | None


class Source:
    """The classes of one module of the SDK (`pulumi_azure_native/<module>/*.py`)."""

    def __init__(self, folder: Path) -> None:
        self.module = folder.name
        self._folder = folder
        self._files: dict[str, dict[str, str]] = {}

    def classes(self, file: str) -> dict[str, str]:
        """The texts of the classes of `file`.py by their names; none where there is no such file."""
        if file not in self._files:
            path = self._folder / f"{file}.py"
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            starts = [*_CLASS.finditer(text)]
            ends = [*(start.start() for start in starts[1:]), len(text)]
            self._files[file] = {start[1]: text[start.start() : end] for start, end in zip(starts, ends, strict=False)}
        return self._files[file]

    def api_version(self, file: str) -> str:
        """The API version that the docstrings of `file`.py name."""
        found = _VERSION.search((self._folder / f"{file}.py").read_text(encoding="utf-8"))
        return found[1] if found else ""

    def resource(self, file: str, name: str) -> tuple[dict[str, Field], dict[str, Field]]:
        """Inputs and outputs of the resource class `name`; its inputs' class may be named `<name>InitArgs`."""
        arguments = f"{name}Args" if f"{name}Args" in self.classes(file) else f"{name}InitArgs"
        text = self.classes(file)[name]
        getters = text[text.find("    @_builtins.property") :]  # before them stand only constructors, long ones
        return self._fields(self.classes(file)[arguments]), self._fields(f"class {name}:\n{getters}")

    def nested(self, name: str) -> dict[str, Field]:
        """The properties of a class that a property's type refers to."""
        return self._fields(self.classes("_inputs" if name.endswith("Args") else "outputs")[name])

    def _fields(self, text: str) -> dict[str, Field]:
        """The getters of a class, with what its constructor requires and fixes."""
        node = _parse(text)
        names, types = {}, {}
        for getter in node.body:
            if isinstance(getter, ast.FunctionDef) and (wire := _getter_name(getter)):
                names[getter.name], types[getter.name] = wire, self._type(getter.returns)
        required, consts = _constructor(node)
        return {names[key]: Field(types[key], key in required, consts.get(key)) for key in names}

    def _type(self, node: ast.expr | None) -> Type:
        match node:
            case ast.Subscript(value=value, slice=inner):
                return self._generic(_last(value), inner)
            case ast.Constant(value=str(text)):
                return self._reference(text.rpartition(".")[2])
            case ast.Name() | ast.Attribute():
                return _SCALARS.get(_last(node), "any")
        return "any"

    def _generic(self, outer: str, inner: ast.expr) -> Type:
        if outer in _WRAPPERS:
            return self._type(inner)
        if outer == "Sequence":
            return {"array": self._type(inner)}
        arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if outer == "Mapping":
            return {"map": self._type(arguments[1])}
        kinds = [self._type(argument) for argument in arguments]
        if "any" in kinds:
            return "any"
        if "string" in kinds and all(k == "string" or (isinstance(k, dict) and "enum" in k) for k in kinds):
            return "string"  # an extensible enumeration: the service may know more values than the SDK
        return {"union": kinds}

    def _reference(self, name: str) -> Type:
        if name in (enums := self.classes("_enums")):
            return {"enum": [*_enum_values(_parse(enums[name]))]}
        if name in self.classes("_inputs" if name.endswith("Args") else "outputs"):
            return {"ref": f"{self.module}:{name}"}
        return "any"


def _parse(text: str) -> ast.ClassDef:
    """The class alone: what follows it (functions, the next class's decorator) starts a line of its own."""
    end = re.search(r"^(?:@|def |if )", text, re.MULTILINE)
    node = ast.parse(text[: end.start()] if end else text).body[0]
    assert isinstance(node, ast.ClassDef)
    return node


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _getter_name(node: ast.FunctionDef) -> str | None:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Attribute) and decorator.attr == "getter":
            return node.name
        if isinstance(decorator, ast.Call) and _last(decorator.func) == "getter":
            value = decorator.keywords[0].value
            return str(value.value) if isinstance(value, ast.Constant) else None
    return None


def _constructor(node: ast.ClassDef) -> tuple[set[str], dict[str, str]]:
    """What `__init__` requires (keyword arguments with no default) and what it sets to a constant of its own."""
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            pairs = zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
            return {argument.arg for argument, default in pairs if default is None}, dict(_constants(method))
    return set(), {}


def _constants(method: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for statement in method.body:
        match statement:
            case ast.Expr(value=ast.Call(args=[_, ast.Constant(value=str(key)), ast.Constant(value=str(value))])):
                yield key, value


def _enum_values(node: ast.ClassDef) -> Iterator[Any]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            yield statement.value.value
