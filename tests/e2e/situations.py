"""Brings a situation of the corpus about in a local Azure, by requests to ARM, its clock and its faults."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
from localazure.testing.process import arm_client, ask

from ops.check.observe import observe_with
from ops.paths import CHECKOUT
from rollout.applied import mark_of
from rollout.bodies import TAG
from rollout.model import ObservedDeployment, ObservedEndpoint, Split
from settings.load import from_config
from tests.e2e.corpus import ENDPOINTS, NAME, Case, Observed, same_deployment, shows

LOCATION = "westeurope"
BY_HAND = "R013-all-zero"
"""The situation that somebody brought about past the stack; all others look as the stack would leave them."""
BUSY = {"Creating", "Updating", "Deleting"}
UNDER_WAY = {"Updating": "PUT", "Deleting": "DELETE"}
"""States that last for minutes: a deployment's update, an endpoint's deletion."""
SCRIPT = b"def init(): pass\n\ndef run(data): return data\n"
READS = re.compile(r"GET |POST [^?]+/list\w+[?]")
SECONDS = 60.0


class Situations:
    """The workspace of the corpus in one local Azure; `ready` is what its ready.json says."""

    def __init__(self, http: httpx2.Client, ready: dict[str, Any]) -> None:
        self._http, self.control, self._token = http, ready["control"], ready["controlToken"]
        group = f"/subscriptions/{ready['subscriptionId']}/resourceGroups/rg-diabetes"
        self.workspace = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/ws-diabetes"
        self.endpoint = f"{self.workspace}/onlineEndpoints/{NAME}"

    def register(self) -> None:
        """The model, environment and code that the corpus' live deployments have; the code is a small one."""
        code = f"{self.workspace}/codes/scoring-code/versions/9f2c41"
        pending = self._ask("POST", f"{code}/startPendingUpload", {})["blobReferenceForConsumption"]
        for name, content in {"code/score.py": SCRIPT, "model/model.txt": b"none"}.items():
            place, _, signature = pending["credential"]["sasUri"].partition("?")
            headers = {"x-ms-blob-type": "BlockBlob", "x-ms-version": "2021-08-06"}
            self._http.put(f"{place}/{name}?{signature}", content=content, headers=headers).raise_for_status()
        conda = (CHECKOUT / "scoring" / "environment" / "conda.yaml").read_text(encoding="utf-8")
        environment = {"image": "mcr.microsoft.com/base:1", "condaFile": conda}
        versions = {
            code: {"codeUri": f"{pending['blobUri']}/code"},
            f"{self.workspace}/models/diabetes-ridge/versions/1": {"modelUri": f"{pending['blobUri']}/model"},
            f"{self.workspace}/environments/scoring/versions/3": environment,
        }
        for path, properties in versions.items():
            self._ask("PUT", path, {"properties": properties})

    def bring_about(self, case: Case) -> None:
        """Make it so that Azure shows what the case observes, no matter what it showed before."""
        self._send("DELETE", "/faults")
        self._send("POST", "/clock", {"mode": "instant"})
        self._settle(self.endpoint)
        wanted, live = case.observed.get(NAME), self.observed(case).get(NAME)
        if live and (wanted is None or self._is_kubernetes() != case.on_kubernetes):
            self._do("DELETE", self.endpoint)
            live = None
        if wanted is not None:
            self._endpoint(case, wanted, live)
        live = self.observed(case)
        assert shows(live, case.live), live

    def observed(self, case: Case) -> Observed:
        """What Azure shows of the case's endpoint, with all the deployments that are there."""
        config = {**case.config, ENDPOINTS: {NAME: {"deployments": {}}}}
        names = [each["name"] for each in self._find(f"{self.endpoint}/deployments").get("value", [])]
        deployment = {"model": "azureml:m:1", "environment": "azureml:e:1", "instanceType": "Standard_DS3_v2"}
        config[ENDPOINTS][NAME]["deployments"] = {name: deployment | {"instanceCount": 1} for name in names}
        return observe_with(from_config(config), lambda path: self._find(self.workspace + path) or None)

    def _endpoint(self, case: Case, wanted: ObservedEndpoint, live: ObservedEndpoint | None) -> None:
        has = live.deployments if live else {}
        if live is None:
            self._do("PUT", self.endpoint, self._endpoint_body(case))
        for name, deployment in wanted.deployments.items():
            if not same_deployment(has.get(name), replace(deployment, state="Succeeded")):
                self._do("PUT", f"{self.endpoint}/deployments/{name}", self._deployment_body(case, deployment))
        self._do("PUT", self.endpoint, self._endpoint_body(case, wanted))
        for name in has.keys() - wanted.deployments.keys():
            self._do("DELETE", f"{self.endpoint}/deployments/{name}")
        for name, deployment in wanted.deployments.items():
            path, body = f"{self.endpoint}/deployments/{name}", self._deployment_body(case, deployment)
            self._leave(path, body, deployment.state)
        self._leave(self.endpoint, self._endpoint_body(case, wanted), wanted.state)

    def _leave(self, path: str, body: dict[str, Any], state: str) -> None:
        """In a state that is not Succeeded: what is under way ends when the clock is turned back to `instant`."""
        if state == "Failed":
            self._send("POST", "/faults", {"action": "fail-operation", "method": "PUT", "path": path})
            self._do("PUT", path, body)
        elif state in UNDER_WAY:
            self._send("POST", "/clock", {"mode": "recorded"})
            # A change that nothing here looks at: an update that changes nothing would be over soon.
            body["properties"]["requestSettings"] = {"requestTimeout": "PT6S"}
            self._ask(UNDER_WAY[state], path, body if state == "Updating" else None)

    def _endpoint_body(self, case: Case, wanted: ObservedEndpoint | None = None) -> dict[str, Any]:
        traffic, mirror = (wanted.traffic, wanted.mirror) if wanted else ({}, {})
        maps = {"traffic": dict(traffic), "mirrorTraffic": dict(mirror)}
        compute = {"compute": f"{self.workspace}/computes/aks-inference"} if case.on_kubernetes else {}
        body = {"location": LOCATION, "properties": {"authMode": "Key", **maps, **compute}}
        if case.name != BY_HAND:
            past = wanted.applied if wanted else None
            body["tags"] = {TAG: mark_of(past or Split(traffic, mirror))}
        return body | {"identity": {"type": "SystemAssigned"}}

    def _deployment_body(self, case: Case, wanted: ObservedDeployment) -> dict[str, Any]:
        properties = {
            "endpointComputeType": "Kubernetes" if case.on_kubernetes else "Managed",
            "model": self._asset("models", wanted.model),
            "environmentId": self._asset("environments", wanted.environment),
            "codeConfiguration": {"codeId": self._asset("codes", wanted.code), "scoringScript": "score.py"},
            "instanceType": wanted.instance_type,
        }
        sku = {"sku": {"name": "Default", "capacity": wanted.instance_count}}
        return {"location": LOCATION, "properties": properties} | ({} if case.on_kubernetes else sku)

    def _asset(self, kind: str, reference: str | None) -> str:
        _, name, version = str(reference).split(":")
        return f"{self.workspace}/{kind}/{name}/versions/{version}"

    def _is_kubernetes(self) -> bool:
        return bool(self._find(self.endpoint)["kind"] == "K8S")

    def _do(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """A request, and its operation to the end."""
        self._ask(method, path, body)
        self._settle(path)

    def _settle(self, path: str) -> None:
        ends = time.monotonic() + SECONDS
        while self._find(path).get("properties", {}).get("provisioningState") in BUSY:
            assert time.monotonic() < ends, f"{path} is still under way"
            time.sleep(0.05)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = ask(self._http, method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    def _find(self, path: str) -> dict[str, Any]:
        answer = ask(self._http, "GET", path)
        assert answer.is_success or answer.status_code == 404, answer.text
        return dict(answer.json()) if answer.is_success else {}

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        return control(self.control, method, path, body, self._token)


@contextmanager
def no_writes(url: str) -> Iterator[None]:
    """Nothing is written within, says the journal at this control port: only GET, and POST of what lists keys."""
    since = control(url, "GET", "/health")["now"]
    yield
    requests = [f"{entry['method']} {entry['path']}" for entry in control(url, "GET", "/journal", since=since)]
    writes = [request for request in requests if not READS.match(request)]
    assert not writes, writes


def control(url: str, method: str, path: str, body: Any = None, token: str = "", **query: str) -> Any:
    """A request to a local Azure's control port; a write needs its token."""
    headers = {"content-type": "application/json", "x-control-token": token}
    answer = httpx2.request(method, url + path, content=json.dumps(body or {}), params=query, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


@contextmanager
def situations(state: Path) -> Iterator[Situations]:
    """For the local Azure that lives in the folder `state`."""
    ready = json.loads((state / "ready.json").read_text(encoding="utf-8"))
    with arm_client(ready) as http:
        yield Situations(http, ready)
