"""The command `localazure`, as this project types it: its state in a folder of ours, its cache beside ours."""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ops.messages import UserError, no_local_azure
from ops.paths import cache_dir

COMMAND = (sys.executable, "-P", "-m", "localazure")
WITH_CACHE = ("start", "setup")
ANY_PORTS = tuple(word for part in ("arm", "gateway", "blob", "control") for word in (f"--{part}-port", "0"))


def command(arguments: Sequence[str]) -> list[str]:
    """The whole command line. Raises UserError T005 where localazure is not installed."""
    if find_spec("localazure.client") is None:
        raise no_local_azure()
    cache = ["--cache", str(cache_dir())] if arguments[0] in WITH_CACHE and "--cache" not in arguments else []
    return [*COMMAND, *arguments, *cache]


def ask(*arguments: str) -> Any:
    """What `localazure ... --json` prints; its progress goes to standard error. Raises its errors as UserError."""
    told = subprocess.run(command([*arguments, "--json"]), stdout=subprocess.PIPE, text=True, check=False)
    try:
        answer = json.loads(told.stdout)
    except ValueError:
        said = told.stdout.strip() or f"exit code {told.returncode}"
        raise UserError("L013", f"localazure {arguments[0]}", said, "an answer in JSON") from None
    if "error" in answer:
        raise UserError(**answer["error"])
    return answer


def start(state: Path, *more: str) -> None:
    """Start the local Azure of `state` and wait until it is ready; nothing where it runs already."""
    ask("start", "--state", str(state), *more)


def stop(state: Path) -> list[int]:
    """Stop the local Azure of `state`, also one that was left while it started; the ids of the processes that ran."""
    stopped: list[int] = ask("stop", "--state", str(state))["stopped"]
    return stopped
