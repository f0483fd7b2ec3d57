"""What only the engine's hooks know: what was done past the stack, and endpoints that leave the stack file."""

import json
import subprocess
from typing import Any

import pytest

from benchmarks.preview import endpoints
from benchmarks.stack import write
from ops.engine import PulumiError
from ops.paths import VENV_BIN
from tests.e2e.conftest import ENDPOINT, Rollout, by_hand
from tests.e2e.recorded import plain

pytestmark = pytest.mark.slow


def refused(rollout: Rollout, text: str, *commands: str) -> str:
    """Each command says this, without a traceback, and nothing is written; all that they said."""
    before, said = rollout.writes(), ""
    for command in commands:
        with pytest.raises(PulumiError) as error:
            rollout.engine.run(*command.split())
        assert text in error.value.output, error.value.output
        assert "Traceback" not in error.value.output
        said += error.value.output
    assert rollout.writes() == before
    return said


def checked(rollout: Rollout) -> str:
    """What `rollout check` says; it refuses."""
    assert rollout.engine.config_file is not None
    command = [str(VENV_BIN / "rollout"), "check", str(rollout.engine.config_file)]
    done = subprocess.run(command, env=dict(rollout.engine.environment), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


BY_HAND = "R121 endpoints.diabetes.traffic: live: blue 50, green 50; this stack applied blue 100."


def test_a_shift_by_hand_is_not_overwritten(rollout: Rollout) -> None:
    """A split made by hand is refused to be overwritten, with its tags or without, until the stack file names it."""
    by_hand(rollout, "blue=50", "green=50")
    rollout.write({"blue": 90, "green": 10})
    refused(rollout, BY_HAND, "preview", "preview --refresh", "up --yes --skip-preview")
    rollout.shift({"blue": 50, "green": 50})
    rollout.write({"blue": 100})
    # The state agrees with the stack file, so the engine itself would see nothing to do.
    said = refused(rollout, BY_HAND, "preview", "up --yes --skip-preview --refresh")
    assert "blue 50 -> 100" not in said
    assert BY_HAND in checked(rollout)
    rollout.engine.refresh(diff=False)
    refused(rollout, BY_HAND, "preview")
    over = {"traffic": {"blue": 50, "green": 50}}
    rollout.write({"blue": 100}, overwrite=over)
    assert "diabetes: blue 50 -> 100, green 50 -> 0, mirror none" in rollout.engine.up()
    assert rollout.live() == {"blue": 100}
    assert "A121 endpoints.diabetes.overwrite" in rollout.engine.preview()
    rollout.shift({"blue": 50, "green": 50})
    refused(rollout, BY_HAND, "preview")


def test_one_wrong_read_takes_no_traffic(rollout: Rollout) -> None:
    """A live endpoint that Azure denies once is looked at again; one that it denies for long is refused in an up."""
    rollout.fault(action="answer", status=404, method="GET", path="*/onlineEndpoints/diabetes", count=1)
    rollout.engine.up()
    assert rollout.live() == {"blue": 100}
    rollout.fault(action="answer", status=404, method="GET", path="*/onlineEndpoints/diabetes", count=0)
    gone = "R122 endpoints.diabetes: in the stack's state, not in Azure"
    refused(rollout, gone, "up --yes --skip-preview")
    rollout.mend()
    assert rollout.live() == {"blue": 100}


def test_only_what_the_engine_does_is_said(rollout: Rollout) -> None:
    """With --target elsewhere no step of the endpoint is announced, and the outputs say what is live."""
    rollout.write({"blue": 90, "green": 10})
    urn = (
        "urn:pulumi:local::safe-rollout::safe-rollout:components:Base$azure-native:resources:ResourceGroup::base-group"
    )
    said = rollout.engine.run("up", "--yes", "--skip-preview", "--target", urn)
    assert "blue 100 -> 90" not in said
    assert "diabetes: live is traffic blue 100, mirror none; the stack file asks for traffic blue 90, green 10" in said
    assert rollout.engine.outputs()["endpoints"]["diabetes"]["traffic"] == {"blue": 100}
    before = rollout.asked("listKeys")
    assert "diabetes: blue 100 -> 90, green 0 -> 10, mirror none" in rollout.engine.preview()
    assert rollout.asked("listKeys") == before  # who may only look has no right to list keys


@pytest.mark.parametrize(
    ("edited", "path"),
    [
        ({"safe-rollout:workspace": {"name": "ws-other", "resourceGroup": "rg-bench"}}, "workspace.name: ws-bench"),
        (
            {"safe-rollout:workspace": {"name": "ws-bench", "resourceGroup": "rg-other"}},
            "workspace.resourceGroup: rg-bench",
        ),
        ({"safe-rollout:registry": {"name": "acrother"}}, "registry.name: acrbench"),
    ],
)
def test_the_ground_is_not_replaced(rollout: Rollout, edited: dict[str, Any], path: str) -> None:
    """Another name for what a serving endpoint stands on is refused before anything is touched."""
    write(rollout.engine, {**endpoints(rollout.assets, {"blue": 100}), **edited})
    refused(rollout, f"R066 {path}", "up --yes --skip-preview")
    assert f"R066 {path}" in checked(rollout)


def test_the_hook_holds_where_nothing_was_kept(rollout: Rollout) -> None:
    """Without the stack's outputs, which the early rule reads, the delete hook refuses what would be replaced."""
    before = plain(rollout.engine).run("stack", "export")
    exported = json.loads(before)
    for resource in exported["deployment"]["resources"]:
        if resource["type"] == "pulumi:pulumi:Stack":
            kept = resource["outputs"]
            kept["applied"] = {**kept["applied"], "estate": {}}
    state = rollout.state / "without.json"
    state.write_text(json.dumps(exported), encoding="utf-8")
    plain(rollout.engine).run("stack", "import", "--file", str(state))
    write(rollout.engine, {**endpoints(rollout.assets, {"blue": 100}), "safe-rollout:registry": {"name": "acrother"}})
    refused(rollout, "R127 workspace: containerregistry:Registry registry would be deleted", "preview")
    state.write_text(before, encoding="utf-8")
    plain(rollout.engine).run("stack", "import", "--file", str(state))


def test_a_destroy_needs_no_right_stack_file(rollout: Rollout) -> None:
    """With a sum that is wrong, a shift by hand, or a file that is no stack, a destroy takes all down."""
    rollout.write({"blue": 80})
    for _ in range(2):
        said = rollout.engine.run("destroy", "--preview-only", "--run-program")
        assert "to delete" in said
        write(rollout.engine, {"safe-rollout:registry": {"nmae": "acrbench"}})


def test_what_is_in_azure_and_not_in_the_state_is_taken_over(rollout: Rollout) -> None:
    """A deployment made past the stack is refused in the preview, taken over with adopt, and changes as any other."""
    green = rollout.arm("GET", f"{ENDPOINT}/deployments/green")
    body = {key: green[key] for key in ("location", "sku", "properties")}
    body["properties"] = {key: value for key, value in body["properties"].items() if key not in ("provisioningState",)}
    rollout.arm("PUT", f"{ENDPOINT}/deployments/teal", body)
    rollout.settle(f"{ENDPOINT}/deployments/teal")
    rollout.write({"blue": 100}, also="teal")
    refused(rollout, "R125 endpoints.diabetes.deployments.teal: in Azure, not in the stack's state", "preview")
    rollout.write({"blue": 100}, also="teal", adopt=["endpoints.diabetes.teal"])
    assert "1 imported" in rollout.engine.up()
    rollout.write({"blue": 100}, also="teal")
    assert "to update" not in rollout.engine.preview()


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
    serves = "R123 endpoints.diabetes: removed while it serves: traffic blue 100, mirror none"
    refused(rollout, serves, "preview", "up --yes", "up --yes --skip-preview")
    closed = endpoints(rollout.assets, {})
    closed["safe-rollout:endpoints"]["diabetes"]["closed"] = True
    write(rollout.engine, closed)
    rollout.engine.up()
    write(rollout.engine, {})
    rollout.engine.up()
    assert rollout.engine.outputs()["endpoints"] == {}
    rollout.write({"blue": 100})
    rollout.engine.up()


def with_green(rollout: Rollout, traffic: dict[str, int], stack: dict[str, Any] | None = None, **green: Any) -> None:
    """The stack file with these settings of green."""
    config = endpoints(rollout.assets, traffic)
    config["safe-rollout:endpoints"]["diabetes"]["deployments"]["green"] |= green
    write(rollout.engine, {**config, **(stack or {})})


def test_a_value_alone_is_refused_before_anything_is_touched(rollout: Rollout) -> None:
    """A variable of a live deployment that gets another value is refused before anything moves."""
    with_green(rollout, {"blue": 100}, variables={"RATE": "1"})
    rollout.engine.up()
    with_green(rollout, {"blue": 50, "green": 50}, variables={"RATE": "1"})
    rollout.engine.up()
    before = rollout.asked("/deployments/green")
    rollout.engine.preview()
    assert rollout.asked("/deployments/green") == before  # nothing to read where nothing is edited
    with_green(rollout, {"blue": 50, "green": 50}, {"safe-rollout:tags": {"team": "ml"}}, variables={"RATE": "2"})
    refused(rollout, "R041 endpoints.diabetes.deployments.green.variables: RATE changed", "up --yes --skip-preview")
    assert rollout.engine.outputs()["appliedVariables"] == {"diabetes": "[secret]"}


def test_what_a_target_leaves_out_is_not_called_applied(rollout: Rollout) -> None:
    """An edit that --target passed over stays one for the next run."""
    kept = rollout.engine.outputs()["applied"]["endpoints"]["diabetes"]["deployments"]
    with_green(rollout, {"blue": 100}, description="Another one.")
    urn = (
        "urn:pulumi:local::safe-rollout::safe-rollout:components:Base$azure-native:resources:ResourceGroup::base-group"
    )
    rollout.engine.run("up", "--yes", "--skip-preview", "--target", urn)
    assert rollout.engine.outputs()["applied"]["endpoints"]["diabetes"]["deployments"] == kept
    assert "1 updated" in rollout.engine.up()
    assert rollout.engine.outputs()["applied"]["endpoints"]["diabetes"]["deployments"] != kept
