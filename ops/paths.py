"""Where things live: our packages, the project, the cache shared by all, and the state folders of local Azures."""

import os
import sys
from pathlib import Path

from settings.place import nearest_project_file

CHECKOUT = Path(__file__).resolve().parent.parent
"""The folder that our packages are in: a checkout of the repository, or an environment's site-packages."""
IS_CHECKOUT = (CHECKOUT / "tools" / "bootstrap.py").is_file()
VENV_BIN = Path(sys.prefix) / "bin"
"""The programs of the environment that this runs in."""


def project_folder(where: Path, checkout: Path | None) -> Path:
    """The Pulumi project that a command is about: around `where`, else the checkout, else `where` itself."""
    found = nearest_project_file(where)
    return found.parent if found else checkout or where


PROJECT = project_folder(Path.cwd(), CHECKOUT if IS_CHECKOUT else None)
LOCAL_STATE = PROJECT / ".local"
REHEARSAL_STATE = PROJECT / ".rehearsal"
SET_UP = "make setup" if IS_CHECKOUT else "rollout setup"
"""What a person types to bring what is missing."""


def cache_dir() -> Path:
    """The folder for what is not of one checkout alone: engine, Node.js, Azurite, scoring environments, byte code.

    $SAFE_ROLLOUT_CACHE, else $XDG_CACHE_HOME/safe-rollout, else ~/.cache/safe-rollout. Not created here.
    """
    given = os.environ.get("SAFE_ROLLOUT_CACHE")
    if given:
        return Path(given).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safe-rollout"


def shortest(path: Path) -> str:
    """A path as a person in this folder would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def state_option(state: Path) -> str:
    """What `rollout local` commands need to find this state folder: nothing for the project's own."""
    return "" if state.resolve() == LOCAL_STATE else f" --state {shortest(state.resolve())}"
