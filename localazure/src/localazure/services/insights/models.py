"""Application Insights components: what a PUT may say, what a GET answers. No telemetry is taken in."""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Text, TrackedResource, Whole
from localazure.arm.context import Azure
from localazure.arm.ids import ResourceId
from localazure.arm.operations import new_guid
from localazure.arm.resources import Made, missing
from localazure.store import Record

TYPE = "Microsoft.Insights/components"
LOGS_TYPE = "microsoft.operationalinsights/workspaces"


class Properties(Body):
    """Properties of a component; several are spelt in the service's own way."""

    read_only = frozenset(
        {"AppId", "ApplicationId", "InstrumentationKey", "ConnectionString", "CreationDate", "Name", "TenantId"}
        | {"provisioningState", "HockeyAppToken", "PrivateLinkScopedResources", "LaMigrationDate"}
    )
    application_type: Text = Field(alias="Application_Type")
    flow_type: Text | None = Field(None, alias="Flow_Type")
    request_source: Text | None = Field(None, alias="Request_Source")
    hockey_app_id: Text | None = Field(None, alias="HockeyAppId")
    sampling_percentage: float | None = Field(None, alias="SamplingPercentage")
    retention_in_days: Whole | None = Field(None, alias="RetentionInDays")
    disable_ip_masking: Flag | None = Field(None, alias="DisableIpMasking")
    immediate_purge: Flag | None = Field(None, alias="ImmediatePurgeDataOn30Days")
    workspace_resource_id: Text | None = Field(None, alias="WorkspaceResourceId")
    public_network_access_for_ingestion: Text | None = None
    public_network_access_for_query: Text | None = None
    ingestion_mode: Text | None = Field(None, alias="IngestionMode")
    disable_local_auth: Flag | None = Field(None, alias="DisableLocalAuth")
    force_customer_storage: Flag | None = Field(None, alias="ForceCustomerStorageForProfiler")


class ComponentBody(TrackedResource):
    """PUT of a component."""

    kind: Text
    properties: Properties


def builder(azure: Azure) -> Callable[[ResourceId, ComponentBody, Record | None], Made]:
    """Builds a component's document; its Log Analytics workspace must be there."""

    def build(component: ResourceId, body: ComponentBody, before: Record | None) -> Made:
        sent = body.properties.sent()
        logs = sent.get("WorkspaceResourceId")
        known = azure.store.get(logs) if logs else None
        if logs and (known is None or known.type != LOGS_TYPE):
            raise missing(f"The Log Analytics workspace '{logs}' does not exist.")
        old: dict[str, Any] = before.properties if before else {}
        key = old.get("InstrumentationKey") or new_guid()
        properties: dict[str, Any] = {
            "AppId": old.get("AppId") or new_guid(),
            "ApplicationId": component.name,
            "Name": component.name,
            "InstrumentationKey": key,
            "ConnectionString": f"InstrumentationKey={key}",
            "TenantId": azure.subscription,
            "provisioningState": "Succeeded",
            "RetentionInDays": 90,
            "IngestionMode": "LogAnalytics" if logs else "ApplicationInsights",
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        }
        return Made(properties | sent, {"kind": body.kind})

    return build
