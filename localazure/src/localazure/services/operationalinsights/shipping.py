"""Brings what was served and said to the tables, where a diagnostic setting of the endpoint sends it there."""

import logging
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from localazure.arm.context import Azure
from localazure.arm.ids import parse_id
from localazure.services.insights.minutes import MIRRORED, Minute, Minutes
from localazure.services.insights.watching import SETTING
from localazure.services.machinelearning.names import ENDPOINT
from localazure.services.operationalinsights.logs import KEPT, Logs
from localazure.serving.contract import Said, Served, Serving
from localazure.store import Record

LOG = logging.getLogger("localazure.logs")
TRAFFIC, CONSOLE = "AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog"


class Shipper:
    """Takes in what was served since the last time; its times become those of Azure's clock."""

    def __init__(
        self, azure: Azure, serving: Serving, logs: Logs, minutes: Minutes, wall: Callable[[], float] = time.time
    ) -> None:
        self._azure, self._serving, self._logs, self._minutes, self._wall = azure, serving, logs, minutes, wall

    def ship(self) -> None:
        """Once; what can't be stored is lost, as a log's row may be."""
        served, said = list(self._serving.served()), list(self._serving.said())
        if not served and not said:
            return
        endpoints = {record.name.lower(): record for record in self._azure.store.of_type(ENDPOINT)}
        try:
            self._requests(served, endpoints)
            self._lines(said, endpoints)
        except sqlite3.Error as error:
            LOG.warning("rows of the log are lost: %s", error)

    def forget(self) -> None:
        """Drop all."""
        self._logs.forget()

    def close(self) -> None:
        """Close the tables."""
        self._logs.close()

    def forget_old(self) -> None:
        """Drop what a workspace keeps no longer."""
        self._logs.forget(self._azure.clock.now().timestamp() - KEPT)

    def _requests(self, served: Iterable[Served], endpoints: dict[str, Record]) -> None:
        now, wall = self._azure.clock.now().timestamp(), self._wall()
        rows: defaultdict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
        sent_to = {name: list(self._destinations(endpoint, TRAFFIC)) for name, endpoint in endpoints.items()}
        for request in served:
            at = now - (wall - request.at) * self._azure.clock.pace
            if request.mirrored:
                self._count(request, int(at) // 60 * 60)
            if (endpoint := endpoints.get(request.endpoint.lower())) is not None:
                row = {**_common(endpoint, request.deployment, at), **_traffic(request, endpoint)}
                for destination in sent_to[request.endpoint.lower()]:
                    rows[destination, request.mirrored].append(row)
        for (destination, mirrored), found in rows.items():
            self._logs.add(TRAFFIC, destination, found, mirrored)

    def _lines(self, said: Iterable[Said], endpoints: dict[str, Record]) -> None:
        now = self._azure.clock.now().timestamp()
        rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        sent_to = {name: list(self._destinations(endpoint, CONSOLE)) for name, endpoint in endpoints.items()}
        for one in said:
            if (endpoint := endpoints.get(one.endpoint.lower())) is not None:
                row = _common(endpoint, one.deployment, now) | {"Type": CONSOLE, "InstanceId": one.instance}
                row |= {"ContainerName": "inference-server", "Message": one.line}
                for destination in sent_to[one.endpoint.lower()]:
                    rows[destination].append(row)
        for destination, found in rows.items():
            self._logs.add(CONSOLE, destination, found)

    def _count(self, request: Served, minute: int) -> None:
        status = str(request.status), str(request.model or "")
        more = Minute(Counter({status: 1}), Counter({round(request.total, 1): 1}))
        self._minutes.add(request.endpoint.lower() + MIRRORED, minute, request.deployment, more)

    def _destinations(self, endpoint: Record, category: str) -> Iterator[str]:
        """The workspaces to which a category of the endpoint's logs goes; only tables of their own are modelled."""
        for setting in self._azure.store.of_type(SETTING):
            extended = parse_id(parse_id(setting.id).scope)  # type: ignore[union-attr]
            sent = setting.properties
            if extended is None or extended.text.lower() != endpoint.id.lower() or not sent.get("workspaceId"):
                continue
            categories = [each for each in sent.get("logs") or [] if each.get("enabled")]
            wanted = any(
                each.get("category") == category or each.get("categoryGroup") == "allLogs" for each in categories
            )
            if wanted and sent.get("logAnalyticsDestinationType") == "Dedicated":
                yield str(sent["workspaceId"]).lower()


def _common(endpoint: Record, deployment: str, at: float) -> dict[str, Any]:
    workspace = endpoint.id.partition("/onlineEndpoints/")[0]
    return {
        "TimeGenerated": at,
        "Location": endpoint.document["location"],
        "AzureMLWorkspaceId": workspace,
        "AzureMLWorkspaceName": workspace.rpartition("/")[2],
        "EndpointName": endpoint.name,
        "DeploymentName": deployment,
        "_ResourceId": workspace.lower(),
    }


def _traffic(request: Served, endpoint: Record) -> dict[str, Any]:
    return {
        "Type": TRAFFIC,
        "Method": request.method,
        "Path": request.path,
        "Protocol": request.protocol,
        "AuthType": endpoint.properties.get("authMode"),
        "IdentityData": "",
        "UserAgent": request.agent,
        "XRequestId": request.id,
        "XMSClientRequestId": request.client_id,
        "ResponseCode": request.status,
        "ResponseCodeReason": request.reason,
        "ModelStatusCode": request.model or None,
        "ModelStatusReason": request.reason,
        "RequestPayloadSize": request.received,
        "ResponsePayloadSize": request.sent,
        "TotalDurationMs": int(request.total),
        "RequestDurationMs": int(request.received_after),
        "ResponseDurationMs": int(request.answered_after),
        "RequestThrottlingDelayMs": 0,
        "ResponseThrottlingDelayMs": 0,
    }
