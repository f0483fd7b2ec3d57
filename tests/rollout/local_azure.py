"""The local Azure in this process, and the real program's requests to it, in the engine's order."""

import asyncio
import functools
import json
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pulumi_azure_native
from localazure.clock import TurnableClock
from localazure.plugin.body import to_arm
from localazure.plugin.diff import compare
from localazure.plugin.generate import generate
from localazure.plugin.paths import path_template
from localazure.plugin.schema import Schema
from localazure.testing.client import CONDA, LOCATION, STOPPED, Arm
from localazure.testing.fakes import FakeBlobs, FakeServing

from rollout.applied import mark_of
from rollout.bodies import TAG, deployment_from, endpoint_from
from rollout.model import ObservedEndpoint, Split
from tests.components.program import run
from tests.components.test_bodies import whole

ASSETS = {"models": ("ridge", "1", "2"), "codes": ("code", "1", "2"), "environments": ("scoring", "1")}
_ML = "azure-native:machinelearningservices"


class Refused(Exception):
    """The local Azure refused a request, or an operation did not succeed."""


class LocalAzure:
    """One local Azure with a workspace and its assets; `sent` holds the inputs of what the program has made."""

    def __init__(self, workspace: str) -> None:
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._folder = tempfile.TemporaryDirectory()
        self.sent: dict[str, tuple[str, dict[str, Any]]] = {}
        self._workspace = workspace
        self._runner.run(self._start())

    async def _start(self) -> None:
        clock = TurnableClock(STOPPED, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        opened = Arm.open(Path(self._folder.name), clock, FakeServing(), FakeBlobs())
        self._arm = await self._open.enter_async_context(opened)
        await self._arm.make_estate(self._workspace)
        self._root = self._arm.of("Microsoft.MachineLearningServices/workspaces", self._workspace)
        store = f"azureml:/{self._root}/datastores/workspaceblobstore/paths/LocalUpload"
        bodies: dict[str, dict[str, Any]] = {
            "models": {"modelUri": f"{store}/ab12/model"},
            "environments": {"image": "mcr.microsoft.com/base:1", "condaFile": CONDA},
            "codes": {"codeUri": f"{self._arm.blobs.url}/upload-ab12/code"},
        }
        self.identity = self._arm.of("Microsoft.ManagedIdentity/userAssignedIdentities", "scorer")
        made = await self._arm.call("PUT", self.identity, {"location": LOCATION})
        assert made.is_success, made.text
        for kind, (name, *versions) in ASSETS.items():
            for version in versions:
                path = f"{self._root}/{kind}/{name}/versions/{version}"
                answer = await self._arm.call("PUT", path, {"properties": bodies[kind]})
                assert answer.is_success, answer.text

    def close(self) -> None:
        """End it, and forget all."""
        self._runner.run(self._open.aclose())
        self._runner.close()
        self._folder.cleanup()

    def observed(self) -> ObservedEndpoint | None:
        """The endpoint with all its deployments, as a GET shows them."""
        bodies = self.bodies()
        if "diabetes" not in bodies:
            return None
        endpoint = endpoint_from(bodies.pop("diabetes"))
        deployments = {name: deployment_from(body) for name, body in bodies.items()}
        parts = {name: getattr(endpoint, name) for name in endpoint.__slots__}
        return ObservedEndpoint(**{**parts, "deployments": deployments})

    def bodies(self) -> dict[str, Any]:
        """What a GET answers, by the name of the endpoint or deployment."""
        return self._runner.run(self._bodies())

    def up(self, config: Mapping[str, Any]) -> None:
        """Run the program and send what it changes: endpoint, deployments, then what it no longer declares."""
        declared, _ = run(config, self.bodies())
        wanted = {
            **_inputs(declared.of_type("OnlineEndpoint"), "OnlineEndpoint"),
            **_inputs(declared.of_type("OnlineDeployment"), "OnlineDeployment"),
        }
        for name, (token, inputs) in wanted.items():
            kind = _schema().resource(f"{_ML}:{token}")
            was = self.sent.get(name)
            difference = compare(kind, was[1], inputs) if was else None
            if difference and difference.replaces:
                raise Refused(f"{name} would be replaced: {difference.replaces}")
            if difference is None or difference.changes:
                self._send(token, inputs)
                self.sent[name] = (token, inputs)
        for name in sorted(set(self.sent) - set(wanted)):
            self._runner.run(self._delete(self._path(*self.sent.pop(name))))

    def shift(self, traffic: Mapping[str, int]) -> None:
        """Somebody PUTs another split, and the stack adopts it."""
        token, inputs = self.sent["diabetes"]
        adopted = {**inputs, "properties": {**inputs["properties"], "traffic": traffic, "mirrorTraffic": {}}}
        adopted["tags"] = {**inputs["tags"], TAG: mark_of(Split(traffic))}
        self._send(token, adopted)
        self.sent["diabetes"] = (token, adopted)

    def delete(self, deployment: str) -> None:
        """A DELETE of a deployment and its operation. Raises Refused."""
        self._runner.run(self._delete(f"{self._root}/onlineEndpoints/diabetes/deployments/{deployment}"))

    def turn(self, state: str, deployment: str | None = None) -> None:
        """An operation of somebody else begins, or has ended so."""
        store = self._arm.local.azure.store
        endpoint = f"{self._root}/onlineEndpoints/diabetes"
        record = store.get(f"{endpoint}/deployments/{deployment}" if deployment else endpoint)
        assert record
        record.properties["provisioningState"] = state
        store.put(record)

    def _send(self, token: str, inputs: dict[str, Any]) -> None:
        schema = _schema()
        body = to_arm(schema.resource(f"{_ML}:{token}"), inputs, schema.classes)
        # The program's mocks name the workspace so.
        real = json.loads(json.dumps(body).replace("/mock/workspace", self._root))
        self._runner.run(self._put(self._path(token, inputs), real))

    async def _put(self, path: str, body: Any) -> None:
        answer = await self._arm.call("PUT", path, body)
        if not answer.is_success:
            raise Refused(answer.text)
        await self._ends(answer.headers["azure-asyncoperation"])

    async def _delete(self, path: str) -> None:
        answer = await self._arm.call("DELETE", path)
        if not answer.is_success:
            raise Refused(answer.text)
        await self._ends(answer.headers["azure-asyncoperation"])

    async def _ends(self, operation: str) -> None:
        await self._arm.turn()
        said = (await self._arm.call("GET", operation)).json()
        if said["status"] != "Succeeded":
            raise Refused(str(said))

    async def _bodies(self) -> dict[str, Any]:
        path = f"{self._root}/onlineEndpoints/diabetes"
        endpoint = await self._arm.call("GET", path)
        if endpoint.status_code == 404:
            return {}
        deployments = (await self._arm.call("GET", f"{path}/deployments")).json()["value"]
        return {"diabetes": endpoint.json(), **{body["name"]: body for body in deployments}}

    def _path(self, token: str, inputs: Mapping[str, Any]) -> str:
        template = path_template(f"machinelearningservices:{token}")
        return template.format(subscriptionId=self._arm.local.azure.subscription, **inputs)


def _inputs(declared: Mapping[str, Any], token: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {name: (token, whole(inputs)) for name, inputs in sorted(declared.items())}


@functools.cache
def _schema() -> Schema:
    return Schema(generate(Path(pulumi_azure_native.__path__[0]), "any"))
