"""`rollout abort`: traffic goes back in every state that an operator meets at night, and the next up is clean."""

import json
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ops.engine import PulumiError
from ops.paths import VENV_BIN
from rollout.applied import mark_of
from rollout.bodies import TAG
from rollout.model import Split
from tests.e2e.conftest import ENDPOINT, Rollout

pytestmark = pytest.mark.slow

PLAN = {"candidate": "green", "steps": [{"mirror": 10}, {"traffic": 10}, {"traffic": 50}, {"traffic": 100}]}
HALF = {"blue": 50, "green": 50}
NOTHING = ["--expect-no-changes"]


def command(rollout: Rollout, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`rollout` as an operator types it, on the stack's file."""
    file = str(rollout.engine.config_file)
    return subprocess.run(
        [str(VENV_BIN / "rollout"), *arguments, "--config-file", file],
        env=dict(rollout.engine.environment),
        cwd=rollout.engine.project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def abort(rollout: Rollout, *options: str, code: int = 0) -> dict[str, Any]:
    """What `rollout abort` tells."""
    done = command(rollout, "abort", "diabetes", "--json", *options)
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def at_half(rollout: Rollout) -> None:
    """The stack at 50/50 as its own `up` leaves it, but without the engine: the PUT with its mark."""
    rollout.write(HALF, rollout=PLAN)
    body = rollout.arm("GET", ENDPOINT)
    kept = {key: body["properties"][key] for key in ("authMode", "publicNetworkAccess")}
    put = {"location": body["location"], "identity": {"type": "SystemAssigned"}, "tags": {TAG: mark_of(Split(HALF))}}
    rollout.arm("PUT", ENDPOINT, {**put, "properties": {**kept, "traffic": HALF, "mirrorTraffic": {}}})
    rollout.settle(ENDPOINT)


def test_a_step_and_back_in_one_command_each(rollout: Rollout) -> None:
    """`next --up` goes to 50/50; then live, mark and file say blue 100 again, and green does not begin anew."""
    rollout.write({"blue": 100}, rollout={**PLAN, "steps": [{"traffic": 50}, {"traffic": 100}]})
    step = json.loads(command(rollout, "next", "diabetes", "--up", "--json").stdout)
    assert (step["live"], step["step"]["traffic"], rollout.live()) == (True, HALF, HALF)
    assert command(rollout, "history", "--json").stdout.count("rollout next: diabetes: blue 100 -> 50") == 1
    done = command(rollout, "abort", "diabetes", "--reason", "green errs")
    assert done.returncode == 0, done.stderr
    assert "live: diabetes blue 100, mirror none (was blue 50, green 50)" in done.stdout
    assert "git commit -m 'Abort diabetes: green errs'" in done.stdout
    assert rollout.live() == {"blue": 100}
    assert rollout.arm("GET", ENDPOINT)["tags"][TAG] == "blue=100"
    status = json.loads(command(rollout, "status", "--json").stdout)["endpoints"]["diabetes"]
    assert status["step"]["why"] == "green: taken back; make it another release, or remove rollout.aborted"
    rollout.engine.up()
    rollout.engine.preview(extra=NOTHING)
    trail = [json.loads(line) for line in (rollout.state / ".rollout" / "local.jsonl").read_text().splitlines()]
    assert (trail[-1]["reason"], trail[-1]["aborted"]) == ("green errs", ["green"])


def test_while_an_up_runs(rollout: Rollout) -> None:
    """Our own `up`, at 50/50 and busy with a new deployment, is asked to stop, and traffic goes back past its lock."""
    rollout.fault(action="hang", method="PUT", path="*/deployments/teal", seconds=25)
    rollout.write(HALF, also="teal", rollout=PLAN)

    def up() -> None:
        with pytest.raises(PulumiError):
            rollout.engine.up()

    running = threading.Thread(target=up)
    running.start()
    try:
        until = time.monotonic() + 90
        while rollout.asked("deployments/teal") < 2 and time.monotonic() < until:
            time.sleep(0.2)
        assert rollout.live() == HALF
        told = abort(rollout)
    finally:
        running.join(120)
    assert told["live"]["traffic"] == {"blue": 100}
    assert told["notes"][0].startswith("Your 'pulumi up' (pid ")
    assert rollout.live() == {"blue": 100}
    rollout.settle(f"{ENDPOINT}/deployments/teal", 240)  # what it had begun
    rollout.engine.up()
    assert rollout.live() == {"blue": 100}


def lock(rollout: Rollout, host: str, pid: int) -> Path:
    """A lock that a process left, where the engine of this version puts its own."""
    organisation = rollout.state / "stacks" / ".pulumi" / "locks" / "organization"
    folder = organisation / "safe-rollout" / "local"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "11111111-2222-3333-4444-555555555555.json"
    who = {"pid": pid, "username": "ci", "hostname": host, "timestamp": "2026-11-25T16:00:00Z"}
    file.write_text(json.dumps(who), encoding="utf-8")
    return file


def test_past_locks_and_a_broken_stack_file(rollout: Rollout) -> None:
    """A dead process' lock, somebody else's, a stack file that nobody can read: it goes back, and says what is left."""
    at_half(rollout)
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    left = lock(rollout, socket.gethostname(), gone.pid)
    with pytest.raises(PulumiError, match="locked"):
        rollout.engine.up()
    told = abort(rollout)
    assert (told["live"]["traffic"], rollout.live()) == ({"blue": 100}, {"blue": 100})
    assert "Type: pulumi cancel" in told["notes"][0]
    at_half(rollout)
    lock(rollout, "runner-7", 4711)
    assert "runner-7 (pid 4711)" in abort(rollout)["notes"][0]
    at_half(rollout)
    assert rollout.engine.config_file is not None
    rollout.engine.config_file.write_text("config: {a: [\n", encoding="utf-8")
    told = abort(rollout, "--to", "blue", code=8)
    assert rollout.live() == {"blue": 100}
    assert "Write it yourself: traffic: {blue: 100}; mirror: {}" in told["stackFile"]["problem"]
    left.unlink()
    rollout.write({"blue": 100})
    rollout.engine.up()


def test_what_stands_in_the_way_of_a_put(rollout: Rollout) -> None:
    """409 and 5xx are waited out as Azure says, a dropped connection too; what Azure refuses is told once."""
    at_half(rollout)
    for fault in (
        {"action": "answer", "status": 409, "retryAfter": 1},
        {"action": "apply-then-fail", "status": 503, "retryAfter": 0},
        {"action": "drop"},
    ):
        rollout.fault(method="PUT", path="*/onlineEndpoints/diabetes", **fault)
    abort(rollout)
    assert rollout.live() == {"blue": 100}
    at_half(rollout)
    rollout.fault(action="answer", status=403, code="Forbidden", method="PUT", path="*/onlineEndpoints/diabetes")
    done = command(rollout, "abort", "diabetes")
    assert (done.returncode, done.stderr.split()[0]) == (2, "D014"), done.stderr
    assert rollout.live() == HALF


def test_hand_shifts_and_sick_deployments(rollout: Rollout) -> None:
    """After a shift by hand it goes to what was applied; to a sick deployment only by force; never to one not there."""
    rollout.write({"blue": 100})
    rollout.shift(HALF)
    assert abort(rollout)["live"]["traffic"] == {"blue": 100}
    at_half(rollout)
    for name in ("green", "blue"):
        body = rollout.arm("GET", f"{ENDPOINT}/deployments/{name}")
        body["properties"] = {k: v for k, v in body["properties"].items() if k != "provisioningState"}
        body["properties"]["requestSettings"]["requestTimeout"] = "PT6S"
        put = {key: body[key] for key in ("location", "sku", "properties")}
        rollout.fault(action="fail-operation", method="PUT", path=f"*/deployments/{name}")
        rollout.arm("PUT", f"{ENDPOINT}/deployments/{name}", put)
        rollout.settle(f"{ENDPOINT}/deployments/{name}")
        if name == "green":
            abort(rollout)  # the new one failed: no matter
            at_half(rollout)
    status = command(rollout, "status")
    assert (status.returncode, "blue gets requests and is Failed" in status.stdout) == (9, True), status.stdout
    refused = command(rollout, "abort", "diabetes")
    assert (refused.returncode, refused.stderr.split()[0]) == (2, "D012"), refused.stderr
    assert rollout.live() == HALF
    unknown = command(rollout, "abort", "diabetes", "--to", "teal")
    assert unknown.stderr.startswith(
        "D010 endpoints.diabetes: Azure shows no deployment teal; expected one of blue, green"
    )
    abort(rollout, "--force")
    assert rollout.live() == {"blue": 100}
