"""Starts and stops the local Azure, a process in the background that lives in a state folder."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from localazure import errors
from localazure.cli.screen import Say, step
from localazure.cli.tools import ensure_azurite, find_node, only_one
from localazure.client import Ready, read_ready, told_by
from localazure.folder import LOCK, make_private
from localazure.processes import is_ours, processes, servers

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


def start(state: Path, cache: Path, ports: Ports, clock: str) -> Ready:
    """Start the local Azure and wait until it is ready; the running one, where there is one already.

    `clock` is instant, recorded or x60. Raises UserError L002 (port in use), L003 (ended at its start), L004 (not ready
    in time), L007 (a state of another version), L009 and L010 (Node.js or Azurite missing).
    """
    make_private(state)
    with only_one(state / LOCK, "start"):
        found = read_ready(state)
        if found:
            return found
        (state / "ready.json").unlink(missing_ok=True)
        node = find_node()
        command = [sys.executable, "-P", "-m", "localazure", "serve", "--state", str(state), "--cache", str(cache)]
        command += ["--azurite", str(ensure_azurite(cache, node)), "--node", str(node), "--clock", clock]
        log = state / "localazure.log"
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            begin = output.tell()
            process = subprocess.Popen(
                [*command, *ports.arguments()],
                env=server_environment(os.environ, cache),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        with step("local Azure") as say:
            try:
                return wait_ready(process, state, log, begin, say)
            except BaseException:
                end(process.pid, state, process)
                raise


def server_environment(base: Mapping[str, str], cache: Path) -> dict[str, str]:
    """The server's own environment: as the person's, with byte code kept in the cache."""
    environment = {name: value for name, value in base.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environment | {"PYTHONPYCACHEPREFIX": str(cache / "pycache"), "PYTHONUNBUFFERED": "1"}


def wait_ready(process: subprocess.Popen[bytes], state: Path, log: Path, begin: int, say: Say) -> Ready:
    """Wait for ready.json of this very process, showing the log's last line meanwhile."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ready = read_ready(state)
        if ready and ready.pid == process.pid:
            return ready
        said = tail(log, begin)
        if process.poll() is not None:
            if process.returncode == PORT_TAKEN:
                raise errors.port_taken(said[-1] if said else "")
            if process.returncode == OTHER_STATE:
                raise errors.other_state(said[-1] if said else "")
            raise errors.server_died(process.returncode, log, "\n".join(said))
        say(said[-1][:100] if said else "starting")
        time.sleep(POLL_SECONDS)
    raise errors.not_ready(START_SECONDS, log, "\n".join(tail(log, begin)))


def tail(log: Path, begin: int) -> list[str]:
    """The last lines of what came into `log` after byte `begin`."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if line.strip()][-LOG_LINES:]


def stop(state: Path) -> list[int]:
    """Stop the local Azure of `state`, of whatever version, also one that was left while it started.

    Waits for its end; the ids of the processes that ran.
    """
    told = told_by(state)
    found = sorted({*([told["pid"]] if told else []), *servers(state, processes())})
    for pid in found:
        end(pid, state, None)
    for name in ("ready.json", "env"):
        (state / name).unlink(missing_ok=True)
    return found


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
