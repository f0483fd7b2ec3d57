"""Recorded states of this program's stacks: `python -m tests.e2e.recorded` writes those of this version.

A state is what a version left behind. It is recorded once for a version, under its number, and kept; a later version
has to preview against it without replacing anything. Ids of the local Azure it came from stand as placeholders.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from localazure.client import Ready

from benchmarks.stack import local_stack, register, write
from ops.engine import Engine
from ops.paths import CHECKOUT

STATES = Path(__file__).parent / "states"
NAMES = ("prod", "aks")
_ENDPOINTS = "safe-rollout:endpoints"


def config_of(name: str, assets: Mapping[str, Any]) -> dict[str, Any]:
    """A committed stack file with registered assets; no keys are read."""
    config: dict[str, Any] = yaml.safe_load((CHECKOUT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8"))["config"]
    model = sorted(assets["models"].values())[0]
    references = {"model": model, "environment": assets["environment"], "code": assets["code"]}
    for endpoint in config[_ENDPOINTS].values():
        endpoint["auth"] = "aad_token" if endpoint.get("kind") != "kubernetes" else "aml_token"
        for deployment in endpoint["deployments"].values():
            deployment |= references
    return config


def record(name: str) -> None:
    """Brings the stack up on a local Azure and writes its configuration and its state."""
    with local_stack() as (engine, ready):
        without = config_of(name, {"models": {"m": "-"}, "environment": "-", "code": "-"}) | {_ENDPOINTS: {}}
        write(engine, without)
        engine.up()
        config = config_of(name, register(engine))
        write(engine, config)
        engine.up()
        engine.up()
        exported = STATES / version("safe-rollout") / f"{name}.json"
        exported.parent.mkdir(parents=True, exist_ok=True)
        plain(engine).run("stack", "export", "--file", str(exported))
        text = exported.read_text(encoding="utf-8")
        for placeholder, value in ids(ready).items():
            text = text.replace(value, placeholder)
        recorded = {"config": config, "state": without_places(json.loads(text))}
        exported.write_text(json.dumps(recorded, sort_keys=True) + "\n", encoding="utf-8")


def without_places(state: dict[str, Any]) -> dict[str, Any]:
    """The state without where in which file each resource was declared: that is the recording machine's matter."""
    for resource in state["deployment"]["resources"]:
        resource.pop("sourcePosition", None)
        resource.pop("stackTrace", None)
    return state


def imported(recording: Path, engine: Engine, ready: Ready, folder: Path) -> dict[str, Any]:
    """Makes the recorded state the engine's own, with this local Azure's ids. Returns the stack file of then."""
    text = recording.read_text(encoding="utf-8")
    for placeholder, value in ids(ready).items():
        text = text.replace(placeholder, value)
    recorded = json.loads(text)
    state = folder / "state.json"
    state.write_text(json.dumps(recorded["state"]), encoding="utf-8")
    plain(engine).run("stack", "import", "--file", str(state))
    return dict(recorded["config"])


def ids(ready: Ready) -> dict[str, str]:
    """What differs between two local Azures, by placeholder."""
    return {"{subscription}": ready.subscription_id, "{client}": ready.client_id, "{gateway}": ready.gateway}


def plain(engine: Engine) -> Engine:
    """The engine for commands that know no stack file."""
    return replace(engine, config_file=None)


if __name__ == "__main__":
    for each in NAMES:
        record(each)
