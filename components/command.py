"""The command that started this program: the engine tells a program neither what it runs for nor its stack file.

So the process table is looked at; on a machine without one nothing is known.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path

import pulumi

from settings.load import read_project
from settings.place import project_file

_MOST_PARENTS = 8
TAKES_DOWN = {"destroy", "down", "dn"}
OPERATIONS = {*TAKES_DOWN, "up", "update", "preview", "pre", "refresh", "import", "watch"}


@cache
def engine_command() -> tuple[int, Sequence[str]]:
    """The process and the command line of the `pulumi` that started this program; (0, ()) where it can't be known."""
    process = os.getppid()
    for _ in range(_MOST_PARENTS):
        parent, command = _process(process)
        if command and Path(command[0]).name in ("pulumi", "pulumi.exe"):
            return process, command
        if parent <= 1:
            break
        process = parent
    return 0, ()


def engine_operation() -> str:
    """What the engine was started for: `up`, `destroy` and so on, as it was typed; empty where it can't be known."""
    return next((word for word in engine_command()[1][1:] if word in OPERATIONS), "")


def is_whole_run() -> bool:
    """Whether an `up` of all of the stack is running: without --target and --exclude. False where it isn't known."""
    parts = (word for word in engine_command()[1] if word == "-t" or word.startswith(("--target", "--exclude")))
    return engine_operation() in ("up", "update", "watch") and not any(parts)


def own_stack_file() -> Path | None:
    """The running stack's file, None where there is none."""
    return stack_file(Path(pulumi.get_root_directory() or "."), pulumi.get_stack(), *engine_command())


def stack_file(root: Path, stack: str, process: int = 0, command: Sequence[str] = ()) -> Path | None:
    """The file that `--config-file` names in the engine's process, else the stack's own in the project's folder."""
    named = next((after for word, after in _options(command) if word == "--config-file"), "")
    if named:
        there = Path("/proc") / str(process) / "cwd"
        return (there if there.exists() else root) / named
    found = project_file(root)
    folder = root / (read_project(found).stack_config_dir if found else "")
    files = (folder / f"Pulumi.{stack}{ending}" for ending in (".yaml", ".yml", ".json"))
    return next((file for file in files if file.is_file()), None)


def _options(command: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each word with its value: what stands behind `=`, else the next word."""
    for word, after in zip_longest(command, command[1:], fillvalue=""):
        name, equals, value = word.partition("=")
        yield name, value if equals else after


def _process(process: int) -> tuple[int, Sequence[str]]:
    """The parent's id and the command line of a process; (0, ()) where neither can be known."""
    folder = Path("/proc") / str(process)
    try:
        if folder.exists():
            command = (folder / "cmdline").read_bytes().rstrip(b"\0").decode(errors="replace").split("\0")
            return int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]), command
        ask = ["ps", "-ww", "-o", "ppid=,args=", "-p", str(process)]
        parent, *command = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()
        return int(parent), command
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0, ()
