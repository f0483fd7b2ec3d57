"""`python -m ops.setup`: brings what `.venv` does not hold, with progress, and asks nothing. Run by tools/bootstrap.py.

Engine, Node.js and Azurite are looked for first and fetched or built only where they are missing, into the cache that
all checkouts share; so a second run does a handful of file checks.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ops import messages
from ops.paths import VENV_BIN
from ops.setup_engine import ensure_engine, find_engine
from ops.setup_node import ensure_azurite, ensure_node, find_azurite, find_node
from ops.setup_progress import Progress, clock


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs are that `.venv` does not hold."""

    engine: Path
    """Folder with pulumi and its language host."""
    node: Path
    """The Node.js program."""
    azurite: Path
    """Folder with node_modules."""


def find_tools() -> Tools:
    """What the set-up brought; UserError T005 where it has not run (or the cache was emptied)."""
    engine, node, azurite = find_engine(), find_node(), find_azurite()
    if engine is None:
        raise messages.not_set_up("the Pulumi engine")
    if node is None:
        raise messages.not_set_up("Node.js")
    if azurite is None:
        raise messages.not_set_up("Azurite")
    return Tools(engine, node, azurite)


def check_envoy() -> None:
    """Raise T003 unless the gateway of the lock runs on this machine."""
    told = subprocess.run([VENV_BIN / "envoy", "--version"], capture_output=True, text=True, check=False)
    if told.returncode:
        raise messages.step_failed("Envoy", "envoy --version", told.stderr.strip() or told.stdout.strip())


def set_up(progress: Progress) -> Tools:
    """Bring everything that is missing; returns where it is."""
    check_envoy()
    node = ensure_node(progress)
    azurite = ensure_azurite(node, progress)
    return Tools(ensure_engine(progress), node, azurite)


def main() -> int:
    """The program: 0, or 1 with one message."""
    progress = Progress()
    begin = time.monotonic()
    try:
        set_up(progress)
    except messages.UserError as error:
        progress.tell(f"set-up: {error}")
        return 1
    except OSError as error:
        progress.tell(f"set-up: {messages.file_refused(error)}")
        return 1
    except KeyboardInterrupt:
        progress.tell("set-up: interrupted; what was fetched so far is kept. Type: make setup")
        return 130
    progress.tell(f"set-up: everything is there  {clock(time.monotonic() - begin)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
