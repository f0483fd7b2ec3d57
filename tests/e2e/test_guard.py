"""What only the engine's hooks know: what was done past the stack, and endpoints that leave the stack file."""

import subprocess

import pytest

from benchmarks.preview import endpoints
from benchmarks.stack import write
from ops.engine import PulumiError
from ops.paths import VENV_BIN
from tests.e2e.conftest import Rollout, by_hand

pytestmark = pytest.mark.slow


def test_a_shift_by_hand_is_not_overwritten(rollout: Rollout) -> None:
    """With another split live than the stack applied, an update is refused too, preview or not; a refresh opens it."""
    by_hand(rollout, "blue=50", "green=50")
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
    by_hand(rollout, "blue=50", "green=50")
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


def test_an_endpoint_that_is_gone_is_told(rollout: Rollout) -> None:
    """With its endpoint deleted past the stack, a preview says so in one message; after a refresh it is made anew."""
    by_hand(rollout, "delete")
    before = rollout.writes()
    for traffic in ({"blue": 90, "green": 10}, {}):
        rollout.write(traffic)
        with pytest.raises(PulumiError) as error:
            rollout.engine.preview()
        assert "R122 endpoints.diabetes: in the stack's state, not in Azure" in error.value.output
        assert "Traceback" not in error.value.output
    assert rollout.writes() == before
    rollout.write({"blue": 100})
    rollout.engine.refresh(diff=False)
    rollout.engine.up()
    assert rollout.engine.outputs()["endpoints"]["diabetes"]["heldBack"] == {"blue": 100}


def test_a_serving_endpoint_is_not_removed(rollout: Rollout) -> None:
    """An endpoint that leaves the stack file while it serves is refused, in an update too; closed first, it goes."""
    write(rollout.engine, {})
    before = rollout.writes()
    for command in ("preview", "up --yes", "up --yes --skip-preview"):
        with pytest.raises(PulumiError) as error:
            rollout.engine.run(*command.split())
        assert "R123 endpoints.diabetes: removed while it serves: traffic blue 100, mirror none" in error.value.output
        assert "Traceback" not in error.value.output
    assert rollout.writes() == before
    closed = endpoints(rollout.assets, {})
    closed["safe-rollout:endpoints"]["diabetes"]["closed"] = True
    write(rollout.engine, closed)
    rollout.engine.up()
    write(rollout.engine, {})
    rollout.engine.up()
    assert rollout.engine.outputs()["endpoints"] == {}
    rollout.write({"blue": 100})
    rollout.engine.up()
