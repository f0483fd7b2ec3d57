"""A key made anew on the local Azure: the gateway refuses the old one, and the other one goes on working."""

import json
import subprocess

import httpx2
import pytest

from ops.paths import VENV_BIN
from tests.e2e.conftest import Rollout
from tests.e2e.test_stack_files import PATIENT

pytestmark = pytest.mark.slow


def test_a_regenerated_key_is_refused_and_the_other_one_works(rollout: Rollout) -> None:
    """The old secondary key gets 401, the primary and the new secondary 200; the next up brings the output along."""

    def status(key: str) -> int:
        headers = {"authorization": f"Bearer {key}"}
        return httpx2.post(uri, json=json.loads(PATIENT.read_bytes()), headers=headers).status_code

    told = rollout.engine.outputs(show_secrets=True)
    uri, old = told["endpoints"]["diabetes"]["scoringUri"], told["keys"]["diabetes"]
    assert [status(old["primary"]), status(old["secondary"])] == [200, 200]

    command = [str(VENV_BIN / "rollout"), "keys", "regenerate", "diabetes", "--key", "secondary", "--yes", "--show"]
    answer = subprocess.run(
        [*command, "--json", "--config-file", str(rollout.engine.config_file)],
        env=dict(rollout.engine.environment),
        check=True,
        capture_output=True,
        text=True,
    )
    new = json.loads(answer.stdout)["value"]
    assert [status(old["primary"]), status(old["secondary"]), status(new)] == [200, 401, 200]

    rollout.engine.up()
    assert rollout.engine.outputs(show_secrets=True)["keys"]["diabetes"] == {**old, "secondary": new}


def test_what_is_not_there_is_one_message(rollout: Rollout) -> None:
    """An endpoint that Azure does not show: code, path, what to type, no traceback."""
    command = [str(VENV_BIN / "rollout"), "keys", "regenerate", "nobody", "--key", "primary", "--yes"]
    answer = subprocess.run(
        [*command, "--config-file", str(rollout.engine.config_file)],
        env=dict(rollout.engine.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert answer.stderr.startswith("K001 endpoints.nobody: Azure shows no such endpoint.")
