"""The environment that is printed, all that a client has: it works, and never leads to another Azure."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from localazure.cli import fault
from localazure.client import Ready, export_lines
from localazure.testing.process import arm_client, ask, make_estate, served
from tests.azure.test_kill import deploy, score

pytestmark = pytest.mark.slow
PROGRAM = Path(__file__).with_name("guarded_client.py")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A local Azure with an estate: its state folder, and what its ready.json says."""
    state = tmp_path_factory.mktemp("state")
    with served(state) as (_, ready):
        make_estate(ready)
        yield state, ready


def told_in_shell(state: Path, ready: dict[str, Any], managed_identity: bool) -> dict[str, Any]:
    """What the guarded client says in a shell that has sourced the printed lines."""
    lines = export_lines(Ready.parse(ready), managed_identity=managed_identity)
    script = f"{lines}\nexec {sys.executable} {PROGRAM}\n"
    base = {"PATH": os.environ["PATH"], "HOME": str(state), "AZURE_CLIENT_SECRET": "of somebody else"}
    done = subprocess.run(["/bin/sh", "-c", script], env=base, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return told


@pytest.mark.parametrize("managed_identity", [False, True])
def test_no_call_leaves_this_machine(running: tuple[Path, dict[str, Any]], managed_identity: bool) -> None:
    """DefaultAzureCredential and azure-ai-ml find the local Azure, by client secret and by managed identity."""
    told = told_in_shell(*running, managed_identity)
    assert (told.get("workspace"), told["left"]) == ("ws", [])


@pytest.mark.parametrize("managed_identity", [False, True])
def test_without_the_local_azure_clients_fail(tmp_path: Path, managed_identity: bool) -> None:
    """Where it does not run any more, a client ends with an error and asks nobody else."""
    with served(tmp_path) as (_, ready):
        pass
    told = told_in_shell(tmp_path, ready, managed_identity)
    assert (told.keys(), told["left"]) == ({"error", "left"}, [])


def test_azure_ml_identity_protocol(running: tuple[Path, dict[str, Any]]) -> None:
    """MSI_ENDPOINT and MSI_SECRET alone, as on Azure Machine Learning's own machines."""
    _, ready = running
    program = (
        "from azure.identity import DefaultAzureCredential as C; import sys;"
        f"sys.stdout.write(C().get_token({ready['arm'] + '/.default'!r}).token)"
    )
    variables = {"MSI_ENDPOINT": ready["identityEndpoint"], "MSI_SECRET": ready["identityHeader"]}
    done = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True)
    with arm_client(ready) as http:
        http.headers["authorization"] = f"Bearer {done.stdout}"
        assert ask(http, "GET", f"/subscriptions/{ready['subscriptionId']}").status_code == 200


def test_faults_of_processes_and_connections(running: tuple[Path, dict[str, Any]]) -> None:
    """By the command: a dropped connection; scores that are slow, that fail by share; a process that is killed."""
    state, ready = running
    key = deploy(ready)
    here = ["--endpoint", "killed", "--deployment", "blue"]

    def rollout(*arguments: str) -> Any:
        told = CliRunner().invoke(fault.app, [*arguments, "--state", str(state), "--json"])
        assert told.exit_code == 0, told.output
        return json.loads(told.output)

    refused = CliRunner().invoke(fault.app, ["add", "answer", "--state", str(state)])
    assert "L005 fault" in str(refused.exception)
    assert "'status' is missing" in str(refused.exception)
    with arm_client(ready) as http:
        group = f"/subscriptions/{ready['subscriptionId']}/resourceGroups/rg"
        rollout("add", "drop", "--method", "GET", "--path", "*/resourcegroups/rg")
        with pytest.raises(httpx2.RemoteProtocolError):
            ask(http, "GET", group)
        assert ask(http, "GET", group).status_code == 200
    slow = rollout("add", "slow", "--milliseconds", "400", *here)
    begun = time.monotonic()
    before = score(ready, key)
    assert (before.status_code, time.monotonic() - begun >= 0.4) == (200, True)
    rollout("remove", str(slow["id"]))
    rollout("add", "err", "--percent", "100", "--status", "503", *here)
    failed = score(ready, key)
    assert (failed.status_code, failed.headers["azureml-model-deployment"]) == (424, "blue")  # as of a model
    assert [fault["action"] for fault in rollout("list")] == ["err"]
    assert rollout("remove") == {"removed": 1}
    rollout("add", "kill", *here)
    while (after := score(ready, key)).status_code != 200:
        time.sleep(0.2)
    assert after.json()["pid"] != before.json()["pid"]


def test_what_runs_follows_the_state(tmp_path: Path) -> None:
    """After a restore the endpoint of the snapshot serves again with its old key; after a reset nothing does."""
    with served(tmp_path) as (_, ready):
        make_estate(ready)
        key = deploy(ready)

        def control(path: str, body: dict[str, str]) -> None:
            token = {"x-control-token": ready["controlToken"]}
            answer = httpx2.post(f"{ready['control']}{path}", json=body, headers=token, trust_env=False, timeout=60)
            assert answer.is_success, answer.text

        control("/snapshot", {"name": "base"})
        with arm_client(ready) as http:
            group = f"/subscriptions/{ready['subscriptionId']}/resourceGroups/rg"
            assert ask(http, "DELETE", group).status_code == 202
            while ask(http, "GET", group).status_code == 200:
                time.sleep(0.1)
        assert score(ready, key).status_code == 404
        control("/restore", {"name": "base"})
        assert score(ready, key).status_code == 200
        control("/reset", {})
        assert score(ready, key).status_code == 404
