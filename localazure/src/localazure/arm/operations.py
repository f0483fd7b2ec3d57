"""Asynchronous operations: started by a PUT, DELETE or POST, polled by their status, resumed after a restart."""

import asyncio
import logging
import sqlite3
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from localazure.arm.errors import OperationFailed
from localazure.clock import Clock
from localazure.store import Store

LOG = logging.getLogger("localazure.operations")
BROKE = "The local Azure failed; its log says why: localazure.log."
OperationFault = dict[str, str]
OPERATION_FAULT: ContextVar[Callable[[], OperationFault | None]] = ContextVar("OPERATION_FAULT", default=lambda: None)
"""How the operation that a request begins is to fail, `{code, message}`: asked for when it begins."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; its kind and its target's type say what work it is. Updating, Succeeded, Failed or Canceled.

    One with a `fault` does no work and ends with that error.
    """

    name: str
    kind: str
    target: str
    target_type: str
    status_url: str
    result_url: str
    started: str
    status: str = "Updating"
    ended: str = ""
    error: dict[str, Any] = field(default_factory=dict)
    fault: OperationFault = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self.ended


@dataclass(frozen=True, slots=True)
class Work:
    """What an operation does: `run` the real work, then store its outcome. `seconds` is its recorded duration.

    `done` and `failed` write to the store only; they are part of one transaction with the operation's end.
    """

    run: Callable[[], Awaitable[None]]
    done: Callable[[], None]
    failed: Callable[[OperationFailed], None]
    seconds: float = 0


Worker = Callable[[Operation], Work]


class Operations:
    """Starts, ends and resumes operations; `workers` by (type in lower case, kind)."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._workers: dict[tuple[str, str], Worker] = {}
        self._tasks: dict[str, tuple[str, asyncio.Task[None]]] = {}

    def register(self, type_name: str, workers: Mapping[str, Worker]) -> None:
        """Name the workers of a resource type by operation kind."""
        self._workers.update({(type_name.lower(), kind): worker for kind, worker in workers.items()})

    def begin(
        self, kind: str, target: str, target_type: str, urls: Callable[[str], tuple[str, str]], name: str
    ) -> Operation:
        """Store a new operation and set it going. `urls` gives the paths of its status and its result by its name."""
        status_url, result_url = urls(name)
        started, fault = timestamp(self._clock.now()), OPERATION_FAULT.get()() or {}
        operation = Operation(name, kind, target, target_type, status_url, result_url, started, fault=fault)
        self._save(operation)
        self._go(operation)
        return operation

    def find(self, name: str) -> Operation | None:
        """The operation of that name."""
        document = self._store.get_operation(name)
        return Operation(**document) if document else None

    def resume(self) -> None:
        """Set going again what was under way when the process ended."""
        for document in self._store.running_operations():
            self._go(Operation(**document))

    async def cancel_under(self, target: str) -> None:
        """End what runs on a resource or below it: it is going away."""
        low = target.lower()
        gone = [(name, task) for name, (key, task) in self._tasks.items() if key == low or key.startswith(f"{low}/")]
        gone = [(name, task) for name, task in gone if task is not asyncio.current_task()]
        for _, task in gone:
            task.cancel()
        await asyncio.gather(*(task for _, task in gone), return_exceptions=True)
        for name, _ in gone:
            operation = self.find(name)
            if operation is not None and operation.running:
                self._save(replace(operation, status="Canceled", ended=timestamp(self._clock.now())))

    async def close(self) -> None:
        """Stop all tasks; what was under way is resumed at the next start."""
        tasks = [task for _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _save(self, operation: Operation) -> None:
        self._store.put_operation(operation.name, operation.target, operation.running, asdict(operation))

    def _go(self, operation: Operation) -> None:
        task = asyncio.get_running_loop().create_task(self._run(operation))
        self._tasks[operation.name] = (operation.target.lower(), task)
        task.add_done_callback(lambda _: self._tasks.pop(operation.name, None))

    async def _run(self, operation: Operation) -> None:
        work = self._workers[(operation.target_type.lower(), operation.kind)](operation)
        until = datetime.fromisoformat(operation.started) + self._clock.lasts(work.seconds)
        try:
            if not operation.fault:
                await work.run()
            await self._clock.sleep_until(until)
            if operation.fault:
                raise OperationFailed(**operation.fault)
            with self._store.transaction():
                work.done()
                self._save(replace(operation, status="Succeeded", ended=timestamp(self._clock.now())))
        except OperationFailed as failure:
            self._fail(operation, work, failure)
        except (OSError, sqlite3.Error) as error:
            LOG.exception("operation %s on %s could not be stored", operation.kind, operation.target)
            self._fail(operation, work, OperationFailed("InternalServerError", cannot_store(error)))
        except Exception:
            LOG.exception("operation %s on %s broke", operation.kind, operation.target)
            self._fail(operation, work, OperationFailed("InternalServerError", BROKE))

    def _fail(self, operation: Operation, work: Work, failure: OperationFailed) -> None:
        with self._store.transaction():
            work.failed(failure)
            self._save(replace(operation, status="Failed", error=failure.error, ended=timestamp(self._clock.now())))


def status_document(operation: Operation) -> dict[str, Any]:
    """What a poll answers, as recorded: an error first, no endTime while it runs, 0.0 then 100.0 percent."""
    document: dict[str, Any] = {"error": operation.error} if operation.error else {}
    document |= {"id": operation.status_url, "name": operation.name, "startTime": operation.started}
    if not operation.running:
        document["endTime"] = operation.ended
    return document | {"percentComplete": 0.0 if operation.running else 100.0, "status": operation.status}


def timestamp(when: datetime) -> str:
    """ISO 8601 with seven digits of a second, as the service writes it since 2023."""
    return f"{when:%Y-%m-%dT%H:%M:%S.%f}0+00:00"


def cannot_store(error: Exception) -> str:
    """What a client is told when the disk is full, or the state folder cannot be written."""
    return f"The local Azure could not write its state: {error}. Nothing of this request was kept."


def new_guid() -> str:
    """A random GUID."""
    return str(uuid.uuid4())
