"""The serving side of the local Azure: deployments as processes behind one gateway."""

import asyncio
import json
import logging
import shutil
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from localazure.serving.children import Children
from localazure.serving.children import tail as tail_of
from localazure.serving.contract import (
    Answers,
    DeploymentCounts,
    DeploymentPlan,
    Disturbance,
    Limits,
    RoutePlan,
    Said,
    Served,
    ServingError,
)
from localazure.serving.environments import Environment, Environments
from localazure.serving.envoy import Envoy
from localazure.serving.gateway import Gateway
from localazure.serving.loopback import plain_client
from localazure.serving.processes import DISTURBANCE, Instance, start_all, stop_all
from localazure.serving.request_log import MIRRORED, Tail, of_mirror
from localazure.serving.routes import NO_RATES, EndpointRoutes, Target, scoring_uri
from localazure.serving.xds import Cluster

logger = logging.getLogger(__name__)

STOP_WITHIN = 5.0  # seconds, for the processes when everything is closed
MARGIN = 2.0  # seconds that a drain may take beyond the request timeout
RETRY_AFTER = 1.0  # seconds, when the gateway did not take a change of instances


@dataclass(slots=True)
class Deployment:
    """What runs for a plan, and the Envoy cluster in which it is."""

    plan: DeploymentPlan
    instances: list[Instance]
    cluster: Cluster


class LocalServing:
    """Implements `Serving`. Folders named by a plan never change their content: other content is another folder."""

    def __init__(
        self, state: Path, environments: Environments, children: Children, gateway: Gateway, limits: Limits
    ) -> None:
        self._state = state
        self._limits = limits
        self._environments = environments
        self._children = children
        self._gateway = gateway
        self._client = plain_client()
        self._running: dict[tuple[str, str], Deployment] = {}
        self._plans: dict[str, RoutePlan] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._routing = asyncio.Lock()
        self._revision = 0
        self._number = 0
        self._instances: set[Instance] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._tails: dict[Path, Tail] = {}

    async def check_environment(self, conda_file: str) -> None:
        """See `Serving`."""
        await self._environments.check(conda_file)

    async def apply_deployment(self, plan: DeploymentPlan) -> None:
        """See `Serving`."""
        async with self._lock(plan.endpoint, plan.name):
            environment = await self._environments.prepare(plan.conda_file, mlflow=plan.mlflow)
            current = self._running.get((plan.endpoint, plan.name))
            before = current.instances if current else []
            kept = before[: plan.instances] if current and _same_program(current.plan, plan) else []
            fresh = [self._instance(plan, environment) for _ in range(plan.instances - len(kept))]
            try:
                await start_all(fresh)
                await self._switch(plan, [*kept, *fresh])
            except BaseException:
                await self._stop(fresh, 0)
                raise
            if current:
                await self._release(current, [each for each in before if each not in kept])

    async def remove_deployment(self, endpoint: str, name: str) -> None:
        """See `Serving`."""
        async with self._lock(endpoint, name):
            gone = self._running.pop((endpoint, name), None)
            if gone is None:
                return
            try:
                async with self._routing:
                    await self._route(endpoint, self._plans.get(endpoint))
            except BaseException:
                self._running[endpoint, name] = gone
                raise
            await self._release(gone, gone.instances)
            self._gateway.forget(f"{endpoint}/{name}/")

    async def apply_routes(self, plan: RoutePlan) -> None:
        """See `Serving`. Raises ServingError for a deployment that is not there, and where no token is told."""
        if plan.auth != "Key" and plan.tokens is None:
            raise ServingError(f"Endpoint {plan.endpoint} has auth mode {plan.auth}, but no token is told to open it.")
        missing = sorted({*plan.deployments, *plan.traffic, *plan.mirror} - set(self._names(plan.endpoint)))
        if missing:
            raise ServingError(f"Endpoint {plan.endpoint} has no deployment {', '.join(missing)}.")
        async with self._routing:
            await self._route(plan.endpoint, plan)
            self._plans[plan.endpoint] = plan

    async def remove_endpoint(self, endpoint: str) -> None:
        """See `Serving`."""
        async with self._routing:
            self._plans.pop(endpoint, None)
            await self._gateway.route(endpoint, None)
        await asyncio.gather(*(self.remove_deployment(endpoint, name) for name in self._names(endpoint)))

    def logs(self, endpoint: str, name: str, tail: int) -> str:
        """See `Serving`. With several instances: of the one that wrote last, as Azure shows one of them."""
        logs = sorted(self._folder(endpoint, name).glob("*.log"), key=lambda log: log.stat().st_mtime)
        return tail_of(logs[-1], tail) if logs else ""

    async def counts(self, endpoint: str) -> Mapping[str, DeploymentCounts]:
        """See `Serving`."""
        live: Counter[str] = Counter()
        mirrored: Counter[str] = Counter()
        for cluster, counts in (await self._gateway.counts()).items():
            owner, name, _ = cluster.split("/")
            if owner == endpoint:
                live[name] += counts.live
                mirrored[name] += counts.mirrored
        return {name: DeploymentCounts(live[name], mirrored[name]) for name in self._names(endpoint)}

    async def answers(self) -> Mapping[tuple[str, str], Answers]:
        """See `Serving`."""
        return await self._gateway.envoy.answers()

    def served(self) -> list[Served]:
        """See `Serving`."""
        mirrored = [
            served
            for (endpoint, name), running in self._running.items()
            for line in self._tail(self._folder(endpoint, name) / MIRRORED).lines()
            if (served := of_mirror(line, endpoint, name, running.plan.request_timeout_ms))
        ]
        return sorted([*self._gateway.envoy.served(), *mirrored], key=lambda served: served.at)

    def said(self) -> list[Said]:
        """See `Serving`."""
        return [
            Said(endpoint, name, str(instance.number), line)
            for (endpoint, name), running in self._running.items()
            for instance in running.instances
            for line in self._tail(instance.log, is_cut=True).lines()
        ]

    def _tail(self, path: Path, is_cut: bool = False) -> Tail:
        return self._tails.setdefault(path, Tail(path, is_cut))

    async def expect(self, coming_back: bool) -> None:
        """As the gateway's: 503 and not 404 for endpoints that are not there yet."""
        await self._gateway.expect(coming_back)

    def scoring_uri(self, endpoint: str) -> str:
        """See `Serving`."""
        return scoring_uri(self._gateway.envoy.port, endpoint)

    def disturb(self, endpoint: str, name: str, how: Disturbance | None) -> None:
        """See `Serving`. The processes read it from a file in the deployment's folder, for each score."""
        folder = self._folder(endpoint, name)
        if how is None:
            (folder / DISTURBANCE).unlink(missing_ok=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{DISTURBANCE}.part").write_text(json.dumps(asdict(how)))
        (folder / f"{DISTURBANCE}.part").rename(folder / DISTURBANCE)

    def kill(self, endpoint: str, name: str) -> int:
        """See `Serving`."""
        running = self._running.get((endpoint, name))
        ready = [each for each in running.instances if each.ready] if running else []
        if not ready:
            raise ServingError(f"Deployment {name} of endpoint {endpoint} has no process that is ready.")
        return ready[0].kill()

    def ports(self, endpoint: str, name: str) -> tuple[int, ...]:
        """Of a deployment's instances on 127.0.0.1, behind the gateway."""
        return self._running[endpoint, name].cluster.ports

    @property
    def gateway_pid(self) -> int:
        """Envoy's process id."""
        return self._gateway.envoy.pid

    async def close(self) -> None:
        """See `Serving`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._gateway.close()
        await self._stop(list(self._instances), STOP_WITHIN)
        await self._client.aclose()
        self._running.clear()
        self._children.close()

    async def _switch(self, plan: DeploymentPlan, instances: list[Instance]) -> None:
        """From now on the deployment's requests go to these instances; on failure they go where they went."""
        key = plan.endpoint, plan.name
        self._revision += 1
        ports = [each.port for each in instances if each.ready] or [each.port for each in instances]
        limit = 2 * plan.max_concurrent * plan.instances
        cluster = Cluster(f"{plan.endpoint}/{plan.name}/{self._revision}", tuple(ports), limit)
        await self._gateway.add(cluster)
        before = self._running.pop(key, None)
        self._running[key] = Deployment(plan, instances, cluster)
        try:
            async with self._routing:
                await self._route(plan.endpoint, self._plans.get(plan.endpoint))
        except BaseException:
            del self._running[key]
            if before:
                self._running[key] = before
            raise

    async def _release(self, old: Deployment, surplus: list[Instance]) -> None:
        """Let the requests at the old cluster end, then stop the instances. It goes on when the caller is cancelled."""

        async def release() -> None:
            try:
                await self._gateway.retire(old.cluster.name, old.plan.request_timeout_ms / 1000 + MARGIN)
            finally:
                await self._stop(surplus, MARGIN)
                self._tidy(old.plan.endpoint, old.plan.name)

        await asyncio.shield(self._task(release()))

    async def _stop(self, instances: Iterable[Instance], grace: float) -> None:
        instances = list(instances)
        await stop_all(instances, grace)
        self._instances.difference_update(instances)

    async def _route(self, endpoint: str, plan: RoutePlan | None) -> None:
        if plan is None:
            return
        targets = {
            name: Target(running.cluster.name, running.plan.request_timeout_ms)
            for (owner, name), running in self._running.items()
            if owner == endpoint and name in plan.deployments
        }
        await self._gateway.route(
            endpoint,
            EndpointRoutes(
                endpoint,
                plan.keys if plan.auth == "Key" else (),
                targets,
                {name: weight for name, weight in plan.traffic.items() if weight and name in targets},
                {name: share for name, share in plan.mirror.items() if share and name in targets},
                plan.tokens,
                self._limits if plan.managed else NO_RATES,
                plan.managed,
            ),
        )

    def _instance(self, plan: DeploymentPlan, environment: Environment) -> Instance:
        self._number += 1
        folder = self._folder(plan.endpoint, plan.name)

        def changed() -> None:
            self._task(self._readiness_changed(plan.endpoint, plan.name))

        made = Instance(plan, environment, self._number, folder, self._children, self._client, changed)
        self._instances.add(made)
        return made

    def _task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _readiness_changed(self, endpoint: str, name: str) -> None:
        """A crash takes the instance out of the gateway until it is ready again, if there is another one."""
        async with self._lock(endpoint, name):
            running = self._running.get((endpoint, name))
            ready = tuple(each.port for each in running.instances if each.ready) if running else ()
            if not running or not ready or ready == running.cluster.ports:
                return
            try:
                await self._switch(running.plan, running.instances)
                await self._release(running, [])
                return
            except ServingError as error:
                logger.warning("%s/%s: %s It is tried again.", endpoint, name, error.message)
        await asyncio.sleep(RETRY_AFTER)
        self._task(self._readiness_changed(endpoint, name))

    def _tidy(self, endpoint: str, name: str) -> None:
        """Remove the logs of instances that are gone."""
        logs = {each.log for each in self._instances}
        for log in self._folder(endpoint, name).glob("*.log"):
            if log not in logs:
                log.unlink()

    def _folder(self, endpoint: str, name: str) -> Path:
        return self._state / "deployments" / endpoint / name

    def _names(self, endpoint: str) -> list[str]:
        return sorted(name for owner, name in self._running if owner == endpoint)

    def _lock(self, endpoint: str, name: str) -> asyncio.Lock:
        return self._locks.setdefault((endpoint, name), asyncio.Lock())


async def open_serving(
    state: Path, cache: Path, gateway_port: int, uv: Path, limits: Limits | None = None, coming_back: bool = False
) -> LocalServing:
    """Start the gateway on 127.0.0.1:`gateway_port` (0: any free one), with no endpoint yet.

    `state` belongs to one local Azure at a time; environments are built by `uv` under `cache`; `limits` are the
    service's where none are given; `coming_back` as `expect` has it. Raises ServingError for a state folder in use and
    for a taken port.
    """
    limits = limits or Limits()
    children = Children(state / "processes")
    shutil.rmtree(state / "deployments", ignore_errors=True)
    gateway = Gateway(Envoy(state / "gateway", children, limits.body_bytes))
    try:
        await gateway.start(gateway_port, coming_back)
    except BaseException:
        await gateway.close()
        children.close()
        raise
    return LocalServing(state, Environments(cache / "environments", uv), children, gateway, limits)


def _same_program(before: DeploymentPlan, after: DeploymentPlan) -> bool:
    """Whether running instances fit the new plan: only their number and the gateway's limit may differ."""
    return replace(before, instances=after.instances, max_concurrent=after.max_concurrent) == after
