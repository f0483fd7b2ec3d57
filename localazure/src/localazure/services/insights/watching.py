"""Diagnostic settings and workbooks. No log is sent anywhere by them here."""

import json
import uuid
from typing import Literal

from localazure.arm.bodies import Body, Child, Flag, Identity, Text, TrackedResource, Whole
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId, parse_id
from localazure.arm.operations import timestamp
from localazure.arm.resources import Made
from localazure.services.insights.checks import ENDPOINT, require_each
from localazure.services.insights.models import LOGS_TYPE
from localazure.store import Record

SETTING = "Microsoft.Insights/diagnosticSettings"
WORKBOOK = "Microsoft.Insights/workbooks"
STORAGE = "microsoft.storage/storageaccounts"
# Log categories by type. Source: Azure Monitor, supported resource logs.
LOGS = {ENDPOINT: {"AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog", "AmlOnlineEndpointTrafficLog"}}


class Retention(Body):
    """How long a category is kept."""

    enabled: Flag
    days: Whole


class Category(Body):
    """A category of logs or metrics, or a group of categories."""

    category: Text | None = None
    category_group: Text | None = None
    enabled: Flag
    retention_policy: Retention | None = None


class SettingProperties(Body):
    """Properties of a diagnostic setting."""

    event_hub_authorization_rule_id: Text | None = None
    event_hub_name: Text | None = None
    log_analytics_destination_type: Literal["Dedicated", "AzureDiagnostics"] | None = None
    logs: list[Category] | None = None
    metrics: list[Category] | None = None
    storage_account_id: Text | None = None
    workspace_id: Text | None = None


class SettingBody(Child):
    """PUT of a diagnostic setting."""

    properties: SettingProperties


class WorkbookProperties(Body):
    """Properties of a workbook."""

    read_only = frozenset({"timeModified", "userId", "revision"})
    display_name: Text
    serialized_data: Text
    category: Text
    description: Text | None = None
    source_id: Text | None = None
    storage_uri: Text | None = None
    tags: list[Text] | None = None
    version: Text | None = None


class WorkbookBody(TrackedResource):
    """PUT of a workbook."""

    kind: Literal["shared"] | None = None
    identity: Identity | None = None
    properties: WorkbookProperties


def build_setting(azure: Azure, setting: ResourceId, body: SettingBody, before: Record | None) -> Made:
    """The document; it has a destination that is there, and categories of what it extends."""
    del before
    sent = body.properties
    if not (sent.workspace_id or sent.storage_account_id or sent.event_hub_authorization_rule_id):
        message = f"The diagnostic setting '{setting.name}' needs a destination: workspaceId or storageAccountId."
        raise bad_request("BadRequest", message)
    require_each(azure, "workspaceId", [sent.workspace_id] if sent.workspace_id else [], LOGS_TYPE)
    require_each(azure, "storageAccountId", [sent.storage_account_id] if sent.storage_account_id else [], STORAGE)
    extended = parse_id(setting.scope)
    known = LOGS.get(extended.type.lower()) if extended else None
    for one in sent.logs or []:
        if (one.category is None) == (one.category_group is None):
            raise bad_request("BadRequest", f"A log of '{setting.name}' needs category or categoryGroup.")
        if known is not None and one.category is not None and one.category not in known:
            message = f"Category '{one.category}' is not supported: expected {', '.join(sorted(known))}."
            raise bad_request("BadRequest", message)
    for one in sent.metrics or []:
        if one.category != "AllMetrics":
            raise bad_request("BadRequest", f"Metric category '{one.category}' is not supported: AllMetrics.")
    return Made({"logs": [], "metrics": [], **sent.sent()})


def build_workbook(azure: Azure, workbook: ResourceId, body: WorkbookBody, before: Record | None) -> Made:
    """The document; its name is a GUID and its content JSON."""
    del before
    try:
        uuid.UUID(workbook.name)
    except ValueError:
        raise bad_request("BadRequest", f"The name of a workbook must be a GUID, got '{workbook.name}'.") from None
    sent = body.properties
    try:
        json.loads(sent.serialized_data)
    except ValueError as error:
        raise bad_request("BadRequest", f"serializedData of '{workbook.name}' is no JSON ({error}).") from None
    if sent.source_id and sent.source_id.startswith("/"):
        require_each(azure, "sourceId", [sent.source_id])
    own = {"timeModified": timestamp(azure.clock.now()), "version": "Notebook/1.0"}
    return Made({**own, **sent.sent()}, {"kind": body.kind or "shared"})
