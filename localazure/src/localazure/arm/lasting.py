"""Resources whose changes take time: a PUT answers 201 or 200, a DELETE 202, each with an operation to be polled.

The operation ends by the clock. While one is under way, another change of the resource, or of what is nested in it, is
409.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localazure.arm.bodies import Body
from localazure.arm.catalog import NO_BODY, Call, Handler, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, OperationFailed, conflict
from localazure.arm.ids import ResourceId
from localazure.arm.operations import Operation, Work, new_guid
from localazure.arm.resources import Build, PlainType, require, require_group, require_parent
from localazure.store import Record

BUSY = {"Accepted", "Creating", "Updating", "Deleting"}
StatusPath = Callable[[Record, str], str]


def by_location(provider: str, kind: str = "operations") -> StatusPath:
    """Where a provider's operations are polled: `/subscriptions/S/providers/PROVIDER/locations/L/KIND/NAME`."""

    def path(record: Record, name: str) -> str:
        subscription = "/".join(record.id.split("/")[:3])
        location = record.document.get("location", "global")
        return f"{subscription}/providers/{provider}/locations/{location}/{kind}/{name}"

    return path


class NestedType(PlainType):
    """A resource nested in another, or extending one; its list is that of the holder, oldest first."""

    async def list(self, call: Call) -> Reply:
        """All of the holder's, oldest first; of a group or subscription where nothing holds it."""
        store = self.azure.store
        if "/providers/" in call.id.text:
            found = reversed(store.children(require(self.azure, call.id).id, self.name))
        else:
            scope = require_group(self.azure, call.id).id if call.id.group else f"/subscriptions/{call.id.subscription}"
            found = iter(store.of_type(self.name, scope))
        return Reply(200, {"value": [self.shown(record) for record in found]})

    async def get(self, call: Call) -> Reply:
        """Read."""
        return Reply(200, self.shown(require(self.azure, call.id)))

    def shown(self, record: Record) -> dict[str, Any]:
        """The document as a GET answers it."""
        return record.document


class LastingType(NestedType):
    """A type whose operations take `seconds` (create, update, delete); services extend it where theirs do more."""

    changing = "Updating"
    creating = "Creating"

    def __init__(
        self,
        azure: Azure,
        name: str,
        body: type[Body],
        build: Build,
        seconds: Mapping[str, float],
        status_path: StatusPath,
    ) -> None:
        super().__init__(azure, name, body, build)
        self._seconds = seconds
        self._status_path = status_path
        azure.operations.register(name, dict.fromkeys(("create", "update", "delete"), self._work))

    async def put(self, call: Call) -> Reply:
        """Create or replace; the document is what was asked for, and under way."""
        self.refuse_busy(call.id)
        record, is_new = self.made(call)
        record.properties["provisioningState"] = self.creating if is_new else self.changing
        with self.azure.store.transaction():
            self.azure.store.put(record)
            self.written(call, record)
            headers = self._begin("create" if is_new else "update", record, call.api_version)
        return Reply(201 if is_new else 200, self.shown(record), headers)

    async def delete(self, call: Call) -> Reply:
        """Begin to delete; 204 where there is nothing."""
        require_group(self.azure, call.id)
        if (record := self.azure.store.get(call.id.text)) is None:
            return Reply(204, NO_BODY)
        self.refuse_busy(call.id)
        self.refuse_delete(record)
        record.properties["provisioningState"] = "Deleting"
        with self.azure.store.transaction():
            self.azure.store.put(record)
            headers = self._begin("delete", record, call.api_version)
        return Reply(202, NO_BODY, headers | {"location": headers["azure-asyncoperation"]})

    def refuse_busy(self, resource: ResourceId) -> None:
        """Raises 409 while the resource, or what it is nested in, is under way."""
        parent = require_parent(self.azure, resource)
        for record in (self.azure.store.get(resource.text), parent):
            state = record.document.get("properties", {}).get("provisioningState") if record else None
            if record is not None and state in BUSY:
                raise self.busy(record, state)

    def busy(self, record: Record, state: str) -> ArmError:
        """What a change meets while another is under way."""
        return conflict(
            "AnotherOperationInProgress",
            f"Another operation on '{record.name}' is in progress ({state}): wait until it has ended, then try again.",
        )

    def written(self, call: Call, record: Record) -> None:
        """Called when a PUT is stored, in the same transaction."""

    def refuse_delete(self, record: Record) -> None:
        """Raises ArmError where Azure refuses to delete the resource."""

    def finish(self, record: Record) -> None:
        """Called when a PUT's operation has ended, before its outcome is stored."""

    def _begin(self, kind: str, record: Record, api_version: str) -> dict[str, str]:
        def urls(name: str) -> tuple[str, str]:
            path = self._status_path(record, name)
            return path, path

        operation = self.azure.operations.begin(kind, record.id, self.name, urls, new_guid())
        return {"azure-asyncoperation": f"{self.azure.url}{operation.status_url}?api-version={api_version}"}

    def _work(self, operation: Operation) -> Work:
        async def run() -> None:
            if operation.kind == "delete":
                for stop in self.azure.stops:
                    await stop(operation.target)

        def done() -> None:
            if operation.kind == "delete":
                self.azure.store.delete(operation.target)
            elif (record := self.azure.store.get(operation.target)) is not None:
                record.properties["provisioningState"] = "Succeeded"
                self.finish(record)
                self.azure.store.put(record)

        def failed(failure: OperationFailed) -> None:
            del failure
            if (record := self.azure.store.get(operation.target)) is not None:
                record.properties["provisioningState"] = "Failed"
                self.azure.store.put(record)

        return Work(run, done, failed, self._seconds.get(operation.kind, 0))


def status_type(azure: Azure, name: str) -> ResourceType:
    """Where operations are polled, as most services answer: name, status, times, and the error of a failed one."""

    async def get(call: Call) -> Reply:
        if (operation := azure.operations.find(call.id.name)) is None:
            raise ArmError(404, "OperationNotFound", f"There is no operation '{call.id.name}'.")
        document: dict[str, Any] = {"id": operation.status_url, "name": operation.name, "startTime": operation.started}
        document["status"] = "InProgress" if operation.running else operation.status
        if operation.ended:
            document["endTime"] = operation.ended
        if operation.error:
            document["error"] = operation.error
        return Reply(200, document)

    methods: Mapping[str, Handler] = {"GET": get}
    return ResourceType(name, methods)
