"""Scoring processes: one gunicorn master per instance, running the real inference server."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import httpx2

from localazure.serving.children import Child, Children, end_group, shorten, tail
from localazure.serving.contract import DeploymentPlan, ServingError
from localazure.serving.environments import Environment
from localazure.serving.loopback import HOST
from localazure.serving.probes import watch

logger = logging.getLogger(__name__)

APPLICATION = "azureml_inference_server_http.server.entry:app"
READY_WITHIN = 310.0  # seconds, at least: Azure's readiness probe, PT10S and then 30 times PT10S
START_GRACE = 10.0  # seconds beyond what a liveness probe allows: this machine's own slowness
LOG_BYTES = 16 << 20
LOG_CHECKED_EVERY = 5.0  # seconds
LONGEST_BACK_OFF = 30.0
DISTURBANCE = "disturbance.json"  # in the deployment's folder, read by gunicorn_conf.py
LATER_MS = 250  # the server gives up after the gateway has, whose answer (408) is the service's


class Instance:
    """One scoring process on a port of its own on 127.0.0.1; it is started again when it crashes.

    `changed` is called when it becomes unready, by a crash or by its probe, and ready again. `client` asks the probes.
    """

    def __init__(
        self,
        plan: DeploymentPlan,
        environment: Environment,
        number: int,
        folder: Path,
        children: Children,
        client: httpx2.AsyncClient,
        changed: Callable[[], None],
    ) -> None:
        self.plan = plan
        self.number = number
        self.ready = False
        self.log = folder / f"{number}.log"
        self._environment = environment
        self._home = folder / f"{number}.home"
        self._copies = folder / f"{number}.files"
        self._children = children
        self._client = client
        self._changed = changed
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self) -> None:
        """Return when it answers its health probe. Raises ServingError with the container's log when it ends before."""
        for folder in (self._home, self._copies):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        self.log.write_text(self._environment.notes + self.plan.notes + self._overwritten())
        try:
            await asyncio.to_thread(self._copy)
            child = await self._spawn()
            await self._until_ready(child)
        except BaseException:
            await self.stop(0)
            raise
        self.ready = True
        self._keeper = asyncio.create_task(self._keep(child))

    async def stop(self, grace: float) -> None:
        """End it, with `grace` seconds for requests in flight (the gateway must have drained it before)."""
        self.ready = False
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._child:
            await self._child.stop(grace)
        for folder in (self._home, self._copies):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def kill(self) -> int:
        """SIGKILL to its whole group, as by a crash; the process id."""
        assert self._child is not None
        end_group(self._child.pid, signal.SIGKILL)
        return self._child.pid

    async def _keep(self, child: Child) -> None:
        back_off = 0.5
        while True:
            watching = asyncio.create_task(self._watch())
            try:
                code = await child.wait()
            finally:
                watching.cancel()
            self._becomes(False)
            logger.warning("%s ended with code %d; it starts again in %.1f s", self._name, code, back_off)
            await asyncio.sleep(back_off)
            back_off = min(2 * back_off, LONGEST_BACK_OFF)
            child = await self._spawn()
            try:
                await self._until_ready(child)
            except ServingError:
                self.kill()  # where it still runs
                continue
            back_off = 0.5
            self._becomes(True)

    async def _watch(self) -> None:
        """Its probes, from the moment on at which it is ready, and the length of its log."""

        def dead() -> None:
            logger.warning("%s fails its liveness probe; it is started again", self._name)
            self.kill()

        async def keep_log_short() -> None:
            while True:
                await asyncio.sleep(LOG_CHECKED_EVERY)
                with contextlib.suppress(OSError):  # no space, say
                    shorten(self.log, LOG_BYTES)

        ready = partial(self._becomes, True)
        unready = partial(self._becomes, False)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(self._healthy, self.plan.liveness, dead, lambda: None))
            tasks.create_task(watch(self._healthy, self.plan.readiness, unready, ready))
            tasks.create_task(keep_log_short())

    def _becomes(self, ready: bool) -> None:
        if self.ready != ready:
            self.ready = ready
            self._changed()

    async def _healthy(self, timeout: float) -> bool:
        with contextlib.suppress(httpx2.TransportError):
            answer = await self._client.get(f"http://{HOST}:{self.port}/", timeout=timeout)
            return answer.status_code == httpx2.codes.OK
        return False

    @property
    def _name(self) -> str:
        return f"{self.plan.endpoint}/{self.plan.name} instance {self.number}"

    async def _spawn(self) -> Child:
        """Bind the port here and hand it down, so that nobody can take it in between."""
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, self.port))
            except OSError:
                listener.bind((HOST, 0))
            self.port = listener.getsockname()[1]
            plan = self.plan
            self._child = await self._children.start(
                f"{plan.endpoint}.{plan.name}.{self.number}",
                [
                    str(self._environment.python),
                    "-m",
                    "gunicorn",
                    "--config",
                    str(Path(__file__).with_name("gunicorn_conf.py")),
                    "--bind",
                    f"fd://{listener.fileno()}",
                    APPLICATION,
                ],
                env=self._variables(),
                cwd=self._code,
                log=self.log,
                pass_fds=[listener.fileno()],
            )
            return self._child

    @property
    def _code(self) -> Path:
        return self._copies / "code"

    @property
    def _model(self) -> Path:
        """The service's layout: the model's name and version are the last parts."""
        return self._copies.joinpath(*self.plan.model_dir.parts[-3:])

    def _copy(self) -> None:
        """Registered versions never change: what a script writes into its folders stays with its instance."""
        try:
            shutil.copytree(self.plan.code_dir, self._code)
            shutil.copytree(self.plan.model_dir, self._model)
        except OSError as error:
            raise ServingError(f"The model and code of {self._name} could not be copied: {error}.") from error

    def _overwritten(self) -> str:
        names = sorted(self.plan.variables.keys() & self._own_variables().keys())
        return "".join(f"local Azure: the deployment's variable {name} is replaced.\n" for name in names)

    def _variables(self) -> dict[str, str]:
        """A clean environment: nothing of the local Azure's own, credentials least of all."""
        defaults = {"LANG": "C.UTF-8", "SCORING_TIMEOUT_MS": str(self.plan.request_timeout_ms + LATER_MS)}
        return {**defaults, **self.plan.variables, **self._own_variables()}

    def _own_variables(self) -> Mapping[str, str]:
        """Those that a deployment's own give way to."""
        return {
            "PATH": f"{self._environment.python.parent}{os.pathsep}{os.defpath}",
            "LOCALAZURE_DISTURBANCE": str(self.log.with_name(DISTURBANCE)),
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "AZUREML_MODEL_DIR": str(self._model),
            "AML_APP_ROOT": str(self._code),
            "AZUREML_ENTRY_SCRIPT": self.plan.entry_script,
            "AML_APP_INSIGHTS_ENABLED": "false",  # it could only go to a public address
            "HTTP_X_MS_SERVER_VERSION": f"azmlinfsrv/{self._environment.server_version}",
        }

    async def _until_ready(self, child: Child) -> None:
        """Asked more often than the probes say, which are made for slower machines; liveness counts from the start."""
        ready = max(self.plan.readiness.within, READY_WITHIN)
        alive = self.plan.liveness.within + START_GRACE
        end = asyncio.get_running_loop().time() + min(ready, alive)
        while child.exit_code is None and asyncio.get_running_loop().time() < end:
            if await self._healthy(self.plan.readiness.timeout):
                return
            await asyncio.sleep(0.1)
        if child.exit_code is not None:
            ended = f"ended with exit code {child.exit_code}"
        elif ready <= alive:
            ended = "is not ready in time"
        else:
            ended = f"was killed: init() took longer than its liveness probe allows ({self.plan.liveness.within:g} s)"
        raise ServingError(f"An instance of deployment {self.plan.name} {ended}.", tail(self.log, 200))


async def start_all(instances: Iterable[Instance]) -> None:
    """Start them at once. When one fails all are stopped, and its ServingError is raised."""
    instances = list(instances)
    try:
        async with asyncio.TaskGroup() as starting:
            for each in instances:
                starting.create_task(each.start())
    except BaseException as error:
        await stop_all(instances, 0)
        if isinstance(error, BaseExceptionGroup):
            raise error.exceptions[0] from None
        raise


async def stop_all(instances: Iterable[Instance], grace: float) -> None:
    """Stop them at once."""
    await asyncio.gather(*(each.stop(grace) for each in instances))
