"""The real engine, as a person runs it, for the stand-in's tests. `pulumi` is on PATH."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class PulumiFailed(Exception):
    """The engine ended with an error; its text is all that it said."""


def environment(home: Path, backend: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The engine keeps all it keeps in these folders, asks nothing and fetches nothing."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        **more,
    }


@dataclass(frozen=True)
class Engine:
    """The stack `dev` of the project in a folder. Every method raises PulumiFailed when the engine says no."""

    project: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> str:
        """One command on the stack; what it said."""
        return self._plain(*arguments, "--stack", "dev")

    def init(self) -> None:
        """Make the stack."""
        (self.project / "stacks").mkdir(exist_ok=True)
        self._plain("stack", "init", "dev", "--no-select")

    def up(self, *more: str) -> str:
        """An update without a preview before it."""
        return self.run("up", "--yes", "--skip-preview", "--suppress-progress", *more)

    def preview(self, *more: str) -> str:
        """With the diff of each property."""
        return self.run("preview", "--diff", "--suppress-progress", *more)

    def config(self, **values: str) -> None:
        """Set keys of the stack file; `traffic__blue` is the path traffic.blue."""
        pairs = [part for key, value in values.items() for part in ("--plaintext", f"{key.replace('__', '.')}={value}")]
        self.run("config", "set-all", "--path", *pairs)

    def outputs(self, *more: str) -> dict[str, Any]:
        """The stack's outputs."""
        return dict(json.loads(self.run("stack", "output", "--json", *more)))

    def _plain(self, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        told = subprocess.run(
            command,
            cwd=self.project,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if told.returncode:
            raise PulumiFailed(told.stdout)
        return told.stdout
