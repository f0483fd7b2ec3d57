"""The state folder of a local Azure: what is kept in it, who may read it, and how it is emptied."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from localazure.errors import no_state_folder

STATE_FILE = "state.sqlite"
LOCK = "start.lock"
"""Never removed: another start may hold it."""
FOLDERS = (
    *("assets", "azurite", "ca", "deployments", "gateway", "identity", "processes", "snapshots"),
    *("pulumi-home", "stacks"),
)
FILES = (
    *("env", "ready.json", "localazure.log"),
    *(f"{name}.sqlite{part}" for name in ("metrics", "state") for part in ("-wal", "-shm", "")),
)
"""What a local Azure and its stack keep there. STATE_FILE goes last: a removal that was cut short can be taken up."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(state: Path) -> None:
    """Make the folder, and let only its owner read it and what a local Azure keeps in it; links are not followed."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    _close(state)
    for path in (*_own(state), *state.glob(LOCK)):
        _close(path)
        for folder, folders, files in os.walk(path):  # of a file it gives nothing; it follows no link
            for name in (*folders, *files):
                _close(Path(folder, name))


def remove(state: Path) -> list[str]:
    """Remove what a local Azure keeps in this folder, and nothing else; the names of what was there.

    Raises UserError L008, and removes nothing, where the folder is none of a local Azure. A link goes, and what it
    points at stays.
    """
    if not is_state(state) and any(_own(state)):
        raise no_state_folder(state)
    found = list(_own(state))  # now, as looking into the state may make its -wal anew
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return sorted(path.name for path in found)


def is_state(state: Path) -> bool:
    """Whether the folder has the state of a local Azure, of whatever version: a SQLite file with its resources."""
    file = state / STATE_FILE
    if file.is_symlink() or not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
            return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'resources'").fetchone() is not None
    except sqlite3.Error:
        return False


def _own(state: Path) -> Iterator[Path]:
    """Those of our folders and files that are there as such: somebody's folder `env` is none of them."""
    yield from (path for name in FOLDERS if (path := state / name).is_dir() and not path.is_symlink())
    yield from (path for name in FILES if (path := state / name).is_file() and not path.is_symlink())


def _close(path: Path) -> None:
    if not path.is_symlink() and (mode := stat.S_IMODE(path.stat().st_mode)) & OTHERS:
        path.chmod(mode & ~OTHERS)
