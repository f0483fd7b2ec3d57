"""The real work of the service's operations: serve, route, stop; and bringing it all back after a restart."""

import asyncio
import contextlib
import logging
import shutil
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from localazure.arm.errors import ArmError, OperationFailed
from localazure.arm.operations import Operation, Work
from localazure.services.machinelearning import deployments, endpoints, names
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.errors import deployment_failed, traffic_blocks_delete
from localazure.services.machinelearning.plans import deployment_plan, route_plan
from localazure.serving.contract import ServingError
from localazure.store import Record

LOG = logging.getLogger("localazure.machinelearning")

# Seconds, as recorded in 2022-2023: by kind of endpoint or deployment, then by operation; `relabel` is an update of a
# deployment that changes nothing of what runs.
SECONDS: Mapping[str, Mapping[str, float]] = {
    "endpoint:Managed": {"create": 20, "update": 20, "delete": 330, "regenerate": 10},
    "endpoint:K8S": {"create": 28, "update": 13, "delete": 13, "regenerate": 10},
    "deployment:Managed": {"create": 300, "update": 475, "relabel": 10, "delete": 330},
    "deployment:K8S": {"create": 95, "update": 55, "relabel": 10, "delete": 11},
}


class Gone(OperationFailed):
    """What the operation is about has been deleted meanwhile."""

    def __init__(self, target: str) -> None:
        super().__init__("NotFound", f"'{target}' was deleted while the operation was under way.")


class Workers:
    """Work by operation. Routes of one endpoint are applied one after the other, always from the stored state."""

    def __init__(self, ml: MachineLearning) -> None:
        self._ml = ml
        self._store = ml.azure.store
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def assets(self) -> Path:
        """The folder of local copies of registered assets."""
        return self._ml.assets

    def register(self) -> None:
        """Tell ARM's operations who does what."""
        operations = self._ml.azure.operations
        change = {"create": self.change_endpoint, "update": self.change_endpoint, "regenerate": self.regenerate_key}
        operations.register(names.ENDPOINT, {**change, "delete": self.delete_endpoint})
        apply = dict.fromkeys(("create", "update", "relabel"), self.apply_deployment)
        operations.register(names.DEPLOYMENT, {**apply, "delete": self.delete_deployment})
        self._ml.azure.stops.append(self.stop_under)

    def change_endpoint(self, operation: Operation) -> Work:
        """Routes become what was asked for; only then the operation succeeds."""

        async def run() -> None:
            record = self._record(operation)
            pending = record.private.get("pending", {})
            if "traffic" in pending or "routed" not in record.private:
                routed = {"traffic": pending.get("traffic", {}), "mirror": pending.get("mirrorTraffic", {})}
                await self._route(record.id, routed)

        return self._endpoint_work(operation, run)

    def regenerate_key(self, operation: Operation) -> Work:
        """The new key is in force in the gateway before the operation succeeds."""

        async def run() -> None:
            await self._route(self._record(operation).id)

        return self._endpoint_work(operation, run)

    def delete_endpoint(self, operation: Operation) -> Work:
        """Everything of the endpoint stops; its deployments go with it, also with live traffic (recorded)."""

        async def run() -> None:
            await self.stop_under(operation.target)

        work = self._endpoint_work(operation, run)
        return Work(run, lambda: self._store.delete(operation.target), work.failed, work.seconds)

    def apply_deployment(self, operation: Operation) -> Work:
        """Its processes run and it can be called by name; only then the operation succeeds."""

        async def run() -> None:
            await self._serve(self._record(operation))

        def done() -> None:
            record = self._record(operation)
            deployments.succeed(self._ml, record)
            self._show_later(record)

        return Work(run, done, self._failed_deployment(operation), self._seconds(operation, "deployment"))

    def delete_deployment(self, operation: Operation) -> Work:
        """Refused late, as recorded, while the deployment has traffic: it ends Failed and stays so."""
        blocked = self._blocked(operation)
        seconds = self._seconds(operation, "deployment") if blocked is None else 0

        async def run() -> None:
            if blocked is not None:
                raise blocked
            record = self._record(operation)
            record.private["serving"] = False
            self._store.put(record)
            await self._route(record.above)
            await self._ml.serving.remove_deployment(record.above.rsplit("/", 1)[1], record.name)

        def done() -> None:
            deployments.forget(self._ml, self._record(operation))

        return Work(run, done, self._failed_deployment(operation), seconds)

    async def stop_under(self, target: str) -> None:
        """Stop every endpoint that is `target` or below it, and forget what was under way there."""
        here = self._store.get(target)
        found = [here] if here is not None and here.type.lower() == names.ENDPOINT.lower() else []
        for endpoint in found or self._store.of_type(names.ENDPOINT, target):
            await self._ml.azure.operations.cancel_under(endpoint.id)
            await self._ml.serving.remove_endpoint(endpoint.name)
        workspaces = [here] if here is not None and here.type.lower() == names.WORKSPACE.lower() else []
        for workspace in workspaces or self._store.of_type(names.WORKSPACE, target):
            shutil.rmtree(self._ml.assets / str(workspace.properties["workspaceId"]), ignore_errors=True)

    async def close(self) -> None:
        """Stop what was to be done later; `restore` takes it up again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def turned(self) -> None:
        """The clock was turned: the gateway judges tokens by it from now on."""
        for endpoint in self._store.of_type(names.ENDPOINT):
            if endpoint.properties["authMode"] != "Key" and "routed" in endpoint.private:
                with contextlib.suppress(Gone):
                    await self._route(endpoint.id)

    async def restore(self) -> None:
        """Bring back what served when the local Azure ended; what cannot come back shows Failed, with its log."""
        await asyncio.gather(*(self._restore(endpoint) for endpoint in self._store.of_type(names.ENDPOINT)))

    async def _restore(self, endpoint: Record) -> None:
        children = self._store.children(endpoint.id, names.DEPLOYMENT)
        serving = [child for child in children if child.private.get("serving")]
        results = await asyncio.gather(*(self._apply(_as_served(child)) for child in serving), return_exceptions=True)
        for child, result in zip(serving, results, strict=True):
            if isinstance(result, BaseException):
                LOG.error("%s did not come back: %s", child.id, result)
                child.private |= {"serving": False, "log": str(result)}
                deployments.end(self._ml, child, "Failed")
        if "routed" in endpoint.private:
            await self._route(endpoint.id)
        for child in children:
            self._show_later(child)
        if endpoint.properties.get("scoringUri"):
            record = self._store.get(endpoint.id) or endpoint
            record.properties.update(endpoints.uris(self._ml, record))
            self._store.put(record)

    async def _serve(self, deployment: Record) -> None:
        await self._apply(deployment)
        served = {part: deployment.document[part] for part in ("properties", "sku") if part in deployment.document}
        if self._ml.azure.clock.absence and "served" not in deployment.private:
            deployment.private["hidden"] = True
        deployment.private |= {"serving": True, "served": served}
        self._store.put(deployment)
        await self._route(deployment.above)

    def _show_later(self, deployment: Record) -> None:
        """Where the clock says so, a new deployment is 404 by its name for a while after its success (facts T13)."""
        if deployment.private.get("hidden"):
            clock = self._ml.azure.clock
            task = asyncio.create_task(self._show(deployment.id, clock.now() + clock.absence))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _show(self, deployment_id: str, when: datetime) -> None:
        await self._ml.azure.clock.reach(when)
        if (deployment := self._store.get(deployment_id)) is not None:
            deployment.private.pop("hidden", None)
            self._store.put(deployment)
            with contextlib.suppress(Gone):
                await self._route(deployment.above)

    async def _apply(self, deployment: Record) -> None:
        try:
            await self._ml.serving.apply_deployment(await deployment_plan(self._ml, deployment))
        except ServingError as error:
            raise deployment_failed(error.message, error.log) from error
        except OSError as error:  # not of the state: its writing is no part of this
            raise deployment_failed(f"The deployment could not be started: {error}.", "") from error
        except ArmError as error:
            raise OperationFailed(error.code, error.message, details=[]) from error

    async def _route(self, endpoint_id: str, routed: Mapping[str, Any] | None = None) -> None:
        async with self._locks[endpoint_id.lower()]:
            if (endpoint := self._store.get(endpoint_id)) is None:
                raise Gone(endpoint_id)
            wanted = routed if routed is not None else endpoint.private.get("routed", {})
            try:
                await self._ml.serving.apply_routes(route_plan(self._ml, endpoint, wanted))
            except ServingError as error:
                raise deployment_failed(error.message, error.log) from error
            if (endpoint := self._store.get(endpoint_id)) is not None:
                endpoint.private["routed"] = dict(wanted)
                self._store.put(endpoint)

    def _endpoint_work(self, operation: Operation, run: Any) -> Work:
        def done() -> None:
            endpoints.succeed(self._ml, self._record(operation))

        def failed(failure: OperationFailed) -> None:
            del failure
            if (record := self._store.get(operation.target)) is not None:
                endpoints.end(self._ml, record, "Failed")

        return Work(run, done, failed, self._seconds(operation, "endpoint"))

    def _failed_deployment(self, operation: Operation) -> Any:
        def failed(failure: OperationFailed) -> None:
            if (record := self._store.get(operation.target)) is not None:
                if operation.kind != "delete":
                    record.private["log"] = failure.error["message"]
                deployments.end(self._ml, record, "Failed")

        return failed

    def _blocked(self, operation: Operation) -> OperationFailed | None:
        record = self._store.get(operation.target)
        endpoint = self._store.get(record.parent) if record else None
        if record is None or endpoint is None:
            return None
        name = record.name.lower()
        for kind in ("traffic", "mirrorTraffic"):
            if weight := endpoint.properties[kind].get(name):
                return traffic_blocks_delete(operation, endpoint.name, record.name, weight, kind == "mirrorTraffic")
        return None

    def _seconds(self, operation: Operation, what: str) -> float:
        record = self._store.get(operation.target)
        kind = record.document["kind"] if record else "Managed"
        return SECONDS[f"{what}:{kind}"][operation.kind]

    def _record(self, operation: Operation) -> Record:
        if (record := self._store.get(operation.target)) is None:
            raise Gone(operation.target)
        return record


def _as_served(deployment: Record) -> Record:
    """The deployment as it last came up: a failed update has changed the document, not what runs."""
    document = {**deployment.document, **deployment.private["served"]}
    return Record(deployment.type, deployment.parent, document, deployment.private)
