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

from localazure.serving import conda
from localazure.serving.commands import run
from localazure.serving.contract import ServingError
from localazure.serving.pythons import Pythons

# conda has these for a Python, or has them not: it compiles nothing. The index has wheels for the same Pythons.
COMPILED = ("numpy", "scipy", "scikit-learn", "pandas", "matplotlib", "pyarrow", "lightgbm", "xgboost")


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
        version = await run(str(python.path), "-c", "import sys; print(sys.version)")
        digest = hashlib.sha256("\n".join([version, *wanted.conda, "", *wanted.pip]).encode()).hexdigest()[:32]
        home = self._folder / digest
        self._folder.mkdir(parents=True, exist_ok=True)
        async with _locked(self._folder / f"{digest}.lock"):
            if not (home / "bin" / "python").exists():
                try:
                    await self._build(home, python.path, wanted)
                except ServingError as error:
                    raise ServingError(error.message, f"{notes}{error.log}") from None
        return Environment(home / "bin" / "python", _server_version(home), notes)

    async def _build(self, home: Path, interpreter: Path, wanted: conda.Wanted) -> None:
        """As conda does it: its own packages first, then pip's, which may change them."""
        partial = home.with_suffix(".partial")
        for leftover in (partial, home):
            shutil.rmtree(leftover, ignore_errors=True)
        options = ("--quiet", "--no-project", "--relocatable", "--python", str(interpreter))
        try:
            await run(str(self._uv), "venv", *options, str(partial))
            await self._install(partial, wanted.conda, COMPILED)
            await self._install(partial, wanted.pip)
            partial.rename(home)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    async def _install(self, venv: Path, requirements: Sequence[str], built: Sequence[str] = ()) -> None:
        """Of several indexes the best version is taken, as pip does; `built` packages are not compiled here."""
        listed = venv.with_suffix(".txt")
        listed.write_text("\n".join(requirements) + "\n")
        options: tuple[str, ...] = ("--compile-bytecode", "--index-strategy", "unsafe-best-match")
        options += tuple(text for name in built for text in ("--only-binary", name))
        into = ("--python", str(venv / "bin" / "python"), "--requirements", str(listed))
        try:
            await run(str(self._uv), "pip", "install", *options, *into)
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
