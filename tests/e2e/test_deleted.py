"""What Azure keeps after a destroy: a vault's name is told in the preview and taken back, a workspace's is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.stack import local_stack, write
from ops.engine import Engine, PulumiError
from ops.local.environment import Ready
from tests.e2e.arm import open_arm
from tests.e2e.situations import control, no_writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def gone() -> Iterator[tuple[Engine, Ready]]:
    """A stack that was up, and was destroyed."""
    with local_stack() as (engine, ready):
        write(engine, {})
        engine.up()
        engine.destroy()
        yield engine, ready


def refused(engine: Engine, *command: str) -> str:
    """All that the engine says when it refuses."""
    with pytest.raises(PulumiError) as error:
        engine.run(*command)
    assert "Traceback" not in error.value.output
    return error.value.output


def purge(engine: Engine, ready: Ready) -> Any:
    """What the message about a deleted workspace says to type."""
    place = f"/subscriptions/{ready.subscription_id}/resourceGroups/rg-bench"
    query = {"api-version": "2025-12-01", "forceToPurge": "true"}
    with open_arm(engine) as http:
        path = f"{place}/providers/Microsoft.MachineLearningServices/workspaces/ws-bench"
        return http.delete(path, params=query).status_code


def test_a_deleted_vault_is_told_and_comes_back(gone: tuple[Engine, Ready], tmp_path: Path) -> None:
    """A preview refuses its name; `adopt` recovers it, and the next up makes it what the stack file says."""
    engine, ready = gone
    write(engine, {})
    with no_writes(ready.control):
        said = refused(engine, "preview", "--debug", "--save-plan", str(tmp_path / "plan.json"))
    assert "R120 workspace.name: the name of a deleted vault of rg-bench in westeurope, kept until 20" in said
    write(engine, {"azure-native:location": "northeurope", "safe-rollout:adopt": ["keyVault"]})
    assert "R120 workspace.name" in refused(engine, "preview")  # it can be recovered to its own place only
    control(
        ready.control,
        "POST",
        "/faults",
        {"action": "answer", "status": 403, "method": "GET", "path": "*/deletedVaults", "count": 0},
        ready.control_token,
    )
    write(engine, {})
    assert "could not be read (status 403)" in engine.preview()
    control(ready.control, "DELETE", "/faults", token=ready.control_token)

    write(engine, {"safe-rollout:adopt": ["keyVault"]})
    refusal = refused(engine, "up", "--yes", "--skip-preview")
    assert "R119 workspace.name: the name of a deleted workspace, which Azure keeps for 14 days" in refusal
    assert purge(engine, ready) == 200
    engine.up()
    write(engine, {})
    engine.up()
    engine.preview(extra=["--expect-no-changes"])
    # The provider's token, by which the deleted vaults were read, stands nowhere.
    state = replace(engine, config_file=None).run("stack", "export", "--show-secrets")
    assert "eyJ" not in said + refusal + state + json.dumps(engine.outputs(show_secrets=True))
