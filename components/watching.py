"""Logs of an endpoint and where they go, and the workbook of all endpoints."""

from __future__ import annotations

import json

import pulumi
from pulumi_azure_native import applicationinsights, monitor
from pulumi_azure_native import machinelearningservices as ml

from components.alerts import FAILED
from components.foundation import Foundation
from components.options import TYPE_PREFIX, child
from settings import names
from settings.stack import Stack
from settings.watching import Diagnostics

# Categories of online endpoints. Source: Azure ML, monitor online endpoints.
LOGS = ("AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog")


def diagnose(parent: pulumi.Resource, wanted: Diagnostics, endpoint: ml.OnlineEndpoint, base: Foundation) -> None:
    """Sends an endpoint's logs and metrics to Log Analytics, to blobs, or to both; to neither: nothing is declared."""
    if not (wanted.log_analytics or wanted.blob):
        return
    name = f"{endpoint._name}-diagnostics"
    monitor.DiagnosticSetting(
        name,
        name=name,
        resource_uri=endpoint.id,
        workspace_id=base.log_analytics_id if wanted.log_analytics else None,
        storage_account_id=base.storage_id if wanted.blob else None,
        # Tables of their own instead of the one AzureDiagnostics: the alert's query reads one by its name.
        log_analytics_destination_type="Dedicated" if wanted.log_analytics else None,
        logs=[monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True) for category in LOGS],
        metrics=[monitor.DiagnosticsMetricSettingsArgs(category="AllMetrics", enabled=True)],
        opts=child(parent),
    )


class Workbook(pulumi.ComponentResource):
    """One page for an operator: requests by deployment and status, latency, errors by minute, from the traffic log."""

    def __init__(self, name: str, stack: Stack, base: Foundation, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"{TYPE_PREFIX}:Workbook", name, None, opts)
        applicationinsights.Workbook(
            name,
            # Azure wants a GUID as a workbook's name.
            resource_name_=names.guid(stack.workspace.resource_group, stack.workspace.name, name),
            resource_group_name=stack.workspace.resource_group,
            location=stack.location,
            kind=applicationinsights.WorkbookSharedTypeKind.SHARED,
            category="workbook",
            display_name=f"Online endpoints of {stack.workspace.name}",
            source_id=base.log_analytics_id,
            serialized_data=serialized(sorted(stack.endpoints)),
            version="Notebook/1.0",
            tags=dict(sorted(stack.tags.items())),
            opts=child(self),
        )
        self.register_outputs({})


def serialized(endpoints: list[str]) -> str:
    """The workbook as Azure Monitor stores it (Notebook/1.0): a heading, then three charts for each endpoint."""
    items: list[object] = []
    for endpoint in endpoints:
        log = f"AmlOnlineEndpointTrafficLog | where EndpointName =~ '{endpoint}'"
        by = "by bin(TimeGenerated, 1m), DeploymentName"
        items += [
            {"type": 1, "content": {"json": f"## {endpoint}"}, "name": f"{endpoint} heading"},
            _chart(f"{endpoint}: requests", f"{log} | summarize Requests = count() {by}"),
            _chart(f"{endpoint}: p99 in ms", f"{log} | summarize P99 = percentile(TotalDurationMs, 99) {by}"),
            _chart(
                f"{endpoint}: percent failed (408, 424, 429, 5xx)",
                f"{log} | summarize Percent = 100.0 * countif({FAILED}) / count() {by}",
            ),
        ]
    return json.dumps({"version": "Notebook/1.0", "items": items, "isLocked": False}, sort_keys=True)


def _chart(title: str, query: str) -> dict[str, object]:
    content = {
        "version": "KqlItem/1.0",
        "query": query,
        "title": title,
        "queryType": 0,
        "resourceType": "microsoft.operationalinsights/workspaces",
        "visualization": "timechart",
        "timeContext": {"durationMs": 14_400_000},
    }
    return {"type": 3, "content": content, "name": title}
