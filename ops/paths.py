"""Where things live: the checkout, the cache shared by all checkouts, and the state folders of local Azures."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV_BIN = CHECKOUT / ".venv" / "bin"
LOCAL_STATE = CHECKOUT / ".local"
REHEARSAL_STATE = CHECKOUT / ".rehearsal"


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
    """What `rollout local` commands need to find this state folder: nothing for the checkout's own."""
    return "" if state.resolve() == LOCAL_STATE else f" --state {shortest(state.resolve())}"
