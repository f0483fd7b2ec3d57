"""Gates with real processes and real load: found in the mirror by the traffic log, passed, held, never guessed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from benchmarks.preview import endpoints
from benchmarks.stack import write
from ops.engine import PulumiError
from ops.rehearsal.load import Request, ask_in_turn
from rollout.applied import mark_of
from rollout.bodies import TAG
from rollout.model import Split
from tests.e2e.conftest import ENDPOINT, Rollout
from tests.e2e.situations import control
from tests.e2e.test_abort import command

pytestmark = pytest.mark.slow

SAMPLE = b'{"data": [[0.038, 0.051, 0.062, 0.022, -0.044, -0.035, -0.043, -0.003, 0.02, -0.018]]}'
GATES = {"errors": {"againstOld": 1.0}, "smoke": [{"request": json.loads(SAMPLE)}]}
PLAN = {"steps": [{"mirror": 50}, {"traffic": 50}], "gates": GATES, "candidate": "green"}
MIRRORED = Split({"blue": 100}, {"green": 50})
API = "2021-05-01-preview"


@pytest.fixture
def mirrored(rollout: Rollout) -> Iterator[Rollout]:
    """Half of blue's requests go to green too; the endpoint's logs go to the stack's Log Analytics."""
    logs = rollout.arm("GET", "/providers/Microsoft.OperationalInsights/workspaces", api="2023-09-01")["value"][0]["id"]
    setting = f"{ENDPOINT}/providers/Microsoft.Insights/diagnosticSettings/gates"
    categories = ("AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog")
    sent = {"workspaceId": logs, "logAnalyticsDestinationType": "Dedicated"}
    rollout.arm(
        "PUT", setting, {"properties": {**sent, "logs": [{"category": c, "enabled": True} for c in categories]}}, API
    )
    shift(rollout, MIRRORED)
    rollout.write({"blue": 100}, mirror={"green": 50}, rollout=PLAN)
    yield rollout
    shift(rollout, Split({"blue": 100}))
    rollout.arm("DELETE", setting, api=API)


def shift(rollout: Rollout, split: Split) -> None:
    """A PUT as this stack's own, without the engine."""
    body = rollout.arm("GET", ENDPOINT)
    kept = {key: body["properties"][key] for key in ("authMode", "publicNetworkAccess")}
    put = {"location": body["location"], "identity": {"type": "SystemAssigned"}, "tags": {TAG: mark_of(split)}}
    maps = {"traffic": dict(split.traffic), "mirrorTraffic": dict(split.mirror)}
    rollout.arm("PUT", ENDPOINT, {**put, "properties": {**kept, **maps}})
    rollout.settle(ENDPOINT)


def minutes(rollout: Rollout, many: int, requests: int = 60) -> None:
    """So many minutes of Azure's clock with so many requests each; then a quarter of an hour without any."""
    key = rollout.arm("POST", f"{ENDPOINT}/listKeys", {})["primaryKey"]
    url = f"{rollout.ready.gateway}/diabetes/score"
    for _ in range(many):
        answers = ask_in_turn(url, key, [Request("patient", SAMPLE)] * requests)
        assert {answer.status for answer in answers} <= {200}
        advance(rollout, 60)
    advance(rollout, 1000)


def advance(rollout: Rollout, seconds: float) -> None:
    """Turn Azure's clock."""
    control(rollout.ready.control, "POST", "/clock", {"advance": seconds}, rollout.ready.control_token)


def gate(rollout: Rollout, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of `rollout gate`."""
    done = command(rollout, "gate", "diabetes", "--json", *options)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_bad_one_is_found_in_the_mirror(mirrored: Rollout) -> None:
    """A green that errs 2 percent fails by the traffic log, and no caller saw an error."""
    assert gate(mirrored, "--anew")[0] == 4
    mirrored.fault(action="err", endpoint="diabetes", deployment="green", percent=2.0)
    code, told = 4, {}
    for _ in range(8):
        minutes(mirrored, 8, requests=50)
        code, told = gate(mirrored)
        if code != 4:
            break
    mirrored.mend()
    test = told["numbers"]["tests"]["errors.againstOld=1"]
    assert (code, told["verdict"]) == (3, "fail"), told
    assert test["peak"] >= test["failsAt"]
    assert (test["new"]["bad"] > 2, test["old"]["bad"]) == (True, 0)
    assert 0.3 < test["new"]["requests"] / test["old"]["requests"] < 0.7
    assert gate(mirrored, "--anew")[1]["verdict"] == "fail", "the log still has its rows"
    ticked = command(mirrored, "tick", "diabetes", "--json")
    assert ticked.returncode == 3, ticked.stdout + ticked.stderr
    assert mirrored.arm("GET", ENDPOINT)["properties"]["mirrorTraffic"] == {}, "taken back by the verdict"


def test_a_good_one_passes_and_no_traffic_holds(mirrored: Rollout) -> None:
    """Without a request it is inconclusive; after enough of them it passes, smoke test included."""
    advance(mirrored, 2 * 86_400)  # what other tests have sent is out of sight
    mirrored.write({"blue": 100}, mirror={"green": 50}, rollout=PLAN | {"gates": GATES | {"errors": {"below": 5}}})
    code, told = gate(mirrored, "--anew")
    assert (code, told["verdict"], told["numbers"]["requests"]["new"]) == (4, "inconclusive", 0)
    minutes(mirrored, 2, requests=30)
    code, told = gate(mirrored)
    assert (code, told["missing"].endswith("min")) == (4, True), told
    minutes(mirrored, 6, requests=40)
    code, told = gate(mirrored)
    assert (code, told["verdict"]) == (0, "pass"), told
    assert [each["status"] for each in told["numbers"]["smoke"]] == [200]
    metrics = GATES | {"errors": {"below": 5}, "source": "metrics", "smoke": []}
    mirrored.write({"blue": 100}, mirror={"green": 50}, rollout=PLAN | {"gates": metrics})
    by_metrics = gate(mirrored, "--anew")[1]["numbers"]["tests"]["errors.below=0.05"]
    by_log = told["numbers"]["tests"]["errors.below=0.05"]
    assert by_metrics["new"]["requests"] >= by_log["new"]["requests"] > 75, "the smoke test is in the metrics"
    control_url = mirrored.ready.control
    httpx2.post(f"{control_url}/mirrored", json={"logs": False}, headers=headers(mirrored)).raise_for_status()
    mirrored.write({"blue": 100}, mirror={"green": 50}, rollout=PLAN)
    assert gate(mirrored, "--anew")[1]["numbers"]["requests"]["new"] == 0
    httpx2.post(f"{control_url}/mirrored", json={"logs": True}, headers=headers(mirrored)).raise_for_status()


def headers(rollout: Rollout) -> dict[str, str]:
    """What the control port asks of a write."""
    return {"x-control-token": rollout.ready.control_token}


def test_a_source_out_of_reach_is_an_error(mirrored: Rollout) -> None:
    """Not a failure: nothing is known then."""
    logs = mirrored.arm("GET", "/providers/Microsoft.OperationalInsights/workspaces", api="2023-09-01")["value"][0][
        "id"
    ]
    mirrored.fault(action="answer", method="GET", path=f"*{logs.rpartition('/')[2]}*", status=403, count=5)
    code, told = gate(mirrored)
    assert (code, told["verdict"]) == (5, "error")
    assert "403" in told["reason"]


def test_a_step_in_plain_up_needs_its_pass(mirrored: Rollout) -> None:
    """With `enforce` the hook refuses a step forward without a verdict, takes a pass of what is live, and lets back."""
    advance(mirrored, 2 * 86_400)
    steps = {"steps": [{"mirror": 50}, {"traffic": 50}], "candidate": "green"}
    gates = {"errors": {"below": 5}, "enforce": True}
    watching = {"safe-rollout:watching": {"diagnostics": {"logAnalytics": True}}}
    records = mirrored.state / "records"
    engine = replace(mirrored.engine, environment={**mirrored.engine.environment, "SAFE_ROLLOUT_RECORDS": str(records)})
    enforcing = replace(mirrored, engine=engine)

    def write_file(traffic: dict[str, int], mirror: dict[str, int]) -> None:
        config = endpoints(mirrored.assets, traffic)
        config["safe-rollout:endpoints"]["diabetes"] |= {"mirror": mirror, "rollout": {**steps, "gates": gates}}
        write(engine, {**config, **watching})

    write_file({"blue": 50, "green": 50}, {})
    with pytest.raises(PulumiError) as refused:
        engine.preview()
    assert "R118 endpoints.diabetes.rollout.gates: no verdict is recorded" in refused.value.output
    assert "Traceback" not in refused.value.output
    minutes(mirrored, 6, requests=40)
    code, told = gate(enforcing)
    assert (code, told["verdict"]) == (0, "pass"), told
    engine.preview()
    [record] = records.glob("*.gate.json")
    kept = json.loads(record.read_text())
    record.write_text(json.dumps(kept | {"at": kept["at"] - 3600}))
    with pytest.raises(PulumiError) as old:
        engine.preview()
    assert "60 min old, and holds for 30m" in old.value.output
    write_file({"blue": 100}, {})
    engine.preview()
