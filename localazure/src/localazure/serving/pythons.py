"""The Pythons of this machine: a conda file's version is found, fetched by uv, or said to be missing."""

import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localazure.serving.commands import run
from localazure.serving.contract import CondaError, ServingError

FETCH_WITHIN = 120.0  # seconds
VERSION_REQUEST = re.compile(r"[\d<>=!~][\w\s.,*<>=!~|+-]*")


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter; `note` says where it is another one than was asked for ("" where it is not).

    `is_another`: not even its minor version is the one that was asked for.
    """

    path: Path
    note: str = ""
    is_another: bool = False


class Pythons:
    """Finds interpreters with `uv`. What could not be fetched once is not tried again."""

    def __init__(self, uv: Path) -> None:
        self._uv = uv
        self._missing: set[str] = set()

    async def find(self, request: str | None) -> Python:
        """The interpreter for a version request as uv reads it; the one that runs here where none is to be had.

        Raises CondaError for what is no version.
        """
        if request is None or is_of(platform.python_version(), request):
            return Python(Path(sys.executable))
        if VERSION_REQUEST.fullmatch(request) is None:
            raise CondaError(f"The conda file's python version '{request[:80]}' is none; write for example 3.11.")
        if (found := await self._look(request)) is not None:
            return Python(found)
        minor = re.fullmatch(r"(3\.\d+)\.\d+", request)
        if minor and (found := await self._look(minor[1])) is not None:
            return Python(found, f"the conda file asks for Python {request}; this machine has {await _version(found)}")
        if await self._fetch(request) and (found := await self._look(request)) is not None:
            return Python(found)
        here = sys.version.split()[0]
        text = f"the conda file asks for Python {request}, which is not on this machine and could not be fetched"
        return Python(Path(sys.executable), f"{text}: this is {here}, on Azure it would be {request}", is_another=True)

    async def _look(self, request: str) -> Path | None:
        try:
            options = ("--no-python-downloads", "--system", "--no-project")
            found = await run(str(self._uv), "python", "find", *options, "--", request, env=search_path(os.environ))
        except ServingError:
            return None
        return Path(found.strip())

    async def _fetch(self, request: str) -> bool:
        if request in self._missing:
            return False
        try:
            command = (str(self._uv), "python", "install", "--", request)
            await run(*command, env={**os.environ, "UV_HTTP_RETRIES": "0"}, within=FETCH_WITHIN)
        except ServingError:
            self._missing.add(request)
            return False
        return True


def is_of(version: str, request: str) -> bool:
    """Whether a version such as "3.11.7" is of the one asked for, "3.11"; a range is left to uv."""
    wanted = request.split(".")
    return version.split(".")[: len(wanted)] == wanted


def search_path(env: Mapping[str, str]) -> dict[str, str]:
    """`env` with pyenv's interpreters on PATH instead of its shims, at which uv would stop."""
    root = Path(env.get("PYENV_ROOT") or Path(env.get("HOME", "/")) / ".pyenv")
    versions = sorted(root.glob("versions/*/bin"), key=_order, reverse=True)
    others = [part for part in env.get("PATH", "").split(os.pathsep) if part != str(root / "shims")]
    return {**env, "PATH": os.pathsep.join([*others, *map(str, versions)])}


def _order(folder: Path) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", folder.parent.name)]


async def _version(python: Path) -> str:
    return (await run(str(python), "-c", "import platform; print(platform.python_version())")).strip()
