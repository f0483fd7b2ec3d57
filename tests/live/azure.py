"""An Azure for the tests marked `live`: the local one in this process, or a real one where AZURE_LIVE=1.

The real one is named by AZURE_LIVE_WORKSPACE, the resource id of a workspace that nobody needs (`pulumi up` of a copy
of Pulumi.dev.yaml makes one), and for tests on a cluster by AZURE_LIVE_CLUSTER, the id of an AKS cluster in its group.
Who runs them is signed in as for `pulumi up`, and owns the resource group. docs/live.md says in which order.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2

from settings.names import log_analytics
from settings.workspace import Workspace

VERSION = "2025-12-01"
_PATIENCE, _PAUSE = 3600, 10


class Azure(Protocol):
    """What a test asks of either; `group` and `workspace` are resource ids."""

    @property
    def group(self) -> str:
        """Its id."""
        ...

    @property
    def workspace(self) -> str:
        """Its id."""
        ...

    async def call(
        self, method: str, path: str, body: Any = None, version: str = VERSION, **query: str
    ) -> httpx2.Response:
        """One request."""
        ...

    async def done(self, method: str, path: str, body: Any = None, version: str = VERSION) -> httpx2.Response:
        """A request and its operation, then the resource (or the operation, where it failed)."""
        ...


def is_real() -> bool:
    """Whether a real Azure is asked."""
    return os.environ.get("AZURE_LIVE") == "1"


@dataclass
class RealAzure:
    """ARM, as whoever is signed in."""

    http: httpx2.AsyncClient
    workspace: str

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator["RealAzure"]:
        """A client with a token for the workspace of AZURE_LIVE_WORKSPACE."""
        from azure.identity import DefaultAzureCredential

        token = DefaultAzureCredential().get_token("https://management.azure.com/.default").token
        headers = {"authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url="https://management.azure.com", headers=headers, timeout=120) as http:
            yield cls(http, os.environ["AZURE_LIVE_WORKSPACE"])

    @property
    def group(self) -> str:
        """The id of its resource group."""
        return self.workspace.partition("/providers/")[0]

    async def call(
        self, method: str, path: str, body: Any = None, version: str = VERSION, **query: str
    ) -> httpx2.Response:
        """One request; a path that is a full URL has its own api-version."""
        params = None if path.startswith("https://") else {"api-version": version, **query}
        json = {} if body is None else {"json": body}
        return await self.http.request(method, path, params=params, **json)

    async def done(self, method: str, path: str, body: Any = None, version: str = VERSION) -> httpx2.Response:
        """A request and its operation: the answer of the resource afterwards (of the operation, where it failed)."""
        answer = await self.call(method, path, body, version)
        assert answer.is_success, answer.text
        status = answer.headers.get("azure-asyncoperation")
        for _ in range(_PATIENCE // _PAUSE if status else 0):
            polled = await self.call("GET", status)
            state = polled.json()["status"].lower()
            if state in {"failed", "canceled"}:
                return polled
            if state == "succeeded":
                break
            await asyncio.sleep(_PAUSE)
        return await self.call("GET", path, version=version)


def logs_of(azure: Azure) -> str:
    """The id of the Log Analytics workspace in the group: the stack's, or that of the tests' own estate."""
    group, name = azure.group.rpartition("/")[2], azure.workspace.rpartition("/")[2]
    workspace = Workspace.model_validate({"name": name, "resourceGroup": group}) if is_real() else None
    found = log_analytics(workspace) if workspace else "logs"
    return f"{azure.group}/providers/Microsoft.OperationalInsights/workspaces/{found}"
