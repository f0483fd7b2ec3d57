"""Data collection rules and what they are hung on. Nothing is collected by them here."""

from typing import Literal

from localazure.arm.bodies import Body, Child, Identity, Open, Text, TrackedResource
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.operations import new_guid
from localazure.arm.resources import Made
from localazure.services.insights.checks import once, require_each
from localazure.services.insights.models import LOGS_TYPE
from localazure.store import Record

RULE = "Microsoft.Insights/dataCollectionRules"
ASSOCIATION = "Microsoft.Insights/dataCollectionRuleAssociations"


class Extension(Body):
    """What an agent's extension collects, in settings of its own."""

    name: Text
    extension_name: Text
    streams: list[Text]
    extension_settings: Open | None = None
    input_data_sources: list[Text] | None = None


class Sources(Body):
    """Where data comes from; of its kinds only extensions."""

    extensions: list[Extension] | None = None


class Logs(Body):
    """A Log Analytics workspace by a name that flows use."""

    read_only = frozenset({"workspaceId"})
    name: Text
    workspace_resource_id: Text


class Destinations(Body):
    """Where data goes; of its kinds only Log Analytics."""

    log_analytics: list[Logs] | None = None


class Flow(Body):
    """Which streams go where."""

    streams: list[Text]
    destinations: list[Text]
    transform_kql: Text | None = None
    output_stream: Text | None = None


class RuleProperties(Body):
    """Properties of a data collection rule."""

    read_only = frozenset({"immutableId", "provisioningState", "endpoints", "metadata"})
    description: Text | None = None
    data_collection_endpoint_id: Text | None = None
    data_sources: Sources | None = None
    destinations: Destinations | None = None
    data_flows: list[Flow] | None = None


class RuleBody(TrackedResource):
    """PUT of a data collection rule."""

    kind: Literal["Linux", "Windows"] | None = None
    identity: Identity | None = None
    properties: RuleProperties


class AssociationProperties(Body):
    """Properties of an association."""

    read_only = frozenset({"provisioningState", "metadata"})
    description: Text | None = None
    data_collection_rule_id: Text | None = None
    data_collection_endpoint_id: Text | None = None


class AssociationBody(Child):
    """PUT of an association, on the resource that data is collected of."""

    properties: AssociationProperties


def build_rule(azure: Azure, rule: ResourceId, body: RuleBody, before: Record | None) -> Made:
    """The document; its workspaces are there, and its flows use the names of its destinations."""
    sent = body.properties
    workspaces = (sent.destinations.log_analytics or []) if sent.destinations else []
    require_each(azure, "destinations.logAnalytics", [one.workspace_resource_id for one in workspaces], LOGS_TYPE)
    names = [one.name for one in workspaces]
    once("The destinations of a data collection rule", names)
    for flow in sent.data_flows or []:
        if unknown := sorted(set(flow.destinations) - set(names)):
            message = f"Data flows of '{rule.name}' name destinations that are not declared: {', '.join(unknown)}."
            raise bad_request("InvalidPayload", message)
    own = before.properties["immutableId"] if before else f"dcr-{new_guid().replace('-', '')}"
    properties = {**sent.sent(), "immutableId": own, "provisioningState": "Succeeded"}
    return Made(properties, {"kind": body.kind} if body.kind else {})


def build_association(azure: Azure, association: ResourceId, body: AssociationBody, before: Record | None) -> Made:
    """The document; it names a rule, or an endpoint, that is there."""
    del before
    sent = body.properties
    if (sent.data_collection_rule_id is None) == (sent.data_collection_endpoint_id is None):
        message = f"The association '{association.name}' names one of dataCollectionRuleId, dataCollectionEndpointId."
        raise bad_request("InvalidPayload", message)
    rules = [sent.data_collection_rule_id] if sent.data_collection_rule_id else []
    require_each(azure, "dataCollectionRuleId", rules, RULE.lower())
    return Made({**sent.sent(), "provisioningState": "Succeeded"})
