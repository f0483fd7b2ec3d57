"""The gateway: told by files what to do, and asked until it has done it."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Mapping

from localazure.serving.contract import DeploymentCounts
from localazure.serving.envoy import Envoy
from localazure.serving.filters import Admission, configurations
from localazure.serving.loopback import HOST, plain_client
from localazure.serving.routes import EndpointRoutes, route_configuration
from localazure.serving.xds import Cluster, Document, cluster, discovery


class Gateway:
    """Clusters are only added and retired; an endpoint's routes change as a whole; one change at a time.

    A change that fails or is cancelled is taken back by the next one.
    """

    def __init__(self, envoy: Envoy) -> None:
        self.envoy = envoy
        self._clusters: dict[str, Cluster] = {}
        self._routes: dict[str, EndpointRoutes] = {}
        self._filters: dict[str, Document] = {}
        self._retired: Counter[tuple[str, str]] = Counter()
        self._change = asyncio.Lock()
        self._version = 0
        self._coming_back = False
        self._probe = f"/{secrets.token_hex(16)}"
        self._client = plain_client()

    async def start(self, port: int, coming_back: bool = False) -> None:
        """Listen on 127.0.0.1:`port` (0: any free one); see `expect` for the other. Raises ServingError."""
        self._coming_back = coming_back
        self._write_clusters({})
        self._filters = configurations([])
        for name, document in self._filters.items():
            self._write(name, [document])
        self._write_routes({})
        await self.envoy.start(port)

    async def close(self) -> None:
        """End Envoy."""
        await self.envoy.close()
        await self._client.aclose()

    async def add(self, wanted: Cluster) -> None:
        """Return when the cluster can be routed to."""
        async with self._change:
            await self._apply_clusters({**self._clusters, wanted.name: wanted})

    async def route(self, endpoint: str, routes: EndpointRoutes | None) -> None:
        """Replace the endpoint's routes (None: it has none). After it returns no request takes an older route."""
        async with self._change:
            wanted = {name: each for name, each in self._routes.items() if name != endpoint}
            if routes is not None:
                wanted[endpoint] = routes
            await self._apply_filters(wanted)
            self._write_routes(wanted)
            await self.envoy.until(self._routes_in_force, "routes")
            self._routes = wanted

    async def expect(self, coming_back: bool) -> None:
        """Whether endpoints are coming back: what has no route is then 503, and 404 otherwise."""
        async with self._change:
            self._coming_back = coming_back
            self._write_routes(self._routes)
            await self.envoy.until(self._routes_in_force, "routes")

    async def retire(self, name: str, within: float) -> None:
        """Remove a cluster that no route names any more, when its last request has ended or `within` seconds have."""
        end = time.monotonic() + within
        while time.monotonic() < end and await self.envoy.busy(name):
            await asyncio.sleep(0.05)
        async with self._change:
            last = await self.envoy.completed()
            await self._apply_clusters({key: each for key, each in self._clusters.items() if key != name})
            self._retired.update({key: count for key, count in last.items() if key[0] == name})

    async def counts(self) -> Mapping[str, DeploymentCounts]:
        """Requests by cluster name, retired clusters too."""
        total = self._retired + await self.envoy.completed()
        return {name: DeploymentCounts(total[name, "external"], total[name, "internal"]) for name, _ in total}

    def forget(self, prefix: str) -> None:
        """Drop the counts of retired clusters whose name begins so."""
        for key in [key for key in self._retired if key[0].startswith(prefix)]:
            del self._retired[key]

    async def _apply_clusters(self, wanted: Mapping[str, Cluster]) -> None:
        self._write_clusters(wanted)

        async def in_force() -> bool:
            return await self.envoy.clusters() == wanted.keys()

        await self.envoy.until(in_force, "clusters")
        self._clusters = dict(wanted)

    async def _apply_filters(self, routes: Mapping[str, EndpointRoutes]) -> None:
        """Before the routes, which name what is asked for; a filter that stays keeps the count of its requests."""
        wanted = configurations(Admission(each.endpoint, each.tokens, each.limits) for each in routes.values())
        for name, document in wanted.items():
            if document == self._filters.get(name):
                continue
            self._filters.pop(name, None)
            version = self._write(name, [document])

            async def in_force(name: str = name, version: str = version) -> bool:
                return await self.envoy.filter_version(name) == version

            await self.envoy.until(in_force, f"filter {name}")
            self._filters[name] = document

    def _write_clusters(self, wanted: Mapping[str, Cluster]) -> None:
        self._write("clusters", [cluster(each) for _, each in sorted(wanted.items())])

    def _write_routes(self, wanted: Mapping[str, EndpointRoutes]) -> None:
        routes = [each for _, each in sorted(wanted.items())]
        document = route_configuration(routes, self._probe, str(self._version + 1), self._coming_back)
        self._write("routes", [document])

    def _write(self, name: str, documents: list[Document]) -> str:
        """A file under a new version, which is returned."""
        self._version += 1
        self.envoy.write(f"{name}.json", discovery(str(self._version), documents))
        return str(self._version)

    async def _routes_in_force(self) -> bool:
        """Asked through the listener itself, whose one worker thread takes changes in order with requests."""
        answer = await self._client.get(f"http://{HOST}:{self.envoy.port}{self._probe}")
        return answer.text == str(self._version)
