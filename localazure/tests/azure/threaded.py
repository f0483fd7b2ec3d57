"""A local Azure over HTTPS in a thread of this process, for clients that know nothing of asyncio."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import Queue
from typing import Any

from azure.core.credentials import AccessToken

from localazure.ca import Certificates, ensure_ca
from localazure.clock import MODES, TurnableClock
from localazure.run import bound, served
from localazure.server import make_local_azure
from localazure.testing.client import estate_bodies
from localazure.testing.fakes import FakeBlobs, FakeServing

GROUP = "rg"
PLACE = "westeurope"


@dataclass(frozen=True)
class Cloud:
    """Where it answers, and how a generated client is made for it; it is a token credential too."""

    url: str
    subscription: str
    token: str
    files: Certificates

    def get_token(self, *scopes: str, **how: Any) -> AccessToken:
        """One good token, for whatever scope."""
        return AccessToken(self.token, 4_000_000_000)

    def client(self, kind: type[Any]) -> Any:
        """A client of an azure-mgmt package."""
        scopes = [f"{self.url}/.default"]
        where = {"base_url": self.url, "credential_scopes": scopes, "connection_verify": str(self.files.ca)}
        return kind(self, self.subscription, **where, polling_interval=0)

    def of(self, kind: str, name: str) -> str:
        """The id of a resource in the group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}/providers/{kind}/{name}"


@contextmanager
def threaded(state: Path) -> Iterator[Cloud]:
    """A running one, with nothing in it but what serving and blobs are faked to be."""
    told: Queue[Cloud] = Queue()
    ends: Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Queue()

    async def run() -> None:
        files, end = ensure_ca(state), asyncio.Event()
        with bound(0, "ARM", "--arm-port") as listener:
            url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            local = make_local_azure(state, url, TurnableClock(MODES["instant"]), FakeServing(), FakeBlobs())
            token = local.identity.keys.sign(url, "tests", timedelta(days=1))
            async with served(local.app, listener, files):
                ends.put((asyncio.get_running_loop(), end))
                told.put(Cloud(url, local.azure.subscription, token, files))
                await end.wait()
            await local.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    cloud = told.get(timeout=60)
    try:
        yield cloud
    finally:
        with suppress(RuntimeError):
            loop, end = ends.get(timeout=5)
            loop.call_soon_threadsafe(end.set)
        thread.join(60)


def bodies(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """PUT bodies of a whole estate, by path."""
    return estate_bodies(cloud.subscription, "ws", PLACE)
