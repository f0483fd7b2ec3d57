"""The processes of this machine: which of them is the local Azure of a state folder."""

import subprocess
from pathlib import Path

Process = tuple[int, int, str]
"""A process: its id, its parent's id, its command line."""


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
    return {"localazure", "serve", "--state", str(state)} <= set(command_of(pid))


def processes() -> list[Process]:
    """The process table of this machine: from /proc where there is one (small images have no `ps`)."""
    if Path("/proc/self/stat").exists():
        found = (_process(folder) for folder in Path("/proc").iterdir() if folder.name.isdecimal())
        return [process for process in found if process]
    command = ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="]
    table = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in table.stdout.splitlines()]
    return [(int(row[0]), int(row[1]), row[2]) for row in rows if len(row) == 3]


def _process(folder: Path) -> Process | None:
    """One process of /proc; None where it has ended meanwhile."""
    try:
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
    except OSError:
        return None
    return int(folder.name), int(parent), command


def servers(state: Path, table: list[Process]) -> list[int]:
    """The local Azures of this state folder in a process table."""
    return [pid for pid, _, command in table if f" localazure serve --state {state} " in f"{command} "]
