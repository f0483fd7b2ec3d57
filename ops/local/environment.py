"""The environment of the engine on the local Azure: as values for subprocesses, and as lines for a shell."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from localazure.client import LOOPBACK, Ready, azure_variables
from localazure.client import export_lines as azure_lines

from ops.paths import VENV_BIN, cache_dir

HIDDEN = "PYTHONDONTWRITEBYTECODE"
"""Not for a program that the engine starts again and again."""


def pulumi_variables(state: Path) -> dict[str, str]:
    """What makes the engine keep all it keeps in `state`, ask nothing and fetch nothing."""
    return {
        "PULUMI_HOME": str(state / "pulumi-home"),
        "PULUMI_BACKEND_URL": f"file://{quote(str(state / 'stacks'))}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PYTHONPYCACHEPREFIX": str(cache_dir() / "pycache"),
    }


def client_environment(
    ready: Ready, state: Path, engine: Path, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The whole environment of a client's subprocess; `engine` is the folder with pulumi, `base` this process' own."""
    environment = dict(os.environ if base is None else base)
    environment.pop(HIDDEN, None)
    path = [str(VENV_BIN), str(engine), *environment.get("PATH", "").split(os.pathsep)]
    no_proxy = {name: joined(LOOPBACK, environment.get(name, "")) for name in ("NO_PROXY", "no_proxy")}
    own = {"PATH": os.pathsep.join(dict.fromkeys(part for part in path if part)), **no_proxy}
    return environment | azure_variables(ready) | pulumi_variables(state) | own


def joined(first: str, rest: str) -> str:
    """Two comma-separated lists as one, without doubles."""
    return ",".join(dict.fromkeys(part for part in f"{first},{rest}".split(",") if part))


def export_lines(ready: Ready, state: Path, engine: Path, managed_identity: bool = False) -> str:
    """Lines for a POSIX shell that set the same: fit for `source <state>/env`, also twice."""
    return azure_lines(
        ready, pulumi_variables(state), (engine, VENV_BIN), managed_identity=managed_identity, unset=[HIDDEN]
    )
