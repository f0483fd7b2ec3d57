"""Scoring environments, really built: a conda file's pip packages in a virtual environment per content."""

import asyncio
import fcntl
import hashlib
import logging
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from localazure.serving import conda
from localazure.serving.contract import ServingError

logger = logging.getLogger(__name__)
PASSED = frozenset(
    {
        *("PATH", "HOME", "USER", "LANG", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "NETRC"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    }
)
"""Variables that a build gets, in either case; beside them uv's own (`UV_`)."""
VERSION_REQUEST = re.compile(r"[\d<>=!~][\w\s.,*<>=!~|+-]*")


@dataclass(frozen=True, slots=True)
class Environment:
    """A built environment: its interpreter, and the version of the inference server in it."""

    python: Path
    server_version: str


class Environments:
    """Builds environments with `uv` (a binary) under `folder`, one per content; safe with several processes."""

    def __init__(self, folder: Path, uv: Path) -> None:
        self._folder = folder
        self._uv = uv

    async def prepare(self, conda_file: str | None) -> Environment:
        """The environment of a conda file, built unless it is cached. Raises ServingError with uv's output as log."""
        if conda_file is None:
            raise ServingError(
                "The environment has no conda file. The local Azure runs no container images: "
                f"register the environment with a conda file that has {conda.SERVER}."
            )
        wanted = conda.parse(conda_file)
        interpreter = await self._interpreter(wanted.python)
        version = await _run(str(interpreter), "-c", "import sys; print(sys.version)")
        digest = hashlib.sha256("\n".join([version, *wanted.pip]).encode()).hexdigest()[:32]
        home = self._folder / digest
        self._folder.mkdir(parents=True, exist_ok=True)
        async with _locked(self._folder / f"{digest}.lock"):
            if not (home / "bin" / "python").exists():
                await self._build(home, interpreter, wanted.pip)
        return Environment(home / "bin" / "python", _server_version(home))

    async def _interpreter(self, request: str | None) -> Path:
        if request is None:
            return Path(sys.executable)
        if VERSION_REQUEST.fullmatch(request) is None:
            raise ServingError(f"The conda file's python version '{request[:80]}' is none; write for example 3.11.")
        try:
            local = ("--no-python-downloads", "--system", "--no-project")
            found = await _run(str(self._uv), "python", "find", *local, "--", request)
        except ServingError:
            logger.warning(
                "Python %s is not on this machine: the environment gets %s (on Azure it would get %s)",
                request,
                sys.version.split()[0],
                request,
            )
            return Path(sys.executable)
        return Path(found.strip())

    async def _build(self, home: Path, interpreter: Path, requirements: tuple[str, ...]) -> None:
        partial = home.with_suffix(".partial")
        for leftover in (partial, home):
            shutil.rmtree(leftover, ignore_errors=True)
        listed = home.with_suffix(".txt")
        listed.write_text("\n".join(requirements) + "\n")
        try:
            await _run(
                str(self._uv),
                "venv",
                "--quiet",
                "--no-project",
                "--relocatable",
                "--python",
                str(interpreter),
                str(partial),
            )
            await _run(
                str(self._uv),
                "pip",
                "install",
                "--compile-bytecode",
                "--python",
                str(partial / "bin" / "python"),
                "--requirements",
                str(listed),
            )
            partial.rename(home)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
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


def build_environment(base: Mapping[str, str]) -> dict[str, str]:
    """What a build may know of this process' environment: the build of a package runs its author's code.

    Where programs, caches and package indexes are, and how to reach them; no other variable, as any may be a secret.
    """

    def passes(name: str) -> bool:
        return name.upper() in PASSED or (name.startswith(("UV_", "LC_")) and not name.startswith("UV_PUBLISH"))

    return {name: value for name, value in base.items() if passes(name)}


async def _run(*command: str) -> str:
    """The standard output of a command. Raises ServingError with all of its output as log."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=build_environment(os.environ),
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise ServingError("The environment could not be built.", (output + errors).decode(errors="replace"))
    return output.decode()


def _server_version(home: Path) -> str:
    """Read from the installed distribution's folder name, as importing it would take seconds."""
    for found in home.glob("lib/python*/site-packages/azureml_inference_server_http-*.dist-info"):
        return found.name.removesuffix(".dist-info").rpartition("-")[2]
    raise ServingError(f"The environment has no {conda.SERVER} after its build.")
