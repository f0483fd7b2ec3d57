"""Runs the programs of the set-up, one set-up at a time: lines go to a callback, a failure becomes one message."""

import fcntl
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops import messages
from ops.setup.progress import Progress

TAIL_LINES = 15
NETWORK_SIGNS = (
    "no such host",
    "connection refused",
    "i/o timeout",
    "network is unreachable",
    "temporary failure in name resolution",
    "failed to lookup address",
    "dns error",
    "enotfound",
    "eai_again",
    "etimedout",
    "econnrefused",
    "error sending request",
)


def check_disk(what: str, where: Path, needed_gb: float, usage: Callable[[Path], Any] = shutil.disk_usage) -> None:
    """Raise T001 unless the disk of `where` has `needed_gb` (10^9 bytes) free for a step."""
    free_gb = usage(where).free / 1e9
    if free_gb < needed_gb:
        raise messages.disk_full(what, where, free_gb, needed_gb)


@contextmanager
def only_one(lock: Path, who: str, progress: Progress) -> Iterator[None]:
    """Hold `lock` (a file) for the block; waits, and says so, while another process does."""
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.tell(f"another {who} is at work ({lock}); waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def bring(home: Path, find: Callable[[], Path | None], fill: Callable[[Path], None], progress: Progress) -> Path:
    """Make the folder `home` once, also with two set-ups at once; what `find` finds meanwhile is taken instead.

    `fill` gets a folder of the same name elsewhere, which takes its place when it is complete: an interrupted set-up
    leaves no half of it, and the next one removes the rest.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with only_one(home.parent / f"{home.name}.lock", "set-up", progress):
        found = find()
        if found:
            return found
        for left_over in home.parent.glob(f".new-{home.name}-*"):
            shutil.rmtree(left_over)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".new-{home.name}-") as fresh:
            target = Path(fresh) / home.name
            fill(target)
            shutil.rmtree(home, ignore_errors=True)
            target.rename(home)
    return home


def looks_like_no_network(text: str) -> bool:
    """Whether a program's output says that a host could not be reached."""
    return any(sign in text.lower() for sign in NETWORK_SIGNS)


def run(
    what: str,
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    on_line: Callable[[str], None],
    on_tick: Callable[[], None] = lambda: None,
) -> list[str]:
    """Run `command` to its end and return its output's lines (standard error among them).

    `on_line` gets each line, `on_tick` is called about once a second while nothing comes.
    Raises UserError T002 (no network) or T003 (with the end of the output).
    """
    lines: list[str] = []
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                lines.append(line.rstrip())
                on_line(lines[-1])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            reader.join(1.0)
            on_tick()
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if any(sign in line.lower() for line in lines for sign in ("no space left on device", "enospc")):
        raise messages.no_space(what, cwd)  # npm ends with 0 all the same
    if code:
        tail = "\n".join(deque(lines, TAIL_LINES))
        if looks_like_no_network(tail):
            raise messages.no_network(what, next(line for line in reversed(lines) if looks_like_no_network(line)))
        raise messages.step_failed(what, " ".join(command[:4]), tail)
    return lines
