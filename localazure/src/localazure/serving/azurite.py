"""Blob storage: Azurite on the loopback interface, with the local Azure's certificate and a key of its own."""

import asyncio
import base64
import os
import re
import secrets
import shutil
import ssl
import time
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import httpx2

from localazure.serving import sas
from localazure.serving.children import Child, Children, tail
from localazure.serving.contract import ServingError
from localazure.serving.loopback import HOST, refuse_taken

ACCOUNT = "devstoreaccount1"
MAIN = Path("node_modules", "azurite", "dist", "src", "blob", "main.js")
LISTENING = re.compile(r"successfully listen\w* (?:at|on) https://\S+?:(\d+)")
LISTENS_WITHIN = 60.0  # seconds; 1-2 are usual
AT_ONCE = 8
# newer clients send API versions that Azurite does not know
FLAGS = ("--skipApiVersionCheck", "--disableTelemetry", "--disableProductStyleUrl", "--silent")


class Azurite:
    """Runs `node` on the Azurite installed in the folder `azurite`; data, key and log stand under `state`/azurite.

    `cert` and `key` are the server's, signed by `ca` (PEM files). `port` 0: any free one; `url` tells which.
    """

    def __init__(self, state: Path, *, azurite: Path, node: Path, cert: Path, key: Path, ca: Path, port: int) -> None:
        self._folder = state / "azurite"
        self._main = azurite / MAIN
        self._node = node
        self._cert = cert
        self._key = key
        self._port = port
        self._children = Children(self._folder / "processes")
        self._child: Child | None = None
        self._client = httpx2.AsyncClient(
            verify=ssl.create_default_context(cafile=str(ca)), trust_env=False, timeout=60.0
        )
        self.account_key = _account_key(self._folder / "account-key")

    @property
    def url(self) -> str:
        """`https://127.0.0.1:PORT/ACCOUNT`."""
        return f"https://{HOST}:{self._port}/{ACCOUNT}"

    async def start(self) -> None:
        """Return when it listens. Raises ServingError for a taken port, and with its log when it ends."""
        refuse_taken(self._port, "blob storage", "--blob-port")
        log = self._folder / "azurite.log"
        log.unlink(missing_ok=True)
        data = self._folder / "data"
        data.mkdir(exist_ok=True)
        options = {"blobHost": HOST, "blobPort": self._port, "location": data, "cert": self._cert, "key": self._key}
        given = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        self._child = await self._children.start(
            "azurite",
            [await self._program(), str(self._main), *given, *FLAGS],
            env={"PATH": os.defpath, "HOME": str(self._folder), "AZURITE_ACCOUNTS": f"{ACCOUNT}:{self.account_key}"},
            cwd=self._folder,
            log=log,
        )
        self._port = await self._listening(self._child)

    async def stop(self) -> None:
        """End it; what it stores stays."""
        await self._client.aclose()
        if self._child:
            await self._child.stop(5.0)
        self._children.close()

    def sas(self, container: str, minutes: float, permissions: str) -> str:
        """The query string of a SAS for one container, from now on. `permissions`: letters such as "rl" or "racwl"."""
        return sas.container_sas(ACCOUNT, self.account_key, container, permissions, sas.expires_in(minutes))

    async def ensure_container(self, name: str) -> None:
        """Create the container unless it is there."""
        answer = await self._client.put(self._address(name, "restype=container"))
        if answer.status_code != httpx2.codes.CONFLICT:
            self._check(answer, f"create container {name}")

    async def download(self, container: str, prefix: str, to: Path) -> None:
        """Copy the blobs of a folder into the new folder `to`, which appears when it is complete.

        A blob named exactly `prefix`, with none below it, becomes the file `to`. Raises ServingError if there is
        nothing.
        """
        prefix = prefix.strip("/")
        wanted = {
            name: "" if name == prefix else name.removeprefix(f"{prefix}/")
            for name in await self._names(container, prefix)
            if name == prefix or name.startswith(f"{prefix}/") or not prefix
        }
        files = {
            name: path for name, path in wanted.items() if not any(other.startswith(f"{name}/") for other in wanted)
        }
        if not files:
            raise ServingError(f"Container {container} has no blob under {prefix}.")
        if unsafe := [name for name, path in files.items() if name != prefix and not is_inside(path)]:
            raise ServingError(f"Container {container} has a blob whose name leads out of its folder: {unsafe[0]}.")
        partial = to.with_name(f"{to.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        slots = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._save(container, name, partial / path, slots) for name, path in files.items()))
        partial.rename(to)

    async def _names(self, container: str, prefix: str) -> list[str]:
        names: list[str] = []
        marker = ""
        while True:
            page = f"restype=container&comp=list&prefix={quote(prefix, safe='')}&marker={quote(marker, safe='')}"
            answer = await self._client.get(self._address(container, page))
            self._check(answer, f"list container {container}")
            listed = ElementTree.fromstring(answer.content)  # noqa: S314 - our own child process wrote it
            names += [name.text or "" for name in listed.iterfind("Blobs/Blob/Name")]
            marker = listed.findtext("NextMarker") or ""
            if not marker:
                return names

    async def _save(self, container: str, name: str, to: Path, slots: asyncio.Semaphore) -> None:
        async with slots, self._client.stream("GET", self._address(f"{container}/{quote(name)}")) as answer:
            self._check(answer, f"read blob {container}/{name}")
            to.parent.mkdir(parents=True, exist_ok=True)
            with to.open("wb") as file:
                async for part in answer.aiter_bytes():
                    file.write(part)

    def _address(self, path: str, query: str = "") -> str:
        signature = sas.account_sas(ACCOUNT, self.account_key, sas.expires_in(5))
        return f"{self.url}/{path}?{query}&{signature}" if query else f"{self.url}/{path}?{signature}"

    def _check(self, answer: httpx2.Response, what: str) -> None:
        if answer.is_error:
            code = answer.headers.get("x-ms-error-code", "no code")
            raise ServingError(f"Blob storage could not {what}: {answer.status_code} {code}.")

    async def _program(self) -> str:
        """Node's own binary: `node` may be a wrapper, whose child would outlive it."""
        asked = await asyncio.create_subprocess_exec(
            str(self._node), "-p", "process.execPath", stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await asked.communicate()
        if asked.returncode:
            raise ServingError(f"{self._node} is not a Node.js that runs.")
        return output.decode().strip()

    async def _listening(self, child: Child) -> int:
        end = time.monotonic() + LISTENS_WITHIN
        while child.exit_code is None and time.monotonic() < end:
            if found := LISTENING.search(tail(child.log, 20)):
                return int(found[1])
            await asyncio.sleep(0.05)
        shown = tail(child.log, 20)
        await child.stop(1.0)
        raise ServingError("Azurite did not start.", shown)


def is_inside(path: str) -> bool:
    """Whether a blob's path stays in the folder that it is written to: no part is empty, or leads up or elsewhere."""
    return not any(part in {"", ".", ".."} or "\0" in part for part in path.split("/"))


def _account_key(path: Path) -> str:
    """A random key per state folder, for the owner alone."""
    if not path.exists():
        beside = path.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as text:
            text.write(base64.b64encode(secrets.token_bytes(64)).decode())
        beside.rename(path)
    return path.read_text()
