"""The stack `local` on a running local Azure: the engine's folders, its stand-in plugin, its environment."""

import os
from pathlib import Path

from localazure.client import Ready

from ops import local_azure as azure
from ops.engine import Engine
from ops.local.environment import client_environment, export_lines
from ops.paths import PROJECT
from ops.setup.progress import Progress

STACK = "local"
FOLDERS = ("pulumi-home", "stacks")
"""What the engine keeps in the state folder, beside what the local Azure does."""


def engine_for(ready: Ready, state: Path, folder: Path, stack: str = STACK) -> Engine:
    """The engine (in `folder`) on `stack` of the project, its environment pointing at a running local Azure."""
    environment = client_environment(ready, state, folder)
    return Engine(pulumi=folder / "pulumi", project=PROJECT, stack=stack, environment=environment)


def prepare(ready: Ready, state: Path, folder: Path, progress: Progress) -> Engine:
    """Make `state` fit for the engine: stand-in plugin, backend folder, the stack `local`, and the file `env`."""
    for name in FOLDERS:  # they hold what the stack's passphrase, which is empty, opens
        (state / name).mkdir(exist_ok=True, mode=0o700)
    engine = engine_for(ready, state, folder)
    with progress.step("azure-native stand-in"):
        azure.ask("plugin", "--home", engine.environment["PULUMI_HOME"])
    with progress.step(f"stack {STACK}") as step:
        if not engine.has_stack():
            engine.stack_init()
            step.result = "created"
        engine.stack_select()
    env = state / "env"
    with os.fdopen(os.open(env, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(export_lines(ready, state, folder))
    return engine
