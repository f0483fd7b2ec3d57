"""Log Analytics workspaces: what a PUT may say, what a GET answers. No logs are taken in."""

import secrets
from typing import Any

from localazure.arm.bodies import Body, Flag, Identity, Open, Text, TrackedResource, Whole
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.operations import new_guid
from localazure.arm.resources import Made
from localazure.store import Record

TYPE = "Microsoft.OperationalInsights/workspaces"


class Properties(Body):
    """Properties of a Log Analytics workspace."""

    read_only = frozenset(
        {"provisioningState", "customerId", "createdDate", "modifiedDate", "privateLinkScopedResources"}
    )
    default_data_collection_rule_resource_id: Text | None = None
    features: Open | None = None
    force_cmk_for_query: Flag | None = None
    public_network_access_for_ingestion: Text | None = None
    public_network_access_for_query: Text | None = None
    retention_in_days: Whole | None = None
    sku: Open | None = None
    workspace_capping: Open | None = None


class WorkspaceBody(TrackedResource):
    """PUT of a Log Analytics workspace."""

    identity: Identity | None = None
    properties: Properties = Properties()


def build(workspace: ResourceId, body: WorkspaceBody, before: Record | None) -> Made:
    """The workspace's document; its customer id and shared keys are made once."""
    sent = body.properties.sent()
    days = sent.get("retentionInDays", 30)
    if not 7 <= days <= 730:
        raise bad_request("InvalidParameter", f"'RetentionInDays' of '{workspace.name}' must be 7 to 730, got {days}.")
    properties: dict[str, Any] = {
        "customerId": before.properties["customerId"] if before else new_guid(),
        "provisioningState": "Succeeded",
        "sku": {"name": "PerGB2018"},
        "retentionInDays": 30,
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        "features": {"enableLogAccessUsingOnlyResourcePermissions": True},
    }
    keys = {"primarySharedKey": secrets.token_urlsafe(48), "secondarySharedKey": secrets.token_urlsafe(48)}
    return Made(properties | sent, private={} if before else {"keys": keys})
