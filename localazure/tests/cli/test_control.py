"""Clock, journal, snapshot, restore, reset: what the commands ask the control port, and what they say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from localazure import client
from localazure.cli import app, commands, control
from localazure.client import Ready
from localazure.testing.told import TOLD
from tests.cli.test_folder import make_state

RUNNER = CliRunner()
HEALTH = {"status": "ok", "clock": "recorded", "now": "2026-01-02T03:04:05+00:00", "lag": 5.0}
ENTRY = {"at": "2026-01-02T03:04:05.0000000+00:00", "method": "PUT", "path": "/subscriptions/s", "status": 0}
ANSWERS: dict[tuple[str, str], tuple[int, Any]] = {
    ("GET", "/health"): (200, HEALTH),
    ("POST", "/clock"): (200, {**HEALTH, "clock": "x60"}),
    ("GET", "/journal"): (200, [{**ENTRY, "fault": ""}, {**ENTRY, "fault": "drop"}]),
    ("GET", "/snapshot"): (200, ["base"]),
    ("POST", "/snapshot"): (201, {"name": "base"}),
    ("POST", "/restore"): (404, {"error": "There is no snapshot 'other' (has: base)."}),
    ("POST", "/reset"): (200, {}),
    ("POST", "/mirrored"): (200, {"metrics": False, "logs": True}),
}


@contextmanager
def control_port() -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """A server that answers as ANSWERS says, and what it was asked."""
    asked: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append((self.command, self.path, json.loads(text or "null")))
            writes = self.command != "GET"
            sent = (self.headers.get("content-type"), self.headers.get("x-control-token"))
            assert not writes or sent == ("application/json", TOLD["controlToken"])
            status, body = ANSWERS[self.command, self.path.split("?", maxsplit=1)[0]]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str, Any]]]:
    """A control port that runs, and what it was asked."""
    with control_port() as (url, asked):
        ready = Ready.parse(TOLD | {"control": url})
        for module in (client, commands, control):
            monkeypatch.setattr(module, "read_ready", lambda _: ready)
        yield asked


def run(*arguments: str) -> str:
    """A command; what it prints."""
    told = RUNNER.invoke(app.app, arguments)
    assert told.exit_code == 0, told.output
    return " ".join(told.output.split())


def test_the_clock_is_shown_and_turned(asked: list[tuple[str, str, Any]]) -> None:
    """Without a wish it is shown; mode, advance, lag and absence are sent as the control port takes them."""
    assert "recorded: operations take as long as Azure's did" in run("clock")
    assert "it is 2026-01-02 03:04:05 UTC, lag 5 s" in run("clock")
    assert run("clock", "x60", "--advance", "300", "--lag", "0", "--absence", "9").startswith("x60: recorded times")
    assert json.loads(run("clock", "--json")) == {name: HEALTH[name] for name in ("clock", "now", "lag")}
    assert asked[2] == ("POST", "/clock", {"mode": "x60", "advance": 300.0, "lag": 0.0, "absence": 9.0})


def test_status_tells_the_clock(asked: list[tuple[str, str, Any]]) -> None:
    """Beside the addresses."""
    assert "clock: recorded: operations take as long as Azure's did" in run("status")
    assert asked == [("GET", "/health", None)]


def test_the_journal_is_shown(asked: list[tuple[str, str, Any]]) -> None:
    """The latest requests, since a time if one is given."""
    assert "drop" in run("journal")
    assert [entry["fault"] for entry in json.loads(run("journal", "--last", "1", "--json"))] == ["drop"]
    run("journal", "--since", "2026-01-02T03:04:05+00:00")
    assert asked[-1][1] == "/journal?since=2026-01-02T03%3A04%3A05%2B00%3A00"


def test_where_mirrored_requests_are_seen(asked: list[tuple[str, str, Any]]) -> None:
    """Only what was asked for is changed; all is told."""
    assert run("mirrored", "--no-metrics") == "mirrored requests are seen in: logs"
    assert json.loads(run("mirrored", "--json")) == {"metrics": False, "logs": True}
    assert [entry[2] for entry in asked] == [{"metrics": False}, {}]


def test_snapshots(asked: list[tuple[str, str, Any]]) -> None:
    """Taken and listed; one that is not there is one message that names those that are."""
    assert run("snapshot", "base") == "snapshot base; go back to it: localazure restore base"
    assert run("snapshot", "--list") == "base"
    refused = RUNNER.invoke(app.app, ["restore", "other"])
    assert refused.exception is not None
    assert "L005 restore: There is no snapshot 'other' (has: base)." in str(refused.exception)
    assert app.complain(refused.exception, as_json=False) == 2
    assert asked[-1] == ("POST", "/restore", {"name": "other"})


def test_reset_of_a_running_one(asked: list[tuple[str, str, Any]]) -> None:
    """The local Azure does it itself."""
    assert "pulumi refresh" in run("reset")
    assert asked == [("POST", "/reset", None)]


@pytest.mark.parametrize(("status", "body"), [(500, b"Internal Server Error"), (500, b"[]"), (200, b"<html>")])
def test_an_answer_that_is_none_of_ours_is_one_message(
    asked: list[tuple[str, str, Any]], status: int, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a bug of the command."""
    monkeypatch.setitem(ANSWERS, ("POST", "/snapshot"), (status, body))
    told = RUNNER.invoke(app.app, ["snapshot", "base"])
    assert asked
    assert told.exception is not None
    assert str(told.exception).startswith("L005 ")
    assert app.complain(told.exception, as_json=False) == 2


def test_a_number_that_is_none_is_left_to_the_control_port(asked: list[tuple[str, str, Any]]) -> None:
    """Which says what a turn may be."""
    run("clock", "--advance", "inf")
    assert asked == [("POST", "/clock", {"advance": float("inf")})]


def test_reset_where_none_runs(tmp_path: Path) -> None:
    """The folder's own content goes, and says what; a folder that has none is left as it is."""
    make_state(tmp_path)
    (tmp_path / "identity").mkdir()
    assert run("reset", "--state", str(tmp_path)) == f"removed identity, state.sqlite from {tmp_path}"
    assert run("reset", "--state", str(tmp_path)) == f"removed nothing from {tmp_path}"
