"""What the stand-in knows of each resource type and function: generated at install time, loaded at start.

The file is JSON: `{"sdk": version, "types": {"module:Name": ResourceType}, "functions": {"module:name": Function},
"classes": {"module:ClassArgs": {wire name: [type, required, const]}}}`; types as in `source`.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

PACKAGE = "azure-native"
_PARAMETER = re.compile(r"\{(\w+)\}")

Fields = dict[str, list[Any]]


class UnknownToken(Exception):
    """The stand-in has no such resource type or function."""


@dataclass(frozen=True)
class ResourceType:
    """One resource type: `path` with `{parameters}`, and what may be given and what comes back, by wire name."""

    token: str
    path: str
    api_version: str
    inputs: Fields
    outputs: Fields

    @cached_property
    def name(self) -> str:
        """`module:Name`, as the tables of this package have it."""
        return self.token.removeprefix(PACKAGE + ":")

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The inputs that stand in the path (never in the body); the last one is the resource's own name."""
        return parameters_of(self.path)


@dataclass(frozen=True)
class Function:
    """A function of the provider: a GET of the type `resource`, or a POST to `path` where there is no such type."""

    token: str
    path: str
    api_version: str
    resource: str | None


class Schema:
    """The generated file, with a clear error for what it does not hold."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.version: str = data["sdk"]
        self.classes: dict[str, Fields] = data["classes"]
        self._types = data["types"]
        self._functions = data["functions"]

    @classmethod
    def load(cls, path: Path) -> "Schema":
        """Reads the file that `write` made."""
        return cls(json.loads(path.read_bytes()))

    def resource(self, token: str) -> ResourceType:
        """The type `azure-native:module:Name`; `UnknownToken` where it is not modelled."""
        return ResourceType(token=token, **self._find(self._types, token, "resource type"))

    def function(self, token: str) -> Function:
        """The function `azure-native:module:name`; `UnknownToken` where it is not modelled."""
        return Function(token=token, **self._find(self._functions, token, "function"))

    @property
    def type_names(self) -> list[str]:
        """All resource types, as `module:Name`."""
        return sorted(self._types)

    def _find(self, table: dict[str, Any], token: str, kind: str) -> dict[str, Any]:
        found: dict[str, Any] | None = table.get(token.removeprefix(PACKAGE + ":"))
        if found is None:
            raise UnknownToken(
                f"{token}: the stand-in for azure-native does not model this {kind}. "
                f"Add its ARM path to localazure/plugin/paths.py and install it again, or use the stock provider."
            )
        return found


def parameters_of(path: str) -> tuple[str, ...]:
    """The names in braces, without the subscription, which is the provider's."""
    return tuple(name for name in _PARAMETER.findall(path) if name != "subscriptionId")
