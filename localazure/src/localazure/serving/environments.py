"""Scoring environments, really built: a conda file's packages in a virtual environment per content."""

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from localazure.serving import conda, resolving
from localazure.serving.commands import run
from localazure.serving.contract import ServingError
from localazure.serving.pythons import Pythons


@dataclass(frozen=True, slots=True)
class Environment:
    """A built environment: its interpreter, the version of the inference server in it, and notes for the log."""

    python: Path
    server_version: str
    notes: str = ""


class Environments:
    """Builds environments with `uv` (a binary) under `folder`, one per content; safe with several processes."""

    def __init__(self, folder: Path, uv: Path) -> None:
        self._folder = folder
        self._uv = uv
        self._pythons = Pythons(uv)

    async def prepare(self, conda_file: str | None, *, mlflow: bool = False) -> Environment:
        """The environment of a conda file, built unless it is cached. Raises ServingError with uv's output as log.

        `mlflow`: for a model that has no scoring script, to which a server is added.
        """
        if conda_file is None:
            raise ServingError(
                "The environment has no conda file. The local Azure runs no container images: "
                f"register the environment with a conda file that has {conda.SERVER}."
            )
        wanted = conda.parse(conda_file)
        if mlflow:
            wanted = conda.for_mlflow(wanted)
        else:
            conda.needs_server(wanted)
        python = await self._pythons.find(wanted.python)
        notes = conda.notes_of(wanted, [python.note] if python.note else [])
        home = await self._home(python.path, wanted)
        digest = home.name
        self._folder.mkdir(parents=True, exist_ok=True)
        async with _locked(self._folder / f"{digest}.lock"):
            if not (home / "bin" / "python").exists():
                try:
                    await self._build(home, python.path, wanted)
                except ServingError as error:
                    raise ServingError(error.message, f"{notes}{error.log}") from None
        return Environment(home / "bin" / "python", _server_version(home), notes)

    async def check(self, conda_file: str) -> None:
        """Raises CondaError where the index says that no such packages are to be had; see `resolving`."""
        wanted = conda.parse(conda_file)
        python = await self._pythons.find(wanted.python)
        if not (await self._home(python.path, wanted) / "bin" / "python").exists():
            await resolving.check(self._uv, python, wanted)

    async def _home(self, python: Path, wanted: conda.Wanted) -> Path:
        """The folder of the environment, one per interpreter and content."""
        version = await run(str(python), "-c", "import sys; print(sys.version)")
        digest = hashlib.sha256("\n".join([version, *wanted.conda, "", *wanted.pip]).encode()).hexdigest()[:32]
        return self._folder / digest

    async def _build(self, home: Path, interpreter: Path, wanted: conda.Wanted) -> None:
        """As conda does it: its own packages first, then pip's, which may change them."""
        partial = home.with_suffix(".partial")
        for leftover in (partial, home):
            shutil.rmtree(leftover, ignore_errors=True)
        options = ("--quiet", "--no-project", "--relocatable", "--python", str(interpreter))
        try:
            await run(str(self._uv), "venv", *options, str(partial))
            await self._install(partial, wanted.conda)
            await self._install(partial, wanted.pip)
            partial.rename(home)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    async def _install(self, venv: Path, requirements: Sequence[str]) -> None:
        listed = venv.with_suffix(".txt")
        listed.write_text("\n".join(requirements) + "\n")
        into = (*resolving.options(venv / "bin" / "python"), "--requirements", str(listed))
        try:
            await run(str(self._uv), "pip", "install", "--compile-bytecode", *into)
        finally:
            listed.unlink(missing_ok=True)


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """Hold an advisory lock on `path`, also against other processes."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
        yield
    finally:
        os.close(handle)


def _server_version(home: Path) -> str:
    """Read from the installed distribution's folder name, as importing it would take seconds."""
    for found in home.glob("lib/python*/site-packages/azureml_inference_server_http-*.dist-info"):
        return found.name.removesuffix(".dist-info").rpartition("-")[2]
    raise ServingError(f"The environment has no {conda.SERVER} after its build.")
