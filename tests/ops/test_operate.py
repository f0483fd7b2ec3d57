"""Undo, history, the trail, what a tick makes of locks: the parts of the operator's commands that need no Azure."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.engine import Engine
from ops.exits import Exit
from ops.lock import Lock
from ops.look import Look, Looked
from ops.messages import UserError
from ops.operate.advance import apply, next_step, refusals
from ops.operate.going_back import Back, changes_of
from ops.operate.history import row_of_trail, rows_of
from ops.operate.past import split_in
from ops.operate.target import read_settings, target_of
from ops.operate.ticker import Done, held_by_lock
from ops.operate.trail import read_trail, record, trail_of
from ops.operate.undo import check_undo
from ops.project import Place
from rollout.model import AppliedEndpoint, ObservedDeployment, ObservedEndpoint, Split
from rollout.tick import Action, Do, Kind, Stand
from settings.configuration import Project
from tests.rollout.test_way import endpoint
from tests.rollout.tick_world import stack_with

BLUE, GREEN = Split({"blue": 100}), Split({"green": 100})
WANTED = endpoint("blue", "green").model_copy(update={"traffic": {"green": 100}})


def place(folder: Path) -> Place:
    """A stack dev of a project named fraud."""
    return Place(Project("fraud"), folder, folder / "Pulumi.dev.yaml", "dev")


def back(folder: Path, live: Mapping[str, int], **old: Any) -> Back:
    """On the way back to blue; green has three instances."""
    deployments = {
        "blue": ObservedDeployment(**{"instance_count": 3, **old}),
        "green": ObservedDeployment(instance_count=3),
    }
    seen = ObservedEndpoint(traffic=live, deployments=deployments)
    return Back(place(folder), Look("diabetes", WANTED, seen), BLUE, seen)


def test_an_undo_asks_for_what_it_needs(tmp_path: Path) -> None:
    """A finished rollout, the release that was meant, a healthy old one that can carry the load."""
    check_undo(back(tmp_path, {"green": 100}), "green")
    with pytest.raises(UserError, match=r"D021 .*rollout abort diabetes"):
        check_undo(back(tmp_path, {"blue": 50, "green": 50}), None)
    with pytest.raises(UserError, match=r"D022 .*live is green 100; expected teal"):
        check_undo(back(tmp_path, {"green": 100}), "teal")
    with pytest.raises(UserError, match=r"D012 .*blue is Failed"):
        check_undo(back(tmp_path, {"green": 100}, state="Failed"), None)
    with pytest.raises(UserError, match=r"D023 .*blue has 1 instances, and takes over from 3.*instanceCount: 3"):
        check_undo(back(tmp_path, {"green": 100}, instance_count=1), None)
    assert back(tmp_path, {"green": 100}, instance_count=0).unsound == ["blue has no instance"]


def test_what_a_way_back_writes() -> None:
    """The split, the release that was taken back, and no `overwrite` of what is no longer live."""
    release = "azureml:m:1 azureml:e:1"
    assert changes_of(WANTED, BLUE, ["green"]) == [
        (("traffic",), {"blue": 100}),
        (("rollout", "aborted"), {"green": release}),
    ]
    over = WANTED.model_copy(update={"rollout": None, "overwrite": object()})
    assert changes_of(over, BLUE, ["green"]) == [(("traffic",), {"blue": 100}), (("overwrite",), None)]


def test_the_trail_keeps_whole_lines(tmp_path: Path) -> None:
    """One line each, appended; half a line of a full disk hides no other."""
    file = record(place(tmp_path), "abort", "diabetes", GREEN, BLUE, "green errs", aborted=["green"])
    with file.open("a", encoding="utf-8") as trail:
        trail.write('{"time": "20\n7\n')
    record(place(tmp_path), "undo", "diabetes", GREEN, BLUE, "ü")
    assert trail_of(place(tmp_path)) == file == tmp_path / ".rollout" / "dev.jsonl"
    assert [(line["command"], line["reason"]) for line in read_trail(place(tmp_path))] == [
        ("abort", "green errs"),
        ("undo", "ü"),
    ]
    assert read_trail(replace(place(tmp_path), stack="other")) == []


def update(traffic: Mapping[str, int], as_text: bool = False, **more: Any) -> dict[str, Any]:
    """An update as the engine's history has it."""
    value = {"diabetes": {"traffic": dict(traffic)}}
    told = {"value": json.dumps(value)} if as_text else {"value": "", "objectValue": value}
    config = {"fraud:endpoints": {**told, "secret": False}}
    return {"kind": "update", "result": "succeeded", "startTime": "2026-11-25T16:00:00.000Z", "config": config, **more}


@pytest.mark.parametrize("as_text", [True, False])
def test_a_split_of_the_past(as_text: bool) -> None:
    """From the configuration of an update, however the engine tells it; names in any case, no zeros."""
    assert split_in(update({"Blue": 90, "green": 10, "x": 0}, as_text), "fraud", "Diabetes") == Split(
        {"blue": 90, "green": 10}
    )
    assert split_in(update({"blue": 100}, as_text), "other", "diabetes") is None
    assert split_in({}, "fraud", "diabetes") is None


def test_history_joins_the_engine_and_the_trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By time; what went through the engine stands there once."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: fraud\nruntime: python\n", encoding="utf-8")
    one = {"model": "azureml:m:1", "environment": "azureml:e:1", "instanceType": "Standard_DS3_v2"}
    config = {
        "azure-native:location": "westeurope",
        "workspace": {"name": "ws-fraud", "resourceGroup": "rg-fraud"},
        "registry": {"name": "acrfraud"},
        "endpoints": {"diabetes": {"deployments": {"blue": one}, "traffic": {"blue": 100}}},
    }
    (tmp_path / "Pulumi.dev.yaml").write_text(json.dumps({"config": config}), encoding="utf-8")
    told = [update({"green": 100}, message="all green", environment={"git.author": "Ada"}), update({"blue": 100})]
    monkeypatch.setattr("ops.project.find_engine", lambda: Path("engine"))
    monkeypatch.setattr(Engine, "history", lambda self, count: told)
    record(find := place(tmp_path), "abort", "diabetes", GREEN, BLUE, "errs")
    record(find, "tick: next", "diabetes", BLUE, GREEN, "once is enough")
    done = CliRunner().invoke(app, ["history", "--stack", "dev", "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.output)
    assert [(row["what"], row["asked"]["traffic"], row["who"] != "") for row in rows] == [
        ("update", {"blue": 100}, False),
        ("update", {"green": 100}, True),
        ("abort", {"blue": 100}, True),
    ]
    shown = CliRunner().invoke(app, ["history", "diabetes", "--stack", "dev"]).output
    assert "all green" in shown
    assert not [*row_of_trail({"endpoint": "other", "command": "abort"}, ["diabetes"])]
    assert not [*rows_of(update({"blue": 100}), ["other"], "fraud")]


def test_a_broken_stack_file_keeps_nobody_from_going_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workspace is that of the options; where nothing tells, it says what to type."""
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "sub")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: [\n", encoding="utf-8")
    assert "S006" in read_settings(place(tmp_path)).why

    class Nothing:
        """No outputs."""

        applied = None

    found = target_of(place(tmp_path), Nothing, "ws", "rg")  # type: ignore[arg-type]
    assert (found.subscription, found.workspace, found.resource_group) == ("sub", "ws", "rg")
    with pytest.raises(UserError, match=r"D015 .*--workspace ws-diabetes"):
        target_of(place(tmp_path), Nothing, None, None)  # type: ignore[arg-type]


NEXT = Action(Do.NEXT, Stand.UNDER_WAY, "as asked", verdict="pass")
RUNNING = Lock(1, "ci", "runner-7", "2026-11-25T16:00:00Z", "elsewhere")


def test_an_engine_that_runs_is_waited_for() -> None:
    """What needs the engine holds; what a killed run left stops it; what goes past the engine goes on."""

    def after(action: Action, *locks: Lock) -> Do:
        return held_by_lock(action, Looked({}, None, locks)).do

    assert after(NEXT) is Do.NEXT
    assert after(NEXT, RUNNING) is Do.HOLD
    assert after(NEXT, replace(RUNNING, state="stale")) is Do.STOP
    assert after(replace(NEXT, do=Do.ABORT), RUNNING) is Do.ABORT


@pytest.mark.parametrize(
    ("do", "stand", "verdict", "code"),
    [
        (Do.NEXT, Stand.UNDER_WAY, "pass", Exit.DONE),
        (Do.NOTHING, Stand.SETTLED, None, Exit.DONE),
        (Do.ABORT, Stand.UNDER_WAY, "fail", Exit.FAILED),
        (Do.ABORT, Stand.BROKEN, None, Exit.FAILED),
        (Do.HOLD, Stand.UNDER_WAY, "inconclusive", Exit.HOLDS),
        (Do.HOLD, Stand.UNDER_WAY, "error", Exit.UNJUDGED),
        (Do.STOP, Stand.UNDER_WAY, "cancelled", Exit.CANCELLED),
        (Do.STOP, Stand.MOVED, None, Exit.DRIFT),
        (Do.STOP, Stand.SICK, None, Exit.UNHEALTHY),
        (Do.STOP, Stand.UNCLEAR, None, Exit.REFUSED),
    ],
)
def test_exit_codes_of_a_tick(do: Do, stand: Stand, verdict: Kind | None, code: Exit) -> None:
    """A schedule tells them apart without reading."""
    done = Done(Action(do, stand, "why", verdict=verdict), "said", "step 1 of 4", 1)
    assert done.code is code
    assert done.as_dict()["exitCode"] == int(code)


def test_a_promotion_by_force_wants_a_reason(tmp_path: Path) -> None:
    """Others read it."""
    done = CliRunner().invoke(app, ["promote", "diabetes", "--force"])
    assert isinstance(done.exception, UserError)
    assert done.exception.code == "D020"


def seen_at(traffic: Mapping[str, int], **more: Any) -> ObservedEndpoint:
    """Blue and green are there, blue is proven."""
    there = dict.fromkeys(("blue", "green"), ObservedDeployment())
    return ObservedEndpoint(**{"traffic": traffic, "deployments": there, "proven": ("blue",), **more})


def test_there_is_not_always_a_next_step() -> None:
    """Nothing serves, a shift by hand, an edit that waits, the end of the plan: each says what to type."""
    wanted = WANTED.model_copy(update={"traffic": {"blue": 100}})
    blue = seen_at({"blue": 100}, applied=BLUE)
    assert next_step(Look("diabetes", wanted, blue), "").split == Split({"blue": 100}, {"green": 10})
    hand = seen_at({"blue": 50, "green": 50}, applied=BLUE)
    ended = seen_at({"green": 100}, applied=GREEN, proven=("blue", "green"))
    for look, code, cure in (
        (Look("diabetes", wanted, None), "D016", "pulumi up -s"),
        (Look("diabetes", wanted, seen_at({})), "D016", "pulumi up -s"),
        (Look("diabetes", wanted, hand), "D017", "rollout adopt diabetes -s"),
        (Look("diabetes", WANTED, blue), "D018", "pulumi up -s"),
        (Look("diabetes", WANTED, ended), "D019", "no new deployment waits"),
    ):
        with pytest.raises(UserError, match=rf"{code} endpoints\.diabetes.*{cure}"):
            next_step(look, " -s")


def test_a_step_is_judged_before_it_is_written() -> None:
    """A jump beyond largestJump is refused by the rule that the preview has; the plan's own steps are not."""
    stack = stack_with(WANTED.model_copy(update={"traffic": {"blue": 100}}))
    look = Look("diabetes", stack.endpoints["diabetes"], seen_at({"blue": 100}, applied=BLUE))
    assert refusals(stack, look, Split({"blue": 90, "green": 10})) == []
    assert [one.code for one in refusals(stack, look, GREEN)] == ["R115"]


def test_a_state_that_lags_is_read_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a way back the engine's state says the old split: without a refresh it would see nothing to do."""
    asked: list[list[str]] = []
    monkeypatch.setattr("ops.project.find_engine", lambda: Path("engine"))
    monkeypatch.setattr(Engine, "up", lambda self, extra: asked.append(list(extra)))
    blue = seen_at({"blue": 100}, applied=BLUE)
    for kept in (AppliedEndpoint(BLUE), AppliedEndpoint(Split({"blue": 50, "green": 50})), None):
        apply(place(tmp_path), Look("diabetes", WANTED, blue, kept=kept), "why", print)
    assert asked == [["--message", "why"], ["--message", "why", "--refresh"], ["--message", "why"]]
