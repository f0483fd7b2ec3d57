"""`python -m ops.setup`: brings what `.venv` does not hold, with progress, and asks nothing. Run by tools/bootstrap.py.

Engine and Azurite are looked for first and fetched or built only where they are missing, into the cache that all
checkouts share; so a second run does a handful of file checks. With `--engine` it brings the engine alone and
prints the folder it is in: what a pipeline needs.
"""

import os
import subprocess
import sys
import time

from ops import local_azure as azure
from ops import messages
from ops.paths import SET_UP, VENV_BIN, cache_dir
from ops.setup.engine import ensure_engine, find_engine
from ops.setup.progress import Progress, clock


def check_envoy() -> None:
    """Raise T003 unless the gateway of the lock runs on this machine."""
    told = subprocess.run([VENV_BIN / "envoy", "--version"], capture_output=True, text=True, check=False)
    if told.returncode:
        raise messages.step_failed("Envoy", "envoy --version", told.stderr.strip() or told.stdout.strip())


def set_up(progress: Progress) -> None:
    """Bring everything that is missing."""
    check_envoy()
    azure.ask("setup")
    ensure_engine(progress)


def search_path() -> str:
    """Folders for a shell's PATH: this checkout's programs, and the engine that the set-up found or brought."""
    engine = find_engine()
    return os.pathsep.join([str(VENV_BIN), *([str(engine)] if engine else [])])


def main() -> int:
    """The program: 0, or 1 with one message. `--path` and `--cache` only print the folders for PATH and the cache."""
    if sys.argv[1:] == ["--path"]:
        sys.stdout.write(f"{search_path()}\n")
        return 0
    if sys.argv[1:] == ["--cache"]:
        sys.stdout.write(f"{cache_dir()}\n")
        return 0
    progress = Progress()
    begin = time.monotonic()
    try:
        if sys.argv[1:] == ["--engine"]:
            sys.stdout.write(f"{ensure_engine(progress)}\n")
            return 0
        set_up(progress)
    except messages.UserError as error:
        progress.tell(f"set-up: {error}")
        return 1
    except OSError as error:
        progress.tell(f"set-up: {messages.file_refused(error)}")
        return 1
    except KeyboardInterrupt:
        progress.tell(f"set-up: interrupted; what was fetched so far is kept. Type: {SET_UP}")
        return 130
    progress.tell(f"set-up: everything is there  {clock(time.monotonic() - begin)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
