"""The local Azure as a process: real gateway, real blobs, real scoring, the stock SDK."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from localazure.client import Ready, azure_variables
from localazure.testing.process import arm_client, ask, command, make_estate, resident_megabytes, served

pytestmark = pytest.mark.slow
CONDA_FILE = Path(__file__).parents[1] / "conda.yaml"
SCORE = """
import os
from pathlib import Path

ROOT = Path(os.environ["AZUREML_MODEL_DIR"])


def init():
    global TEXT
    TEXT = next(ROOT.rglob("weights.txt")).read_text()


def run(raw):
    return {"model": TEXT, "registered": "/".join(ROOT.parts[-2:])}
"""


def test_taken_port_is_one_line(tmp_path: Path) -> None:
    """A taken port ends it with exit code 3 and one line that names the port and what to type."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            command(tmp_path, "--arm-port", port), capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert port in done.stderr
    assert "--arm-port" in done.stderr
    assert not (tmp_path / "ready.json").exists()


def test_a_signal_during_the_start_ends_it(tmp_path: Path) -> None:
    """SIGINT before it is ready ends it in order: no ready.json, no process."""
    process = subprocess.Popen(command(tmp_path), stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "azurite").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")
    assert not (tmp_path / "ready.json").exists()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, dict[str, Any]]]:
    """A local Azure with an estate: its process id, and what its ready.json says."""
    with served(tmp_path_factory.mktemp("state")) as (process, ready):
        make_estate(ready)
        yield process.pid, ready


def told_by(program: str, ready: dict[str, Any], *arguments: str, within: float = 280) -> dict[str, Any]:
    """The JSON that a client program prints, told by environment variables alone where Azure is."""
    script = str(Path(__file__).with_name(program))
    done = subprocess.run(
        [sys.executable, script, *arguments],
        env=os.environ | azure_variables(Ready.parse(ready)),
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return told


def test_stock_sdk_rolls_out(running: tuple[int, dict[str, Any]], tmp_path: Path) -> None:
    """azure-ai-ml and DefaultAzureCredential, told by environment variables alone, go through the whole article."""
    for name in ("model1", "model2", "code"):
        (tmp_path / name).mkdir()
    (tmp_path / "model1" / "weights.txt").write_text("one")
    (tmp_path / "model2" / "weights.txt").write_text("two")
    (tmp_path / "code" / "score.py").write_text(SCORE)
    (tmp_path / "conda.yaml").write_text(CONDA_FILE.read_text())
    pid, ready = running
    told = told_by("sdk_rollout.py", ready, str(tmp_path))
    assert resident_megabytes(pid) < 200
    assert told["no traffic"] == {"status": 404}
    assert told["by name"] == told["blue"] == {"model": "one", "registered": "m/1"}
    assert told["green"]["model"] == told["green by name"]["model"] == told["new key"]["model"] == "two"
    assert told["old key"] == {"status": 401}
    assert told["traffic"] == {"blue": 100}
    assert (told["listed"], told["left"], told["endpoints"]) == (["blue", "green"], ["green"], [])
    assert "Container logs:" in told["logs"]


def test_generated_client(running: tuple[int, dict[str, Any]]) -> None:
    """azure-mgmt-machinelearningservices, which knows nothing of the SDK's ways, makes and deletes an endpoint."""
    told = told_by("mgmt_endpoint.py", running[1])
    assert told.pop("uri").endswith("/mgmt-endpoint/score")
    assert told == {
        "state": "Succeeded",
        "listed": ["mgmt-endpoint"],
        "keys": 2,
        "workspace": "ws",
        "deployments": [],
        "left": [],
    }


def test_clients_that_never_finish_cost_others_nothing(running: tuple[int, dict[str, Any]]) -> None:
    """150 connections to ARM that begin no TLS, and 150 to the control port in the midst of a head: both answer."""
    _, ready = running
    left = []
    try:
        for url, sent in ((ready["arm"], b"\x16\x03\x01"), (ready["control"], b"GET /health HTTP/1.1\r\nhost: a")):
            for _ in range(150):
                left.append(socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=10))
                left[-1].sendall(sent)
        with arm_client(ready) as http:
            group = f"/subscriptions/{ready['subscriptionId']}/resourceGroups/rg"
            assert ask(http, "GET", f"{group}/providers/Microsoft.MachineLearningServices/workspaces/ws").is_success
        assert httpx2.get(f"{ready['control']}/health", trust_env=False, timeout=10).json()["status"] == "ok"
    finally:
        for each in left:
            each.close()


def test_it_goes_on_where_it_ended(tmp_path: Path) -> None:
    """SIGTERM ends it with 0 and takes ready.json away; the same folder has the same ids, secrets and authority."""
    kept = ("subscriptionId", "clientId", "clientSecret", "caBundle")
    with served(tmp_path) as (process, first):
        assert (tmp_path / "ready.json").stat().st_mode & 0o777 == 0o600
        authority = Path(first["ca"]).read_bytes()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not (tmp_path / "ready.json").exists()
    with served(tmp_path) as (_, second):
        assert [second[name] for name in kept] == [first[name] for name in kept]
        assert Path(second["ca"]).read_bytes() == authority
