"""The request model of diagnostic settings, which azure-mgmt-monitor no longer has.

Written after Microsoft's own definition: Azure/azure-rest-api-specs, Microsoft.Insights, 2021-05-01-preview,
diagnosticsSettings_API.json. Names, types and what is required are as they stand there; the read-only keys (id, name,
type, systemData) are left out, so that they are refused.
"""

from typing import Required, TypedDict


class RetentionPolicy(TypedDict):
    """How many days what is kept in storage stays."""

    enabled: bool
    days: int


class MetricSettings(TypedDict, total=False):
    """A category of metrics."""

    timeGrain: str
    category: str
    enabled: Required[bool]
    retentionPolicy: RetentionPolicy


class LogSettings(TypedDict, total=False):
    """A category of logs, or a group of them."""

    category: str
    categoryGroup: str
    enabled: Required[bool]
    retentionPolicy: RetentionPolicy


class DiagnosticSettings(TypedDict, total=False):
    """What goes where."""

    storageAccountId: str
    serviceBusRuleId: str
    eventHubAuthorizationRuleId: str
    eventHubName: str
    metrics: list[MetricSettings]
    logs: list[LogSettings]
    workspaceId: str
    marketplacePartnerId: str
    logAnalyticsDestinationType: str


class DiagnosticSettingsResource(TypedDict, total=False):
    """The body of a PUT."""

    properties: DiagnosticSettings
