"""Killing the local Azure at its work."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from localazure.testing.process import arm_client, ask, make_estate, served

pytestmark = pytest.mark.slow
CONDA_FILE = Path(__file__).parents[1] / "conda.yaml"
SCORE = "import os\n\ndef init():\n    pass\n\ndef run(raw):\n    return {'pid': os.getpid()}\n"
PLACE = {"location": "westeurope"}


def put(http: httpx2.Client, path: str, body: dict[str, Any]) -> None:
    """A PUT and its operation."""
    answer = ask(http, "PUT", path, body)
    assert answer.status_code in {200, 201}, answer.text
    while status := answer.headers.get("azure-asyncoperation"):
        polled = http.get(status).json()
        if polled["status"] != "Updating":
            assert polled["status"] == "Succeeded", polled
            return
        time.sleep(0.2)


def deploy(ready: dict[str, Any]) -> str:
    """An endpoint with blue at 100 percent, its code uploaded; returns its key."""
    with arm_client(ready) as http:
        workspace = f"/subscriptions/{ready['subscriptionId']}/resourceGroups/rg/providers/"
        workspace += "Microsoft.MachineLearningServices/workspaces/ws"
        upload = ask(http, "POST", f"{workspace}/codes/c/versions/1/startPendingUpload", {}).json()
        reference = upload["blobReferenceForConsumption"]
        address, signature = reference["credential"]["sasUri"].split("?")
        sent = http.put(f"{address}/code/score.py?{signature}", content=SCORE, headers={"x-ms-blob-type": "BlockBlob"})
        assert sent.status_code == 201, sent.text
        conda = CONDA_FILE.read_text()
        environment = {"properties": {"image": "mcr.microsoft.com/base:1", "condaFile": conda}}
        put(http, f"{workspace}/codes/c/versions/1", {"properties": {"codeUri": f"{reference['blobUri']}/code"}})
        put(http, f"{workspace}/environments/e/versions/1", environment)
        endpoint = f"{workspace}/onlineEndpoints/killed"
        put(http, endpoint, {**PLACE, "properties": {"authMode": "Key"}})
        code = {"codeId": f"{workspace}/codes/c/versions/1", "scoringScript": "score.py"}
        properties = {"codeConfiguration": code, "environmentId": f"{workspace}/environments/e/versions/1"}
        properties |= {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
        put(http, f"{endpoint}/deployments/blue", {**PLACE, "properties": properties})
        put(http, endpoint, {**PLACE, "properties": {"authMode": "Key", "traffic": {"blue": 100}}})
        return str(ask(http, "POST", f"{endpoint}/listKeys").json()["primaryKey"])


def score(ready: dict[str, Any], key: str) -> httpx2.Response:
    """One request to the endpoint."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    return httpx2.post(f"{ready['gateway']}/killed/score", content="{}", headers=headers, trust_env=False, timeout=30)


def test_a_kill_loses_nothing(tmp_path: Path) -> None:
    """After SIGKILL no scoring process is left; the next start serves the same endpoint with the same key."""
    with served(tmp_path) as (process, ready):
        make_estate(ready)
        key = deploy(ready)
        scoring = score(ready, key).json()["pid"]
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    while Path(f"/proc/{scoring}").exists():
        time.sleep(0.1)
    with served(tmp_path) as (_, ready):
        again = score(ready, key)
        assert again.status_code == 200, again.text
        pid = again.json()["pid"]
        with arm_client(ready) as http:
            group = f"/subscriptions/{ready['subscriptionId']}/resourceGroups/rg"
            assert ask(http, "DELETE", group).status_code == 202
            while ask(http, "GET", group).status_code == 200:
                time.sleep(0.1)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert score(ready, key).status_code == 404
