"""Starts and stops the local Azure, a process in the background that lives in a state folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ops import messages
from ops.local.environment import Ready
from ops.local.folder import LOCK, make_private
from ops.paths import CHECKOUT, cache_dir
from ops.setup.progress import Progress, Step
from ops.setup.run import only_one
from ops.setup.tools import Tools

START_SECONDS = 90.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1
LOG_LINES = 15
PORT_TAKEN = 3
OTHER_STATE = 4


@dataclass(frozen=True)
class Ports:
    """Where the local Azure listens, on 127.0.0.1; 0 is any free port."""

    arm: int = 8443
    gateway: int = 8480
    blob: int = 8490
    control: int = 8470

    def arguments(self) -> list[str]:
        """As the server's command line wants them."""
        pairs = {"arm": self.arm, "gateway": self.gateway, "blob": self.blob, "control": self.control}
        return [part for name, port in pairs.items() for part in (f"--{name}-port", str(port))]


def command_of(pid: int) -> list[str]:
    """The command line of a process, empty where there is none of this id."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []
    told = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.split()


def is_ours(pid: int, state: Path) -> bool:
    """Whether process `pid` is the local Azure of this state folder: the system uses ids again."""
    command = command_of(pid)
    return {"localazure", "serve", "--state", str(state)} <= set(command)


def read_ready(state: Path) -> Ready | None:
    """What the running local Azure of `state` tells of itself; None where none runs.

    Raises UserError L006 where the one that runs is of another version, and tells other things.
    """
    told = _told(state)
    if told is None:
        return None
    try:
        return Ready.parse(told)
    except (KeyError, TypeError):
        raise messages.other_version(told["pid"], state) from None


def _told(state: Path) -> dict[str, Any] | None:
    """The ready.json of a process that runs and is ours."""
    try:
        told: dict[str, Any] = json.loads((state / "ready.json").read_text(encoding="utf-8"))
        return told if is_ours(int(told["pid"]), state) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def running(state: Path) -> Ready:
    """As read_ready, but UserError L001 where none runs."""
    ready = read_ready(state)
    if ready is None:
        raise messages.not_running(state)
    return ready


def start(state: Path, tools: Tools, ports: Ports, clock: str, progress: Progress) -> Ready:
    """Start the local Azure and wait until it is ready; the running one, where there is one already.

    `clock` is instant, recorded or x60. Raises UserError L002 (port in use), L003 (ended at its start), L004 (not ready
    in time), L007 (a state of another version).
    """
    make_private(state)
    with only_one(state / LOCK, "start", progress):
        found = read_ready(state)
        if found:
            return found
        (state / "ready.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "localazure", "serve", "--state", str(state), "--cache", str(cache_dir())]
        command += ["--azurite", str(tools.azurite), "--node", str(tools.node), "--clock", clock, *ports.arguments()]
        log = state / "localazure.log"
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            begin = output.tell()
            process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=server_environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        with progress.step("local Azure") as step:
            try:
                ready = wait_ready(process, state, log, begin, step)
            except BaseException:
                end(process.pid, state, process)
                raise
            step.result = f"ready, process {ready.pid}"
        return ready


def server_environment(base: Mapping[str, str]) -> dict[str, str]:
    """The server's own environment: as the person's, with byte code kept in the cache."""
    environment = {name: value for name, value in base.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environment | {"PYTHONPYCACHEPREFIX": str(cache_dir() / "pycache"), "PYTHONUNBUFFERED": "1"}


def wait_ready(process: subprocess.Popen[bytes], state: Path, log: Path, begin: int, step: Step) -> Ready:
    """Wait for ready.json of this very process, showing the log's last line meanwhile."""
    while step.elapsed < START_SECONDS:
        ready = read_ready(state)
        if ready and ready.pid == process.pid:
            return ready
        said = tail(log, begin)
        if process.poll() is not None:
            if process.returncode == PORT_TAKEN:
                raise messages.port_taken(said[-1] if said else "")
            if process.returncode == OTHER_STATE:
                raise messages.other_state(said[-1] if said else "")
            raise messages.server_died(process.returncode, log, "\n".join(said))
        step.say(said[-1][:100] if said else "starting")
        time.sleep(POLL_SECONDS)
    raise messages.not_ready(START_SECONDS, log, "\n".join(tail(log, begin)))


def tail(log: Path, begin: int) -> list[str]:
    """The last lines of what came into `log` after byte `begin`."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if line.strip()][-LOG_LINES:]


def stop(state: Path) -> int | None:
    """Stop the local Azure of `state`, of whatever version, and wait for its end; its process id, None: none ran."""
    told = _told(state)
    if told is not None:
        end(told["pid"], state, None)
    for name in ("ready.json", "env"):
        (state / name).unlink(missing_ok=True)
    return told["pid"] if told else None


def end(pid: int, state: Path, child: subprocess.Popen[bytes] | None) -> None:
    """SIGTERM, by which it stops its children too; after STOP_SECONDS its whole process group is killed."""
    deadline = time.monotonic() + STOP_SECONDS
    signal_it(pid, signal.SIGTERM)
    while is_ours(pid, state):
        if child is not None and child.poll() is not None:
            return
        if time.monotonic() > deadline:
            signal_group(pid)
            return
        time.sleep(POLL_SECONDS)


def signal_it(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def signal_group(pid: int) -> None:
    """Kill the group that a start made for the server; its members are of that start alone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def answers(address: str) -> bool:
    """Whether something accepts connections at a URL's host and port."""
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=1.0):
            return True
    except OSError:
        return False
