"""Start, stop and status of the local Azure: whose process it is, and what is told when it does not start."""

import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from localazure import client
from localazure.cli import app, process
from localazure.errors import UserError
from localazure.processes import is_ours, servers
from localazure.testing.told import TOLD

RUNNER = CliRunner()


def write_ready(state: Path, pid: int) -> None:
    """A ready.json as a running local Azure leaves it."""
    (state / "ready.json").write_text(json.dumps(TOLD | {"pid": pid}))


def test_a_process_that_has_got_the_id_of_an_ended_one_is_not_ours(tmp_path: Path) -> None:
    """It is neither shown as running nor ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        write_ready(tmp_path, stranger.pid)
        assert client.read_ready(tmp_path) is None
        assert process.stop(tmp_path) == []
        assert stranger.poll() is None
    assert not (tmp_path / "ready.json").exists()


def test_a_state_folder_without_a_server_says_what_to_type(tmp_path: Path) -> None:
    """For every command that needs one."""
    with pytest.raises(UserError, match=r"L001 local Azure: none is running in .*\. Type: localazure start"):
        client.running(tmp_path)


def test_half_a_ready_file_is_no_server(tmp_path: Path) -> None:
    """Nor is one of another version."""
    (tmp_path / "ready.json").write_text('{"pid": 1')
    assert client.read_ready(tmp_path) is None
    (tmp_path / "ready.json").write_text('{"pid": 1}')
    assert client.read_ready(tmp_path) is None


def test_a_server_of_another_version_is_seen(tmp_path: Path) -> None:
    """It is neither used nor taken for none: the message says what to type, and stop ends it."""
    idle = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", idle, "localazure", "serve", "--state", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as older:
        assert older.stdout
        assert older.stdout.readline()
        (tmp_path / "ready.json").write_text(json.dumps({"pid": older.pid, "arm": "https://127.0.0.1:1"}))
        with pytest.raises(UserError, match=f"L006 .*process {older.pid} .*Type: localazure stop --state {tmp_path}"):
            client.read_ready(tmp_path)
        assert process.stop(tmp_path) == [older.pid]
        assert older.wait(10) != 0
    assert not (tmp_path / "ready.json").exists()


def test_a_server_that_was_left_while_it_started_is_ended(tmp_path: Path) -> None:
    """It has not told of itself yet; its command line says whose state it is."""
    idle = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", idle, "localazure", "serve", "--state", str(tmp_path), "--cache", "/c"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as left:
        assert left.stdout
        assert left.stdout.readline()
        assert process.stop(tmp_path) == [left.pid]
        assert left.wait(10) != 0


def test_an_error_is_json_where_json_was_asked_for(tmp_path: Path) -> None:
    """With all its parts; exit code 2."""
    told = localazure("env", "--json", "--state", str(tmp_path))
    error = json.loads(told.stdout)["error"]
    assert (told.returncode, told.stderr, error["code"]) == (2, "", "L001")
    assert error["cure"] == f"Type: localazure start --state {tmp_path}"


def test_servers_are_told_apart_by_their_folder() -> None:
    """Only the local Azure of this very folder is one of ours."""
    table = [
        (10, 1, "python -m localazure serve --state /a/.rehearsal --cache /c"),
        (11, 1, "python -m localazure serve --state /b/.rehearsal --cache /c"),
        (12, 1, "vim localazure"),
        (13, 1, "python -m localazure serve --state /a/my work --cache /c"),
    ]
    assert servers(Path("/a/.rehearsal"), table) == [10]
    assert servers(Path("/a/my work"), table) == [13]


def test_status_as_json_without_a_server(tmp_path: Path) -> None:
    """Exit code 1, for scripts."""
    told = RUNNER.invoke(app.app, ["status", "--json", "--state", str(tmp_path)])
    assert (told.exit_code, json.loads(told.stdout)) == (1, {"running": False})


def test_stop_without_a_server_is_no_error(tmp_path: Path) -> None:
    """It says that there was nothing to stop."""
    told = RUNNER.invoke(app.app, ["stop", "--state", str(tmp_path)])
    assert told.exit_code == 0
    assert "none was running" in told.output


def test_ports_become_arguments() -> None:
    """In the server's own names."""
    arguments = process.Ports(arm=1, gateway=2, blob=3, control=0).arguments()
    assert arguments == ["--arm-port", "1", "--gateway-port", "2", "--blob-port", "3", "--control-port", "0"]


def localazure(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as a person runs it."""
    command = Path(sys.executable).with_name("localazure")
    return subprocess.run([command, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose local Azure is ended whatever happens."""
    yield tmp_path / "state"
    process.stop(tmp_path / "state")


@pytest.mark.slow
def test_a_state_of_another_version_is_one_message(state: Path) -> None:
    """It says what to type; after that the start works."""
    state.mkdir()
    with closing(sqlite3.connect(state / "state.sqlite")) as db:
        db.execute("CREATE TABLE resources (number INTEGER)")
    told = localazure("start", "--state", str(state))
    assert told.returncode == 2
    [line] = [line for line in told.stderr.splitlines() if line.startswith("L007 ")]
    assert f"localazure reset --state {state}" in line
    assert localazure("reset", "--state", str(state)).returncode == 0
    assert not (state / "state.sqlite").exists()


@pytest.mark.slow
def test_a_local_azure_from_start_to_stop(state: Path) -> None:
    """Started once, found at the second start, usable from a shell that sources its file, gone after stop."""
    free = ["--arm-port", "0", "--gateway-port", "0", "--blob-port", "0", "--control-port", "0"]
    first = localazure("start", "--state", str(state), *free)
    assert first.returncode == 0, first.stderr
    ready = client.running(state)
    again = localazure("start", "--state", str(state), *free)
    assert f"runs already, process {ready.pid}" in again.stderr
    told = json.loads(localazure("status", "--json", "--state", str(state)).stdout)
    assert {part: told[part]["answers"] for part in ("arm", "gateway", "blob", "control")} == dict.fromkeys(
        ("arm", "gateway", "blob", "control"), True
    )
    assert stat.S_IMODE((state / "env").stat().st_mode) == 0o600
    assert (state / "env").read_text() == localazure("env", "--state", str(state)).stdout
    variables = json.loads(localazure("env", "--json", "--state", str(state)).stdout)
    assert variables.items() >= client.azure_variables(ready).items()
    port = ready.arm.rpartition(":")[2]
    taken = localazure("start", "--state", str(state / "other"), *free[2:], "--arm-port", port)
    assert taken.returncode == 2
    assert f"L002 port: the ARM port {port} can't be used" in taken.stderr
    assert localazure("stop", "--state", str(state)).returncode == 0
    assert not is_ours(ready.pid, state)
    assert not (state / "env").exists()
