"""The environment of a client of the local Azure, as values and as shell lines."""

import json
import subprocess
from pathlib import Path

import pytest
from localazure.client import Ready
from localazure.testing.told import TOLD

from ops.local.environment import client_environment, export_lines
from ops.paths import VENV_BIN

ENGINE = Path("/cache/engine/bin")


@pytest.fixture
def ready() -> Ready:
    """A running local Azure, as it tells of itself."""
    return Ready.parse(json.loads(json.dumps(TOLD)))


def in_shell(ready: Ready, state: Path, times: int = 1, path: str = "/usr/bin:/bin", **more: str) -> dict[str, str]:
    """The environment of a shell that has sourced the lines."""
    (state / "env").write_text(export_lines(ready, state, ENGINE))
    command = ["/bin/sh", "-c", f"{'. ./env; ' * times} exec env -0"]
    base = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **more}
    told = subprocess.run(command, cwd=state, env=base, capture_output=True, text=True, check=True).stdout
    return dict(entry.split("=", 1) for entry in told.split("\0") if entry)


def test_shell_lines_and_subprocess_environment_are_the_same(ready: Ready, tmp_path: Path) -> None:
    """A person at the shell and this project's commands see one Azure; quotes and dollars survive."""
    expected = client_environment(ready, tmp_path, ENGINE, {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"})
    actual = {name: value for name, value in in_shell(ready, tmp_path).items() if name not in ("PWD", "_", "SHLVL")}
    assert expected == {name: value for name, value in actual.items() if name != "OLDPWD"}


def test_sourcing_twice_changes_nothing(ready: Ready, tmp_path: Path) -> None:
    """PATH does not grow."""
    assert in_shell(ready, tmp_path, times=2)["PATH"] == f"{VENV_BIN}:{ENGINE}:/usr/bin:/bin"


def test_nothing_falls_back_to_the_public_cloud(ready: Ready, tmp_path: Path) -> None:
    """azure-ai-ml needs both variables, or it speaks to the public Azure in silence."""
    environment = client_environment(ready, tmp_path, ENGINE, {})
    assert environment["AZUREML_CURRENT_CLOUD"] == "LocalCloud"
    assert environment["ARM_CLOUD_METADATA_URL"].startswith(ready.arm)
    assert environment["ARM_METADATA_HOSTNAME"] == "127.0.0.1:8443"


def test_a_proxy_is_not_asked_for_this_machine(ready: Ready, tmp_path: Path) -> None:
    """What a person has excluded stays excluded."""
    assert client_environment(ready, tmp_path, ENGINE, {"NO_PROXY": "corp"})["NO_PROXY"] == "127.0.0.1,localhost,corp"
    assert in_shell(ready, tmp_path, NO_PROXY="corp")["NO_PROXY"] == "127.0.0.1,localhost,corp"


def test_byte_code_is_written(ready: Ready, tmp_path: Path) -> None:
    """Without it each preview compiles about 190 modules again."""
    assert "PYTHONDONTWRITEBYTECODE" not in in_shell(ready, tmp_path)


def test_a_state_folder_with_a_space_works_as_backend(ready: Ready, tmp_path: Path) -> None:
    """The backend is an URL."""
    environment = client_environment(ready, Path("/home/a b/.local"), ENGINE, {})
    assert environment["PULUMI_BACKEND_URL"] == "file:///home/a%20b/.local/stacks"


def test_managed_identity_instead_of_a_secret(ready: Ready, tmp_path: Path) -> None:
    """Azure's clients get the identity's endpoint and no secret, not even one that was set; Pulumi keeps its client."""
    (tmp_path / "env").write_text(export_lines(ready, tmp_path, ENGINE, managed_identity=True))
    base = {"PATH": "/usr/bin:/bin", "AZURE_CLIENT_SECRET": "of somebody else"}
    command = ["/bin/sh", "-c", ". ./env; exec env"]
    told = subprocess.run(command, cwd=tmp_path, env=base, capture_output=True, text=True, check=True).stdout
    shown = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
    assert (shown["IDENTITY_ENDPOINT"], shown["IDENTITY_HEADER"]) == ("http://127.0.0.1:8470/msi/token", "hidden")
    assert shown["AZURE_TOKEN_CREDENTIALS"] == "ManagedIdentityCredential"
    assert {"AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"}.isdisjoint(shown)
    assert shown["ARM_CLIENT_SECRET"] == TOLD["clientSecret"]
