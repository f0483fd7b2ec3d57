"""`rollout invoke` and `rollout logs` on an endpoint that serves, by the real commands."""

import json
import subprocess
from pathlib import Path

import pytest

from ops.paths import CHECKOUT, VENV_BIN
from tests.e2e.conftest import Rollout

pytestmark = pytest.mark.slow
BAD = '{"data": [[1, 2]]}'


def typed(rollout: Rollout, *words: str, cwd: Path = CHECKOUT, body: str = "") -> "subprocess.CompletedProcess[str]":
    """A command about the stack of the test."""
    command = [VENV_BIN / "rollout", *words, "--config-file", str(rollout.engine.config_file)]
    environment = dict(rollout.engine.environment)
    return subprocess.run(command, cwd=cwd, env=environment, input=body, capture_output=True, text=True, check=False)


def test_a_request_is_scored_by_the_split_and_by_name(rollout: Rollout) -> None:
    """From any folder of the project; the answer on standard output, who gave it on standard error."""
    told = typed(rollout, "invoke", "diabetes", cwd=CHECKOUT / "docs")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout).keys() == {"predictions", "model"}
    assert told.stderr.startswith("blue answered: status 200, ")
    named = json.loads(typed(rollout, "invoke", "diabetes", "--deployment", "green", "--json").stdout)
    assert (named["status"], named["deployment"]) == (200, "green")
    assert named["answer"]["model"] != json.loads(told.stdout)["model"]


def test_a_models_error_is_shown_with_where_to_look(rollout: Rollout) -> None:
    """Exit code 1, the answer as it came, and the command for the log, which has the request in it."""
    told = typed(rollout, "invoke", "diabetes", "--request", "-", body=BAD)
    assert told.returncode == 1
    assert json.loads(told.stdout)["error"]["path"] == "data[0]"
    assert "blue answered: status 424" in told.stderr
    assert "Look: rollout logs diabetes blue" in told.stderr
    logs = typed(rollout, "logs", "diabetes", "blue", "--lines", "500")
    assert "POST /score" in logs.stdout
    few = json.loads(typed(rollout, "logs", "diabetes", "blue", "--lines", "1", "--json").stdout)
    assert few["deployment"] == "blue"
    assert len(few["lines"]) < len(logs.stdout.splitlines())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("invoke", "fraud"), "V001"),
        (("logs", "diabetes", "red"), "V004"),
        (("invoke", "diabetes", "--request", "none.json"), "V006"),
    ],
)
def test_what_is_not_there_is_told(rollout: Rollout, words: tuple[str, ...], code: str) -> None:
    """An endpoint, a deployment, a file; as JSON where it was asked for."""
    assert typed(rollout, *words).stderr.startswith(f"{code} ")
    told = typed(rollout, *words, "--json")
    assert (told.returncode, json.loads(told.stdout)["error"]["code"]) == (2, code)
    assert told.stderr == ""
