"""A rollout that walks itself by `rollout tick`, under load: begin, mirror, 10, back from 50, once more, to the end."""

import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from benchmarks.preview import endpoints
from benchmarks.stack import local_stack, register, write
from ops.engine import PulumiError
from ops.paths import VENV_BIN
from ops.rehearsal.load import SteadyLoad
from ops.rehearsal.scene import samples
from ops.rehearsal.steps import WORKERS
from tests.e2e.conftest import ENDPOINT, Rollout
from tests.e2e.test_abort import HALF, abort

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

STEPS = [{"mirror": 10}, {"traffic": 10}, {"traffic": 50}, {"traffic": 100}]
PLAN = {"steps": [{**step, "pause": "1s"} for step in STEPS], "keep": "1s"}
RATE = 10.0


@pytest.fixture
def stack() -> Iterator[Rollout]:
    """A stack of its own: blue serves, green is in the stack file and not in Azure."""
    with local_stack() as (engine, ready):
        write(engine, {})
        engine.up()
        rollout = Rollout(engine, ready, register(engine))
        config(rollout, "blue")
        engine.up()
        engine.up()
        config(rollout, "blue", "green")
        yield rollout


def config(rollout: Rollout, *names: str) -> None:
    """The stack file with these deployments, a plan, and blue 100."""
    values = endpoints(rollout.assets, {"blue": 100})
    endpoint = values["safe-rollout:endpoints"]["diabetes"]
    workers = {"requests": {"maxConcurrentPerInstance": int(WORKERS)}, "variables": {"WORKER_COUNT": WORKERS}}
    endpoint["deployments"] = {name: {**endpoint["deployments"][name], **workers} for name in names}
    # By way of JSON: what two deployments share would be an alias, which no command takes apart.
    plain = json.loads(json.dumps({**endpoint, "rollout": PLAN}))
    write(rollout.engine, values | {"safe-rollout:endpoints": {"diabetes": plain}})


def tick(rollout: Rollout, code: int = 0) -> dict[str, Any]:
    """What one `rollout tick` did; those that hold until the pause is over are not counted."""
    until = time.monotonic() + 60
    while True:
        file = str(rollout.engine.config_file)
        command = [str(VENV_BIN / "rollout"), "tick", "diabetes", "--json", "--config-file", file]
        done = subprocess.run(
            command, env=dict(rollout.engine.environment), capture_output=True, text=True, check=False
        )
        if done.returncode != 4 or code == 4 or time.monotonic() > until:
            assert done.returncode == code, done.stdout + done.stderr
            return dict(json.loads(done.stdout))


def maps(rollout: Rollout) -> tuple[dict[str, int], dict[str, int]]:
    """Live traffic and mirror."""
    properties = rollout.arm("GET", ENDPOINT)["properties"]
    return properties["traffic"], properties["mirrorTraffic"]


def up_with_teal(rollout: Rollout) -> threading.Thread:
    """Somebody's `up` adds a deployment, which takes long; it runs when this returns."""
    assert rollout.engine.config_file is not None
    rollout.fault(action="hang", method="PUT", path="*/deployments/teal", seconds=25)
    before = rollout.engine.config_file.read_text(encoding="utf-8")
    values = yaml.safe_load(before)
    deployments = values["config"]["safe-rollout:endpoints"]["diabetes"]["deployments"]
    deployments["teal"] = {key: of for key, of in deployments["blue"].items() if key not in ("variables", "requests")}
    rollout.engine.config_file.write_text(json.dumps(values), encoding="utf-8")

    def up() -> None:
        with pytest.raises(PulumiError):
            rollout.engine.up()

    thread = threading.Thread(target=up)
    thread.start()
    until = time.monotonic() + 90
    while rollout.asked("deployments/teal") < 2 and time.monotonic() < until:
        time.sleep(0.2)
    rollout.engine.config_file.write_text(before, encoding="utf-8")
    return thread


def test_a_life_by_ticks(stack: Rollout) -> None:
    """No request is lost: not in the walk, not by an abort at 50 while an `up` runs, not in the second walk."""
    outputs = stack.engine.outputs(show_secrets=True)
    url, key = outputs["endpoints"]["diabetes"]["scoringUri"], outputs["keys"]["diabetes"]["primary"]
    with SteadyLoad(url, key, samples(), RATE) as load:
        assert tick(stack)["action"] == "apply"  # green is made
        for traffic, mirror in (({"blue": 100}, {"green": 10}), ({"blue": 90, "green": 10}, {}), (HALF, {})):
            assert tick(stack)["action"] == "next"
            assert maps(stack) == (traffic, mirror)
        running = up_with_teal(stack)
        told = abort(stack, "--reason", "just to see")
        assert maps(stack) == ({"blue": 100}, {})
        assert told["notes"][0].startswith("Your 'pulumi up'"), told
        held = tick(stack, code=0)
        assert (held["action"], "taken back" in held["reason"]) == ("nothing", True)
        running.join(120)
        stack.settle(f"{ENDPOINT}/deployments/teal", 240)
        config(stack, "blue", "green")  # begins anew: the line rollout.aborted is gone
        for _ in range(3):  # the first one takes teal away too
            assert tick(stack)["action"] == "next"
        assert (tick(stack)["action"], maps(stack)) == ("next", ({"green": 100}, {}))
        assert tick(stack)["action"] == "clean up"
        assert (tick(stack)["action"], stack.live()) == ("nothing", {"green": 100})
    names = [one["name"] for one in stack.arm("GET", f"{ENDPOINT}/deployments")["value"]]
    assert names == ["green"]
    answers = Counter((answer.status, answer.problem) for answer in load.answers)
    assert answers.keys() == {(200, "")}, answers
    assert answers.total() > 200
    stack.engine.preview(extra=["--expect-no-changes"])
