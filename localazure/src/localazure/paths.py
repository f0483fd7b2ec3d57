"""Where things live: the state folder of one local Azure, and the cache that all of them share."""

import os
from pathlib import Path

STATE = Path(".localazure")
"""The state folder where neither --state nor $LOCALAZURE_STATE names one: in the folder one is in."""


def default_cache() -> Path:
    """The folder for Azurite and built scoring environments: $LOCALAZURE_CACHE, else localazure in the user's cache."""
    given = os.environ.get("LOCALAZURE_CACHE")
    if given:
        return Path(given).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "localazure"


def shortest(path: Path) -> str:
    """A path as a person in this folder would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def state_option(state: Path) -> str:
    """What a command needs to find this state folder: nothing where it is the default one."""
    default = Path(os.environ.get("LOCALAZURE_STATE") or STATE)
    return "" if state.resolve() == default.resolve() else f" --state {shortest(state.resolve())}"
