"""Endpoint `e` on the serving side, and callers of it."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from localazure.serving.contract import AuthMode, DeploymentPlan, RoutePlan, Serving
from localazure.serving.local import LocalServing, open_serving
from localazure.serving.loopback import plain_client
from localazure.serving.routes import BY_NAME


@dataclasses.dataclass
class World:
    """What a test of it needs: folders, tools and the plans of endpoint `e`."""

    state: Path
    cache: Path
    uv: Path
    code_dir: Path
    conda_file: str

    def plan(self, name: str, instances: int = 1, timeout_ms: int = 10_000) -> DeploymentPlan:
        """A deployment of endpoint e."""
        return DeploymentPlan(
            endpoint="e",
            name=name,
            instances=instances,
            code_dir=self.code_dir,
            entry_script="score.py",
            model_dir=self.code_dir,
            conda_file=self.conda_file,
            image="",
            variables={"DEPLOYMENT": name},
            request_timeout_ms=timeout_ms,
            max_concurrent=10,
        )

    def routes(self, traffic: Mapping[str, int], *names: str, auth: AuthMode = "Key") -> RoutePlan:
        """The routes of endpoint e."""
        return RoutePlan("e", auth, ("first", "second"), names or tuple(traffic), traffic, {})

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[LocalServing]:
        """An open serving side, closed at the end."""
        opened = await open_serving(self.state, self.cache, port, self.uv)
        try:
            yield opened
        finally:
            await opened.close()


async def score(serving: Serving, body: object = None, name: str | None = None) -> httpx2.Response:
    """One request to endpoint e with its key."""
    headers = {"authorization": "Bearer first"} | ({BY_NAME: name} if name else {})
    async with plain_client() as client:
        return await client.post(serving.scoring_uri("e"), json=body or {}, headers=headers, timeout=30.0)


async def pids(serving: Serving, many: int = 12) -> set[int]:
    """The processes that answer requests in parallel."""
    answers = await asyncio.gather(*(score(serving, {"sleep": 0.05}) for _ in range(many)))
    return {answer.json()["pid"] for answer in answers}
