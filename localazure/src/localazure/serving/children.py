"""Child processes that do not outlive the local Azure, not even when it is killed."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from localazure.serving.contract import ServingError

TETHER = Path(__file__).with_name("tether.py")


def birth(pid: int) -> str | None:
    """When the process began, as text that tells it from a later one of the same id; None if there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            return None if fields[0] == "Z" else fields[19]
        return None
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def end_group(pid: int, number: signal.Signals) -> None:
    """Signal the process group that `pid` leads; a group that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


class Child:
    """One started process, the leader of a process group of its own."""

    def __init__(self, process: asyncio.subprocess.Process, note: Path, log: Path) -> None:
        self._process = process
        self._note = note
        self.log = log

    @property
    def pid(self) -> int:
        """The process id, which is also the group's."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Until it ends by itself or by `stop`; its group is ended with it."""
        code = await self._process.wait()
        end_group(self.pid, signal.SIGKILL)
        self._note.unlink(missing_ok=True)
        return code

    async def stop(self, grace: float) -> None:
        """SIGTERM to the process alone, after `grace` seconds SIGKILL to its whole group."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), grace)
        end_group(self.pid, signal.SIGKILL)
        await self.wait()


class Children:
    """Starts processes and notes them in `folder`, so that the next start there ends what a crash left over.

    Raises ServingError when another local Azure holds the same folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise ServingError(
                f"{folder} is in use by another local Azure. Stop it, or start this one with another --state."
            ) from None
        self._end_leftovers()

    async def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Run `command` (an absolute program first), its output appended to `log`. `name` is unique in the folder.

        Raises ServingError where the system does not start it.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        tethered = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *command]
        with log.open("ab") as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    *tethered,
                    env=dict(env),
                    cwd=cwd,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=asyncio.subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=tuple(pass_fds),
                )
            except (OSError, ValueError) as error:  # its variables together are too long, say
                raise ServingError(f"The process {name} could not be started: {error}.") from error
        note = self._folder / f"{name}.json"
        note.write_text(json.dumps({"pid": process.pid, "birth": birth(process.pid)}))
        return Child(process, note, log)

    def close(self) -> None:
        """Let another local Azure use the folder."""
        os.close(self._lock)

    def _end_leftovers(self) -> None:
        for note in self._folder.glob("*.json"):
            left = json.loads(note.read_text() or "{}")
            if left and left["birth"] is not None and birth(left["pid"]) == left["birth"]:
                end_group(left["pid"], signal.SIGKILL)
                while birth(left["pid"]) == left["birth"]:
                    time.sleep(0.01)
            note.unlink()


def tail(log: Path, lines: int, limit: int = 1 << 20) -> str:
    """The last `lines` lines of a log, of at most its last `limit` bytes; empty if there is none."""
    if lines <= 0 or not log.exists():
        return ""
    with log.open("rb") as text:
        text.seek(max(0, log.stat().st_size - limit))
        return b"".join(text.readlines()[-lines:]).decode(errors="replace")


def shorten(log: Path, limit: int) -> None:
    """Keep the last half of a log of more than `limit` bytes. A line that is written just then may be lost."""
    if not log.exists() or log.stat().st_size <= limit:
        return
    with log.open("rb+") as text:
        text.seek(-(limit // 2), os.SEEK_END)
        text.readline()
        kept = text.read()
        text.seek(0)
        text.write(kept)
        text.truncate()
