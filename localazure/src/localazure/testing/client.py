"""A client for tests: it speaks ARM to an app in this process and turns the clock for operations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from localazure.clock import Mode, TurnableClock
from localazure.server import LocalAzure, make_local_azure
from localazure.testing.fakes import FakeBlobs, FakeServing

URL = "https://127.0.0.1:8443"
VERSION = "2025-12-01"
LOCATION = "westeurope"
CONDA = "dependencies: [python=3.11, {pip: [azureml-inference-server-http]}]"
STOPPED = Mode("stopped", 0, True)  # time passes only when it is turned


@dataclass
class Arm:
    """`group` and `workspace` are full ids; paths given to the verbs are too."""

    local: LocalAzure
    clock: TurnableClock
    serving: FakeServing
    blobs: FakeBlobs
    http: httpx2.AsyncClient
    state: Path

    @classmethod
    @asynccontextmanager
    async def open(
        cls, state: Path, clock: TurnableClock, serving: FakeServing, blobs: FakeBlobs
    ) -> AsyncIterator["Arm"]:
        """A local Azure over `state`, with a client that has a token."""
        local = make_local_azure(state, URL, clock, serving, blobs)
        token = local.identity.keys.sign(URL, "tests", timedelta(days=300))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(local.app), base_url=URL, headers=headers) as http:
            await local.restore()
            try:
                yield cls(local, clock, serving, blobs, http, state)
            finally:
                await local.close()

    @property
    def subscription(self) -> str:
        """Its id."""
        return f"/subscriptions/{self.local.azure.subscription}"

    @property
    def group(self) -> str:
        """The id of group rg."""
        return f"{self.subscription}/resourceGroups/rg"

    @property
    def workspace(self) -> str:
        """The id of workspace ws."""
        return self.of("Microsoft.MachineLearningServices/workspaces", "ws")

    def of(self, kind: str, name: str) -> str:
        """The id of a resource in the group."""
        return f"{self.group}/providers/{kind}/{name}"

    async def call(
        self, method: str, path: str, body: Any = None, version: str = VERSION, **query: str
    ) -> httpx2.Response:
        """One request; a path that is a full URL has its own api-version."""
        own = path.startswith("https://") and "api-version=" in path
        params = None if own else {"api-version": version, **query}
        json = {} if body is None else {"json": body}
        return await self.http.request(method, path, params=params, **json)

    async def turn(self, seconds: float = 3600) -> None:
        """Turn the clock and let what is due end."""
        self.clock.turn(seconds)
        while self.local.azure.store.running_operations():
            await asyncio.sleep(0)

    async def done(self, method: str, path: str, body: Any = None, version: str = VERSION) -> httpx2.Response:
        """A request and its operation: the answer of the resource afterwards (of the operation, where it failed)."""
        answer = await self.call(method, path, body, version)
        assert answer.is_success, answer.text
        await self.turn()
        status = answer.headers.get("azure-asyncoperation")
        if status and (polled := await self.call("GET", status)).json()["status"] != "Succeeded":
            return polled
        return await self.call("GET", path, version=version)

    async def make_estate(self, workspace: str = "ws", location: str = LOCATION) -> None:
        """Everything that a workspace stands on, and the workspace."""
        for path, body in estate_bodies(self.local.azure.subscription, workspace, location).items():
            answer = await self.call("PUT", path, body)
            assert answer.status_code in {200, 201}, answer.text

    async def register(self, workspace: str = "") -> None:
        """A model, an environment and a code version, each named `a`, version 1."""
        where = workspace or self.workspace
        store = f"azureml:/{where}/datastores/workspaceblobstore/paths"
        for kind, properties in {
            "models": {"modelUri": f"{store}/LocalUpload/ab12/model"},
            "environments": {"image": "mcr.microsoft.com/base:1", "condaFile": CONDA},
            "codes": {"codeUri": f"{self.blobs.url}/upload-ab12/code"},
        }.items():
            answer = await self.call("PUT", f"{where}/{kind}/a/versions/1", {"properties": properties})
            assert answer.status_code == 201, answer.text

    def endpoint(self, name: str = "diabetes") -> str:
        """The id of an endpoint."""
        return f"{self.workspace}/onlineEndpoints/{name}"

    def deployment(self, name: str, endpoint: str = "diabetes") -> str:
        """The id of a deployment."""
        return f"{self.endpoint(endpoint)}/deployments/{name}"

    def endpoint_body(self, traffic: dict[str, int] | None = None, **properties: Any) -> dict[str, Any]:
        """A PUT of an endpoint."""
        maps = {"traffic": traffic or {}, "mirrorTraffic": {}}
        return {
            "location": LOCATION,
            "identity": {"type": "SystemAssigned"},
            "properties": {"authMode": "Key", **maps, **properties},
        }

    def deployment_body(self, capacity: int = 1, **properties: Any) -> dict[str, Any]:
        """A PUT of a managed deployment."""
        code = {"codeId": f"{self.workspace}/codes/a/versions/1", "scoringScript": "score.py"}
        assets = {
            "model": f"{self.workspace}/models/a/versions/1",
            "environmentId": f"{self.workspace}/environments/a/versions/1",
            "codeConfiguration": code,
        }
        plain = {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
        return {
            "location": LOCATION,
            "sku": {"name": "Default", "capacity": capacity},
            "properties": {**assets, **plain, **properties},
        }


def estate_bodies(subscription: str, workspace: str, location: str) -> dict[str, dict[str, Any]]:
    """PUT bodies by path, in order: group rg, what a workspace stands on, the workspace."""
    group = f"/subscriptions/{subscription}/resourceGroups/rg"
    place = {"location": location}

    def of(kind: str, name: str) -> str:
        return f"{group}/providers/{kind}/{name}"

    storage = of("Microsoft.Storage/storageAccounts", "rgstorage")
    vault = of("Microsoft.KeyVault/vaults", "rg-vault")
    logs = of("Microsoft.OperationalInsights/workspaces", "logs")
    insights = of("Microsoft.Insights/components", "rg-insights")
    registry = of("Microsoft.ContainerRegistry/registries", "rgregistry")
    secrets = {"tenantId": "adfs", "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
    web = {"Application_Type": "web", "WorkspaceResourceId": logs}
    needs = {"storageAccount": storage, "keyVault": vault, "applicationInsights": insights}
    return {
        group: place,
        storage: {**place, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}},
        vault: {**place, "properties": secrets},
        logs: place,
        insights: {**place, "kind": "web", "properties": web},
        registry: {**place, "sku": {"name": "Basic"}},
        of("Microsoft.MachineLearningServices/workspaces", workspace): {
            **place,
            "identity": {"type": "SystemAssigned"},
            "properties": {**needs, "containerRegistry": registry},
        },
    }
