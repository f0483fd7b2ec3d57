"""One run of the local Azure: its children, its ports, its ready file, and its orderly end."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from localazure.ca import HOST, Certificates, ensure_ca
from localazure.clock import Mode, TurnableClock
from localazure.control import control_app
from localazure.identity.managed import PATH
from localazure.server import LocalAzure, make_local_azure, setting
from localazure.serving.azurite import Azurite
from localazure.serving.contract import Limits
from localazure.serving.local import open_serving
from localazure.snapshots import Snapshots
from localazure.store import Store


class PortTaken(Exception):
    """A port is in use; the message names it and what to type."""


@dataclass(frozen=True, slots=True)
class Options:
    """What `serve` was asked for. A port of 0 is any free one."""

    state: Path
    cache: Path
    azurite: Path
    node: Path
    arm_port: int
    gateway_port: int
    blob_port: int
    control_port: int
    clock: Mode
    limits: Limits


class _Server(uvicorn.Server):
    """A server that leaves signals to the process: there are two of them in it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


class _Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """HTTP that lets an application close the connection without an answer: `scope["state"]["abort"]()`."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Offer it to this connection's requests."""
        self.app_state = {**self.app_state, "abort": transport.abort}
        super().connection_made(transport)


async def run(options: Options) -> None:
    """Run until SIGTERM or SIGINT, which end it at any point of its start too. Raises PortTaken, ServingError."""
    serving = asyncio.create_task(_serve(options))
    stop = _once(serving.cancel)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _once(action: Callable[[], object]) -> Callable[[], None]:
    """A second signal must not cut the orderly end short."""
    actions = [action]

    def act() -> None:
        while actions:
            actions.pop()()

    return act


async def _serve(options: Options) -> None:
    clock = TurnableClock(options.clock, begin_of_time(options.state))  # another version's state is refused first
    certificates = ensure_ca(options.state)
    async with AsyncExitStack() as stack:
        arm_socket = stack.enter_context(bound(options.arm_port, "ARM", "--arm-port"))
        control_socket = stack.enter_context(bound(options.control_port, "control", "--control-port"))
        azurite = await _azurite(stack, options, certificates)
        uv = Path(sys.executable).with_name("uv")
        serving = await open_serving(options.state, options.cache, options.gateway_port, uv, options.limits, True)
        stack.push_async_callback(serving.close)
        (options.state / "ready.json").unlink(missing_ok=True)  # of a run that was killed; the folder is ours by now
        local = make_local_azure(options.state, f"https://{_address(arm_socket)}", clock, serving, azurite)
        stack.push_async_callback(local.close)
        stack.callback(lambda: local.azure.store.set_clock(clock.now()))
        await local.restore()
        recording = asyncio.create_task(local.recorder.run())
        stack.callback(recording.cancel)

        snapshots = Snapshots(options.state / "snapshots", local, serving)
        secret, token = (setting(local.azure.store, name, new_secret) for name in ("identityHeader", "controlToken"))
        control = control_app(local, clock, serving, snapshots, secret, token)
        await stack.enter_async_context(served(local.app, arm_socket, certificates))
        await stack.enter_async_context(served(control, control_socket, None))
        gateway = serving.scoring_uri("any").removesuffix("/any/score")
        ready = ready_document(local, certificates, gateway, _address(control_socket))
        ready |= {"identityHeader": secret, "controlToken": token}
        stack.enter_context(_announced(options.state / "ready.json", ready))
        await asyncio.Event().wait()


def begin_of_time(state: Path) -> datetime:
    """The wall's time, or where the clock of this state folder has got to, if that is later. Raises StateError."""
    with closing(Store(state / "state.sqlite")) as store:
        wall = datetime.now(UTC)
        return max(wall, store.last_moment() or wall)


def new_secret() -> str:
    """For a header."""
    return secrets.token_urlsafe(32)


def ready_document(local: LocalAzure, certificates: Certificates, gateway: str, control: str) -> dict[str, object]:
    """What clients of this run need to know; it holds the client's secret: 0600."""
    blob = local.identity.blob
    return {
        "pid": os.getpid(),
        "arm": local.azure.url,
        "gateway": gateway,
        "blob": blob[: blob.rindex("/")],
        "control": f"http://{control}",
        "ca": str(certificates.ca),
        "caBundle": str(certificates.bundle),
        "subscriptionId": local.azure.subscription,
        "tenantId": "adfs",
        "clientId": local.identity.client_id,
        "clientSecret": local.identity.client_secret,
        "identityEndpoint": f"http://{control}{PATH}",
    }


async def _azurite(stack: AsyncExitStack, options: Options, files: Certificates) -> Azurite:
    azurite = Azurite(
        options.state,
        azurite=options.azurite,
        node=options.node,
        cert=files.cert,
        key=files.key,
        ca=files.ca,
        port=options.blob_port,
    )
    stack.push_async_callback(azurite.stop)
    await azurite.start()
    return azurite


@contextlib.contextmanager
def bound(port: int, whose: str, option: str) -> Iterator[socket.socket]:
    """A port of this machine, ready to listen; 0: any free one. Raises PortTaken."""
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer waits 40 ms for an ACK.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            why = f"the {whose} port {port} can't be used: {error.strerror}."
            raise PortTaken(f"{why} Free it, or type {option} 0 for any free one.") from None
        yield listener


def _address(listener: socket.socket) -> str:
    return f"{HOST}:{listener.getsockname()[1]}"


@asynccontextmanager
async def served(app: Starlette, listener: socket.socket, files: Certificates | None) -> AsyncIterator[None]:
    """The application answers at the socket, over TLS where there are `files`."""
    tls = {"ssl_certfile": str(files.cert), "ssl_keyfile": str(files.key)} if files else {}
    options = {"log_config": None, "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 2}
    options["date_header"] = False  # ARM's says the time in Azure, which may go faster
    config = uvicorn.Config(app, http=_Protocol, **options, **tls)  # type: ignore[arg-type]
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            await task
    try:
        yield
    finally:
        server.should_exit = True
        await task
        for connection in list(server.server_state.connections):  # over TLS, idle ones wait for the client's goodbye
            connection.transport.abort()
        await asyncio.sleep(0)


@contextlib.contextmanager
def _announced(path: Path, document: dict[str, object]) -> Iterator[None]:
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file, indent=2)
    part.rename(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
