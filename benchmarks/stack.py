"""A stack on a local Azure of its own, for as long as a benchmark runs."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from localazure.client import Ready, running

from ops.engine import Engine
from ops.local.stack import engine_for
from ops.paths import CHECKOUT, VENV_BIN
from ops.setup.engine import needed_engine

ESTATE: dict[str, Any] = {
    "azure-native:location": "westeurope",
    "safe-rollout:workspace": {"name": "ws-bench", "resourceGroup": "rg-bench"},
    "safe-rollout:registry": {"name": "acrbench"},
}


@contextmanager
def local_stack() -> Iterator[tuple[Engine, Ready]]:
    """An engine on the stack `local` in a folder of its own, any free ports; everything is stopped at the end."""
    rollout = [str(VENV_BIN / "rollout"), "local"]
    any_ports = [part for name in ("arm", "gateway", "blob", "control") for part in (f"--{name}-port", "0")]
    with tempfile.TemporaryDirectory(prefix="safe-rollout-") as folder:
        state = Path(folder).resolve()
        try:
            subprocess.run([*rollout, "start", "--clock", "instant", "--state", str(state), *any_ports], check=True)
            ready = running(state)
            engine = engine_for(ready, state, needed_engine())
            yield replace(engine, config_file=state / "Pulumi.local.yaml"), ready
        finally:
            subprocess.run([*rollout, "stop", "--state", str(state)], check=True)


def write(engine: Engine, config: Mapping[str, Any]) -> None:
    """Make this the stack file."""
    assert engine.config_file is not None
    salt = yaml.safe_load((CHECKOUT / "Pulumi.local.yaml").read_text(encoding="utf-8"))["encryptionsalt"]
    text = yaml.safe_dump({"config": {**ESTATE, **config}, "encryptionsalt": salt})
    engine.config_file.write_text(text, encoding="utf-8")


def register(engine: Engine) -> dict[str, Any]:
    """Register the sample's assets and return their references (as `rollout register sample --json` prints them)."""
    command = [
        str(VENV_BIN / "rollout"),
        "register",
        "sample",
        "--config-file",
        str(engine.config_file),
        "--json",
    ]
    told = subprocess.run(
        command, env=dict(engine.environment), cwd=CHECKOUT, check=True, capture_output=True, text=True
    )
    return dict(yaml.safe_load(told.stdout))


def empty_project(engine: Engine, folder: Path) -> Engine:
    """An engine on a program that does nothing, in the same environment."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: empty\nruntime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text("import pulumi\n", encoding="utf-8")
    empty = replace(engine, project=folder, stack="empty", config_file=None)
    empty.stack_init()
    return empty
