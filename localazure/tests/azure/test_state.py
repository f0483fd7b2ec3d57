"""The state folder: its version, and what else a restart finds in it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localazure.clock import TurnableClock
from localazure.run import begin_of_time
from localazure.serve import main
from localazure.serving.contract import Disturbance
from localazure.store import VERSION, StateError, Store, check_file
from localazure.testing.client import STOPPED, Arm
from localazure.testing.fakes import FakeBlobs, FakeServing
from tests.azure.test_control import control
from tests.azure.test_faults import add, listed

pytestmark = pytest.mark.anyio


def serve(state: Path) -> int:
    """The exit code of a start in this folder; nothing else of it is there."""
    ports = [text for name in ("arm", "gateway", "blob", "control") for text in (f"--{name}-port", "0")]
    tools = [text for name in ("cache", "azurite", "node") for text in (f"--{name}", str(state / name))]
    return main(["serve", "--state", str(state), *tools, *ports])


def make_older(state: Path) -> None:
    """A state file as an older version left it."""
    Store(state / "state.sqlite").close()
    with closing(sqlite3.connect(state / "state.sqlite")) as db:
        db.execute("PRAGMA user_version = 0")


def test_another_version_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The start ends at once, says which version is there and what to type."""
    make_older(tmp_path)
    assert serve(tmp_path) == 4
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"it is of another version of the local Azure (it has 0, this one {VERSION})" in told
    assert f"localazure reset --state {tmp_path}" in told


def test_what_is_no_state_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no database is told by one line too."""
    (tmp_path / "state.sqlite").write_text("certainly no database, but long enough to be taken for one" * 20)
    assert serve(tmp_path) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert str(tmp_path) in told


@pytest.mark.parametrize("pem", ["no key at all", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
async def test_a_key_of_another_kind_is_named(tmp_path: Path, clock: TurnableClock, pem: str) -> None:
    """The file that cannot be used is in the message."""
    (tmp_path / "identity").mkdir()
    (tmp_path / "identity" / "token-key.pem").write_text(pem)
    with pytest.raises(StateError, match=r"token-key\.pem holds no elliptic-curve key"):
        async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()):
            pass


async def test_a_snapshot_of_another_version(estate: Arm) -> None:
    """It is refused before anything is stopped, and everything is still there."""
    folder = estate.state / "snapshots"
    folder.mkdir()
    make_older(folder)
    (folder / "state.sqlite").rename(folder / "old.sqlite")
    (folder / "broken.sqlite").write_text("no database" * 100)
    async with control(estate) as client:
        for name, why in (("old", "of another version"), ("broken", "not a database")):
            answer = await client.post("/restore", json={"name": name})
            assert (answer.status_code, why in answer.json()["error"]) == (409, True)
    assert (await estate.call("GET", estate.workspace)).status_code == 200


def test_versions_are_those_of_this_project(tmp_path: Path) -> None:
    """A new file has this version."""
    Store(tmp_path / "state.sqlite").close()
    check_file(tmp_path / "state.sqlite")


async def test_faults_outlive_a_restart(tmp_path: Path, clock: TurnableClock) -> None:
    """Those of requests with what is left of their count, those of scoring processes in force; no id comes twice."""
    async with Arm.open(tmp_path, clock, FakeServing(), FakeBlobs()) as arm:
        await arm.make_estate()
        await arm.register()
        await arm.done("PUT", arm.endpoint(), arm.endpoint_body())
        await arm.done("PUT", arm.deployment("blue"), arm.deployment_body())
        await add(arm, action="slow", milliseconds=50, endpoint="diabetes", deployment="blue")
        await add(arm, action="answer", status=503, count=3, method="PATCH")
        await add(arm, action="answer", status=409, method="PATCH")
        async with control(arm) as client:
            await client.delete("/faults/3")
        assert (await arm.call("PATCH", arm.group, {})).status_code == 503
        before = await listed(arm)
    serving = FakeServing()
    async with Arm.open(tmp_path, clock, serving, FakeBlobs()) as arm:
        assert await listed(arm) == before
        assert before[1]["count"] == 2
        assert serving.disturbed == {("diabetes", "blue"): Disturbance(50, 0, 500)}
        assert [(await arm.call("PATCH", arm.group, {})).status_code for _ in range(3)] == [503, 503, 200]
        assert (await add(arm, action="answer", status=500))["id"] == 4


async def test_time_goes_on_from_where_it_was(tmp_path: Path) -> None:
    """A clock that was turned forward, or ran fast, is not back at the wall's time after a restart."""
    now = datetime.now(UTC)
    assert now <= begin_of_time(tmp_path) < now + timedelta(hours=1)
    ahead = now + timedelta(days=2)
    async with Arm.open(tmp_path, TurnableClock(STOPPED, now), FakeServing(), FakeBlobs()) as arm:
        async with control(arm) as client:
            await client.post("/clock", json={"advance": 2 * 86_400})
        assert begin_of_time(tmp_path) == ahead
        await arm.make_estate()
        arm.clock.turn(60)
        await arm.call("PUT", arm.endpoint(), arm.endpoint_body())
        assert begin_of_time(tmp_path) == ahead + timedelta(seconds=60)
