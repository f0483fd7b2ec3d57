"""`rollout local`: a thin way to the command `localazure`, and the stack `local` beside it."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from localazure.client import running

from ops import local_azure as azure
from ops.messages import UserError
from ops.paths import CHECKOUT, VENV_BIN

IMPORT = re.compile(r"^\s*(?:from|import) (localazure[\w.]*)", re.MULTILINE)


def rollout(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as a person runs it."""
    return subprocess.run([VENV_BIN / "rollout", *arguments], capture_output=True, text=True, check=False)


def test_the_stack_uses_what_anybody_may_use() -> None:
    """Of the local Azure's Python only the documented module, localazure.client."""
    files = [
        path for folder in ("ops", "settings", "rollout", "components") for path in (CHECKOUT / folder).rglob("*.py")
    ]
    assert {name for path in files for name in IMPORT.findall(path.read_text())} == {"localazure.client"}


def test_its_state_is_the_checkouts() -> None:
    """Where none is named; start and setup also get the cache that all checkouts share."""
    assert azure.command(["status", "--state", "x"])[-3:] == ["status", "--state", "x"]
    assert "--cache" in azure.command(["start"])
    assert "--cache" not in azure.command(["stop"])


def test_its_errors_are_ours(tmp_path: Path) -> None:
    """With code, place and what to type."""
    with pytest.raises(UserError, match=r"L001 local Azure: none is running in .*\. Type: localazure start --state "):
        azure.ask("env", "--state", str(tmp_path))


def test_help_and_exit_codes_come_through(tmp_path: Path) -> None:
    """Of a command that is passed on."""
    assert "apply-then-fail" in rollout("local", "fault", "add", "--help").stdout
    told = rollout("local", "status", "--json", "--state", str(tmp_path))
    assert (told.returncode, json.loads(told.stdout)) == (1, {"running": False})


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose local Azure is ended whatever happens."""
    yield tmp_path / "state"
    azure.stop(tmp_path / "state")


@pytest.mark.slow
def test_a_stack_from_start_to_stop(state: Path) -> None:
    """Started, usable by the engine from a shell that sources its file, gone after stop."""
    first = rollout("local", "start", "--state", str(state), *azure.ANY_PORTS)
    assert first.returncode == 0, first.stderr
    assert f"rollout local stop --state {state}" in first.stdout
    assert (state / "env").stat().st_mode & 0o777 == 0o600
    assert (state / "env").read_text() == rollout("local", "env", "--state", str(state)).stdout
    shell = ["/bin/sh", "-c", f". '{state}/env' && pulumi stack ls --json"]
    stacks = json.loads(subprocess.run(shell, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout)
    assert [(stack["name"], stack["current"]) for stack in stacks] == [("local", True)]
    assert running(state).pid
    assert rollout("local", "stop", "--state", str(state)).returncode == 0
    assert not (state / "env").exists()
