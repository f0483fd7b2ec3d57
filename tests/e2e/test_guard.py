"""Refusals through the real engine, against the local Azure: exit code, words, and nothing written."""

import subprocess
from typing import Any

import pytest

from ops.engine import PulumiError
from ops.paths import VENV_BIN
from tests.e2e.conftest import Rollout, shift_by_hand

pytestmark = pytest.mark.slow
LIVE_MODEL_CHANGES = "R041 endpoints.diabetes.deployments.blue.model"


def refused(rollout: Rollout, operation: str) -> str:
    """What the engine says to a step that must be refused: no write, exit code not 0, no traceback."""
    before = rollout.writes()
    with pytest.raises(PulumiError) as error:
        rollout.engine.preview(diff=False) if operation == "preview" else rollout.engine.up()
    assert error.value.exit_code != 0
    assert "Traceback" not in error.value.output
    assert rollout.writes() == before
    return error.value.output


@pytest.mark.parametrize("operation", ["preview", "up"])
@pytest.mark.parametrize(
    ("traffic", "endpoint", "expected"),
    [
        ({"blue": 80}, {}, ["R011 endpoints.diabetes.traffic"]),
        ({"blue": 50, "teal": 50}, {}, ["R012 endpoints.diabetes.traffic.teal"]),
        ({"blue": 101}, {}, ["S004 endpoints.diabetes.traffic.blue"]),
        ({"blue": 100}, {"mirror": {"green": 60}, "trafic": {}}, ["S001 endpoints.diabetes.trafic"]),
        ({"blue": 100}, {"mirror": {"blue": 60}}, ["R022", "R023"]),
        ({}, {}, ["R013 endpoints.diabetes.traffic"]),
        ({"green": 100}, {"deployments": {}}, ["R012", "R051"]),
    ],
)
def test_a_refused_step_touches_nothing(
    rollout: Rollout, operation: str, traffic: dict[str, int], endpoint: dict[str, Any], expected: list[str]
) -> None:
    """Preview and up refuse the step by code and path, and the local Azure's journal shows no write."""
    rollout.write(traffic, **endpoint)
    said = refused(rollout, operation)
    assert [text for text in expected if text not in said] == []


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_live_deployment_keeps_its_model(rollout: Rollout, operation: str) -> None:
    """A change of a live deployment without a shift is refused by the hook, as no deployment was read for it."""
    deployments = rollout.deployments()
    deployments["blue"]["model"] = deployments["green"]["model"]
    rollout.write({"blue": 100}, deployments=deployments)
    assert LIVE_MODEL_CHANGES in refused(rollout, operation)


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_shift_by_hand_is_not_overwritten(rollout: Rollout, operation: str) -> None:
    """With another split live than the stack applied, a step is refused in words that name both; a refresh opens it."""
    shift_by_hand(rollout, "blue=50", "green=50")
    rollout.write({"blue": 90, "green": 10})
    said = refused(rollout, operation)
    assert "live: blue 50, green 50; this stack applied blue 100" in said
    rollout.engine.refresh(diff=False)
    rollout.engine.up()
    assert rollout.engine.outputs()["endpoints"]["diabetes"]["traffic"] == {"blue": 90, "green": 10}


def test_a_shift_by_hand_is_adopted(rollout: Rollout) -> None:
    """`rollout adopt` writes what is live into the stack file, and the next up leaves it so."""
    shift_by_hand(rollout, "blue=50", "green=50")
    assert rollout.engine.config_file is not None
    command = [str(VENV_BIN / "rollout"), "adopt", "diabetes", "--stack", "local"]
    said = subprocess.run(
        [*command, "--config-file", str(rollout.engine.config_file)],
        env=dict(rollout.engine.environment),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "now says what is live: diabetes: traffic blue 50, green 50, mirror none" in said
    rollout.engine.up()
    assert rollout.engine.outputs()["endpoints"]["diabetes"]["traffic"] == {"blue": 50, "green": 50}
