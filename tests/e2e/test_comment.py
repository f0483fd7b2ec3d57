"""The comment of a whole stack's first preview, by the real command and the real engine."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ops.paths import CHECKOUT, VENV_BIN
from tests.e2e.conftest import Rollout

pytestmark = pytest.mark.slow


def test_the_first_preview_of_prod_is_a_comment(rollout: Rollout, tmp_path: Path) -> None:
    """All that is new in words, the diff folded beneath, and under the 65,536 characters that GitHub takes."""
    file = tmp_path / "Pulumi.first.yaml"
    shutil.copy(CHECKOUT / "Pulumi.yaml", tmp_path)
    replace(rollout.engine, project=tmp_path, stack="first", config_file=None).stack_init()
    file.write_text((CHECKOUT / "Pulumi.prod.yaml").read_text() + file.read_text())
    command = [VENV_BIN / "rollout", "check", file, "--markdown"]
    environment = dict(rollout.engine.environment)
    told = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert 20_000 < len(told.stdout) < 65_536
    assert "+ diabetes-prod: NEW endpoint; NEW blue = diabetes-ridge:1, 3-9 x Standard_DS3_v2" in told.stdout
    assert "azure-native:machinelearningservices:OnlineEndpoint: (create)" in told.stdout
    assert "R232" in told.stdout
