"""Imports of azure-native that load the types in use and not their whole service.

A service's package imports every type of the service in its `__init__`: a third of the time that a stack's imports
take, and imports are most of a small preview. A lean package stands in its place: a name is looked for in the modules
that the SDK keeps it in, and whatever is not found there loads the real `__init__`, so nobody sees a difference.
"""

import importlib
import re
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any


class LeanPackage(ModuleType):
    """A package of the SDK that loads the module of each name when the name is asked for."""

    def __init__(self, name: str, init: Path) -> None:
        super().__init__(name)
        self._loader = SourceFileLoader(name, str(init))
        self._folder = init.parent
        self.__spec__ = ModuleSpec(name, self._loader, is_package=True)
        self.__path__ = [str(self._folder)]
        self.__file__ = str(init)
        self.__package__ = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self._find(name)
        self.__dict__[name] = found  # asked for once
        return found

    def _find(self, name: str) -> Any:
        if self._has(name):
            return importlib.import_module(f"{self.__name__}.{name}")
        for module in filter(self._has, _homes(name)):
            found = importlib.import_module(f"{self.__name__}.{module}")
            if hasattr(found, name):
                return getattr(found, name)
        self._loader.exec_module(self)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None

    def _has(self, module: str) -> bool:
        return (self._folder / f"{module}.py").is_file()


def _homes(name: str) -> Iterator[str]:
    """The modules in which the SDK keeps a name: a resource's or function's own, the enumerations, the inputs."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    yield from (snake, name.removesuffix("_output"), "_enums", "_inputs")


def install(package: str = "pulumi_azure_native") -> None:
    """Put a lean package in the place of each service of `package` that is not loaded yet."""
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    for init in Path(found.origin).parent.glob("*/__init__.py"):
        name = f"{package}.{init.parent.name}"
        if name not in sys.modules:
            sys.modules[name] = LeanPackage(name, init)
