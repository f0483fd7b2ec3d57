"""A gateway in front of two small backends."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import httpx2

from localazure.serving.contract import Limits, TokenCheck
from localazure.serving.gateway import Gateway
from localazure.serving.routes import NO_RATES, EndpointRoutes, Target, scoring_uri
from localazure.serving.xds import Cluster

from .conftest import Backend

OpenGateway = Callable[[], AbstractAsyncContextManager[Gateway]]
KEYS = ("first", "second")


class Scene:
    """A gateway with the endpoint `e` and two deployments, blue and green, of one backend each."""

    def __init__(self, open_gateway: OpenGateway, limit: int = 100, timeout_ms: int = 5000) -> None:
        self._open_gateway = open_gateway
        self._limit = limit
        self._timeout_ms = timeout_ms
        self._stack = AsyncExitStack()
        self.targets: dict[str, Target] = {}

    async def __aenter__(self) -> "Scene":
        self.gateway = await self._stack.enter_async_context(self._open_gateway())
        self.blue = await self._stack.enter_async_context(Backend("blue"))
        self.green = await self._stack.enter_async_context(Backend("green"))
        headers = {"authorization": "Bearer first"}
        self.client = await self._stack.enter_async_context(
            httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30.0)
        )
        for backend in (self.blue, self.green):
            await self.put(backend.name, (backend.port,))
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def put(self, name: str, ports: tuple[int, ...], revision: int = 1) -> None:
        """Make a new cluster for the deployment, to which the next routes lead."""
        await self.gateway.add(Cluster(f"e/{name}/{revision}", ports, self._limit))
        self.targets[name] = Target(f"e/{name}/{revision}", self._timeout_ms)

    async def route(self, traffic: Mapping[str, int], mirror: Mapping[str, int] | None = None) -> None:
        """Set the weights of the endpoint."""
        await self.gateway.route("e", EndpointRoutes("e", KEYS, dict(self.targets), traffic, mirror or {}))

    async def route_on_kubernetes(self) -> None:
        """All of the endpoint goes to blue, as one on Kubernetes."""
        await self.gateway.route("e", EndpointRoutes("e", KEYS, dict(self.targets), {"blue": 100}, {}, managed=False))

    async def admit(self, name: str, tokens: TokenCheck | None = None, limits: Limits = NO_RATES) -> None:
        """Route all of the endpoint `name` to blue, for who has such a token (None: a key), within limits."""
        keys = () if tokens else KEYS
        routes = EndpointRoutes(name, keys, dict(self.targets), {"blue": 100}, {}, tokens, limits)
        await self.gateway.route(name, routes)

    async def post(
        self, body: object = None, headers: Mapping[str, str] | None = None, endpoint: str = "e"
    ) -> httpx2.Response:
        """Score once."""
        uri = scoring_uri(self.gateway.envoy.port, endpoint)
        return await self.client.post(uri, json=body or {}, headers=dict(headers or {}))
