"""Steady load on an endpoint: requests on a fixed schedule, whatever the answers take, and every answer kept."""

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import httpx2

from ops.rehearsal.answers import Answer

HEADER = "azureml-model-deployment"
TIMEOUT = 10.0
"""Seconds after which an answer counts as lost; twice what a deployment may take by default."""

IN_FLIGHT = 12
"""How many requests may wait for their answers at once; the schedule falls behind, and never drops, beyond it.

Few enough for one instance with eight workers: after a pause of its own a load must not fall upon the endpoint with
all that it has missed, and take the 429 for a loss."""


@dataclass(frozen=True, slots=True)
class Request:
    """A sample's name and body, and the deployment to ask by name, if any."""

    sample: str
    body: bytes
    named: str | None = None


class Client(Protocol):
    """What a load is sent with: httpx2.AsyncClient, or in tests one with another transport."""

    async def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        """Send one request."""


async def ask(client: Client, url: str, key: str | None, sample: str, body: bytes, named: str | None = None) -> Answer:
    """Send one scoring request; an error of any kind is in the answer. `named` is the deployment to ask by name."""
    headers = {"content-type": "application/json"}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    if named is not None:
        headers[HEADER] = named
    sent = time.monotonic()
    try:
        response = await client.post(url, content=body, headers=headers)
    except httpx2.HTTPError as error:
        problem = f"{type(error).__name__}: {error}"
        return Answer(sample, sent, time.monotonic(), None, problem=problem, named=named)
    received, who = time.monotonic(), response.headers.get(HEADER)
    return Answer(sample, sent, received, response.status_code, who, _decoded(response), named=named)


def ask_in_turn(url: str, key: str | None, requests: Sequence[Request]) -> list[Answer]:
    """Send requests one after the other over one connection."""

    async def in_turn() -> list[Answer]:
        async with open_client(url) as client:
            return [await ask(client, url, key, request.sample, request.body, request.named) for request in requests]

    return asyncio.run(in_turn())


def open_client(url: str) -> httpx2.AsyncClient:
    """A client that keeps its connections; to this machine it never goes through a proxy."""
    limits = httpx2.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    is_here = httpx2.URL(url).host in {"127.0.0.1", "localhost", "::1"}
    return httpx2.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=not is_here)


class SteadyLoad:
    """Sends the samples in turn, `rate` a second, from a thread of its own until it is left.

    The schedule is open-loop: request n is due at n / rate seconds, however slow the answers are, so a slow
    endpoint is not spared. `answers` holds those that have come back; all have once the load is left.
    """

    def __init__(
        self, url: str, key: str, samples: Mapping[str, bytes], rate: float, in_flight: int = IN_FLIGHT
    ) -> None:
        self._url, self._key, self._rate, self._in_flight = url, key, rate, in_flight
        self._samples = sorted(samples.items())
        self._answers: list[Answer] = []
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="steady-load", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self._thread.join()
        if self._failure is not None and error is None:
            raise RuntimeError("the load ended before its time") from self._failure

    def stop(self) -> None:
        """Send no more; what is out is waited for."""
        self._stop.set()

    @property
    def answers(self) -> Sequence[Answer]:
        """The answers that have come back until now."""
        return tuple(self._answers)

    @property
    def count(self) -> int:
        """How many answers have come back until now."""
        return len(self._answers)

    def _work(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as failure:  # noqa: BLE001
            self._failure = failure  # raised where the load is left, in the thread that can tell of it

    async def _run(self) -> None:
        async with open_client(self._url) as client:
            await self.send(client)

    async def send(self, client: Client) -> None:
        """Keep the schedule until the load is left, then wait for the answers that are still out."""
        free = asyncio.Semaphore(self._in_flight)
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for number, (sample, body) in enumerate(itertools.cycle(self._samples)):
                await asyncio.sleep(max(0.0, began + number / self._rate - time.monotonic()))
                if self._stop.is_set():
                    break
                await free.acquire()
                tasks.create_task(self._one(client, free, sample, body))

    async def _one(self, client: Client, free: asyncio.Semaphore, sample: str, body: bytes) -> None:
        try:
            self._answers.append(await ask(client, self._url, self._key, sample, body))
        finally:
            free.release()


def _decoded(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return response.text
