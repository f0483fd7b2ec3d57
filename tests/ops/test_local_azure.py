"""Start, stop and status of the local Azure: whose process it is, and what is told when it does not start."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops import local, local_azure
from ops.messages import UserError
from tests.ops.test_local_env import TOLD

RUNNER = CliRunner()


def write_ready(state: Path, pid: int) -> None:
    """A ready.json as a running local Azure leaves it."""
    (state / "ready.json").write_text(json.dumps(TOLD | {"pid": pid}))


def test_a_process_that_has_got_the_id_of_an_ended_one_is_not_ours(tmp_path: Path) -> None:
    """It is neither shown as running nor ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        write_ready(tmp_path, stranger.pid)
        assert local_azure.read_ready(tmp_path) is None
        assert local_azure.stop(tmp_path) is None
        assert stranger.poll() is None
    assert not (tmp_path / "ready.json").exists()


def test_a_state_folder_without_a_server_says_what_to_type(tmp_path: Path) -> None:
    """For every command that needs one."""
    with pytest.raises(UserError, match=r"L001 local Azure: none is running in .*\. Type: rollout local start"):
        local_azure.running(tmp_path)


def test_half_a_ready_file_is_no_server(tmp_path: Path) -> None:
    """Nor is one of another version."""
    (tmp_path / "ready.json").write_text('{"pid": 1')
    assert local_azure.read_ready(tmp_path) is None
    (tmp_path / "ready.json").write_text('{"pid": 1}')
    assert local_azure.read_ready(tmp_path) is None


def test_status_as_json_without_a_server(tmp_path: Path) -> None:
    """Exit code 1, for scripts."""
    told = RUNNER.invoke(local.app, ["status", "--json", "--state", str(tmp_path)])
    assert (told.exit_code, json.loads(told.stdout)) == (1, {"running": False})


def test_stop_without_a_server_is_no_error(tmp_path: Path) -> None:
    """It says that there was nothing to stop."""
    told = RUNNER.invoke(local.app, ["stop", "--state", str(tmp_path)])
    assert told.exit_code == 0
    assert "none was running" in told.output


def test_ports_become_arguments() -> None:
    """In the server's own names."""
    arguments = local_azure.Ports(arm=1, gateway=2, blob=3, control=0).arguments()
    assert arguments == ["--arm-port", "1", "--gateway-port", "2", "--blob-port", "3", "--control-port", "0"]
