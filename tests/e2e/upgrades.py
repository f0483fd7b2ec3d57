"""Today's program against the states that earlier versions left behind, with what they made live in the local Azure."""

import json
from pathlib import Path
from typing import Any

from localazure.client import Ready

from benchmarks.stack import write
from ops.engine import Engine
from tests.e2e.recorded import STATES, imported, plain

ENDPOINTS = "safe-rollout:endpoints"
_HARMLESS = {"same", "update", "read", "refresh", "import"}
_POOLS_IN_THE_CLUSTER = "0.1.0"
"""It wrote user pools into the cluster's body (ADR 3): `adoptPools` takes them over, as its changelog says."""


def recordings(name: str) -> list[Path]:
    """The recorded states of a committed stack file, oldest version first."""
    return sorted(STATES.glob(f"*/{name}.json"))


def harm(recording: Path, config: dict[str, Any], engine: Engine, ready: Ready, folder: Path) -> dict[str, str]:
    """What a preview on top of a recorded state would make anew, replace or delete, by URN; the state stays."""
    kept = folder / "kept.json"
    plain(engine).run("stack", "export", "--file", str(kept))
    try:
        recorded = imported(recording, engine, ready, folder)
        write(engine, _upgraded(recording, recorded, config))
        told = json.loads(engine.run("preview", "--json"))
    finally:
        plain(engine).run("stack", "import", "--file", str(kept))
        write(engine, config)
    assert told["changeSummary"]["same"] >= 25
    return {
        step["urn"]: step["op"]
        for step in told["steps"]
        if step["op"] not in _HARMLESS and not _is_component(step["urn"]) and not _is_new(step)
    }


def _upgraded(recording: Path, recorded: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The stack file of that time, with the endpoints that are live now: their assets are of this workspace."""
    key = "safe-rollout:inferenceCluster"
    upgraded = {**recorded, ENDPOINTS: config[ENDPOINTS]}
    if recording.parent.name == _POOLS_IN_THE_CLUSTER and key in recorded:
        upgraded[key] = {**recorded[key], "adoptPools": sorted(recorded[key]["userPools"])}
    return upgraded


def _is_component(urn: str) -> bool:
    return urn.split("::")[-2].rpartition("$")[2].startswith("safe-rollout:")


def _is_new(step: dict[str, str]) -> bool:
    """Added by a later version beside what was there: what Container Insights collects, roles, blobs' soft delete."""
    later = ("monitor:DataCollectionRule", "RoleAssignment::", "storage:BlobServiceProperties::")
    return step["op"] == "create" and any(kind in step["urn"] for kind in later)
