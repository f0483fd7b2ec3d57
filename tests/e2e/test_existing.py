"""A workspace that others own: used by a stack of endpoints alone, and the same to the last byte when that is gone."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.preview import endpoints
from benchmarks.stack import register, write
from ops.engine import Engine, PulumiError
from ops.paths import VENV_BIN
from tests.e2e.arm import open_arm
from tests.e2e.conftest import Rollout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

GROUP, WORKSPACE = "rg-theirs", "ws-theirs"
API = {
    "resourcegroups": "2021-04-01",
    "microsoft.storage": "2024-01-01",
    "microsoft.keyvault": "2023-07-01",
    "microsoft.operationalinsights": "2023-09-01",
    "microsoft.insights": "2020-02-02",
    "microsoft.containerregistry": "2023-07-01",
    "microsoft.machinelearningservices": "2025-12-01",
}


@dataclass(frozen=True)
class Theirs:
    """What a platform team has made, and a stack of ours in the same Azure."""

    engine: Engine
    ids: Sequence[str]

    @property
    def workspace(self) -> str:
        """The workspace's resource id."""
        return self.ids[-1]

    def write(self, workspace: Any, config: Mapping[str, Any]) -> None:
        """The smallest stack file: the workspace, endpoints, and nothing else."""
        write(self.engine, {"safe-rollout:workspace": workspace, **config})
        file = self.engine.config_file
        assert file is not None
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if "location" not in line and "registry" not in line and "acrbench" not in line]
        file.write_text("".join(kept), encoding="utf-8")

    def bodies(self) -> dict[str, bytes]:
        """Every resource of theirs as ARM shows it, by id."""
        with open_arm(self.engine) as arm:
            answers = {one: arm.get(one, params={"api-version": _api(one)}) for one in self.ids}
        assert all(answer.status_code == 200 for answer in answers.values())
        return {one: answer.content for one, answer in answers.items()}

    def in_group(self) -> list[str]:
        """The ids of all resources in their group."""
        with open_arm(self.engine) as arm:
            told = arm.get(f"{self.ids[0]}/resources", params={"api-version": "2021-04-01"}).json()["value"]
        return sorted(str(one["id"]) for one in told)

    def traffic(self) -> Any:
        """The endpoint's live traffic; None where it is not there."""
        with open_arm(self.engine) as arm:
            answer = arm.get(f"{self.workspace}/onlineEndpoints/diabetes", params={"api-version": "2025-12-01"})
        return answer.json()["properties"]["traffic"] if answer.is_success else None

    def check(self) -> Any:
        """What `rollout check --json` says."""
        command = [str(VENV_BIN / "rollout"), "check", str(self.engine.config_file), "--json"]
        told = subprocess.run(command, env=dict(self.engine.environment), capture_output=True, text=True, check=False)
        return json.loads(told.stdout)


@pytest.fixture(scope="session")
def theirs(_stack: Rollout) -> Theirs:
    """A workspace and what it stands on, made by the azure-mgmt clients beside the session's stack."""
    script = Path(__file__).with_name("platform_team.py")
    command = [sys.executable, str(script), GROUP, WORKSPACE]
    told = subprocess.run(command, env=dict(_stack.engine.environment), check=True, capture_output=True, text=True)
    engine = replace(_stack.engine, stack="theirs", config_file=_stack.state / "Pulumi.theirs.yaml")
    write(engine, {})
    engine.stack_init()
    return Theirs(engine, json.loads(told.stdout))


def _api(of: str) -> str:
    provider = of.lower().partition("/providers/")[2].partition("/")[0] or "resourcegroups"
    return API[provider]


def test_a_stack_of_endpoints_alone_leaves_all_else_as_it_was(theirs: Theirs) -> None:
    """An existing workspace and one endpoint are a whole stack: it comes up, shifts, and goes; nothing else changes."""
    named = {"name": WORKSPACE, "resourceGroup": GROUP, "existing": True}
    before, there = theirs.bodies(), theirs.in_group()
    theirs.write(named, {})
    assets = register(theirs.engine)
    theirs.write(named, endpoints(assets, {"blue": 100}))
    words = f"uses workspace {WORKSPACE} in {GROUP} (westeurope, public access enabled)"
    preview = theirs.engine.preview()
    assert words in preview
    assert "+ 5 to create" in preview  # the stack, the endpoint's component, the endpoint, two deployments
    assert theirs.check()["uses"] == [words]
    theirs.engine.up()
    theirs.engine.up()
    assert theirs.traffic() == {"blue": 100}
    theirs.write({"existing": theirs.workspace}, endpoints(assets, {"blue": 90, "green": 10}))
    assert "diabetes: blue 100 -> 90, green 0 -> 10, mirror none" in theirs.engine.up()
    assert theirs.traffic() == {"blue": 90, "green": 10}
    assert "unchanged" in theirs.engine.preview(refresh=True, extra=["--expect-no-changes"])

    theirs.write({"name": "ws-other", "resourceGroup": GROUP, "existing": True}, endpoints(assets, {"blue": 100}))
    with pytest.raises(PulumiError) as error:
        theirs.engine.preview()
    assert "R221 workspace: no workspace ws-other in rg-theirs" in error.value.output
    assert "R066 workspace.name: ws-theirs -> ws-other while it serves diabetes" in error.value.output

    theirs.write(named, endpoints(assets, {"blue": 90, "green": 10}))
    theirs.engine.destroy()
    assert theirs.traffic() is None
    assert theirs.bodies() == before
    assert theirs.in_group() == there
