"""A shift by hand, past the stack, through the real engine: refused, taken over, or overwritten on purpose."""

import subprocess

import pytest

from ops.engine import PulumiError
from ops.paths import VENV_BIN
from tests.e2e.conftest import Rollout, shift_by_hand

pytestmark = pytest.mark.slow


def test_a_shift_by_hand_is_not_overwritten(rollout: Rollout) -> None:
    """With another split live than the stack applied, an update is refused too, preview or not; a refresh opens it."""
    shift_by_hand(rollout, "blue=50", "green=50")
    rollout.write({"blue": 90, "green": 10})
    before = rollout.writes()
    with pytest.raises(PulumiError) as error:
        rollout.engine.up()
    assert "live: blue 50, green 50; this stack applied blue 100" in error.value.output
    assert rollout.writes() == before
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
