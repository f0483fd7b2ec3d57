"""Metric alerts, alerts by log query, and the action groups they tell. None of them fires here."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Identity, Text, TrackedResource, Whole
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.insights.checks import in_range, once, require_each, require_metric
from localazure.store import Record

METRIC_ALERT = "Microsoft.Insights/metricAlerts"
QUERY_RULE = "Microsoft.Insights/scheduledQueryRules"
ACTION_GROUP = "Microsoft.Insights/actionGroups"
FREQUENCIES = {"PT1M": 1, "PT5M": 5, "PT10M": 10, "PT15M": 15, "PT30M": 30, "PT45M": 45, "PT1H": 60, "PT2H": 120}
WINDOWS = FREQUENCIES | {"PT3H": 180, "PT4H": 240, "PT5H": 300, "PT6H": 360, "PT12H": 720, "PT24H": 1440, "P1D": 1440}
OF_METRICS = {"PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "PT24H", "P1D"}
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SHORT_NAME = 12


class Dimension(Body):
    """A part of a metric or of a query's rows."""

    name: Text
    operator: Literal["Include", "Exclude"]
    values: list[Text]


class Criterion(Body):
    """A metric and its limit."""

    criterion_type: Literal["StaticThresholdCriterion"]
    name: Text
    metric_name: Text
    metric_namespace: Text | None = None
    dimensions: list[Dimension] | None = None
    operator: Literal["Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]
    threshold: float
    time_aggregation: Literal["Average", "Count", "Minimum", "Maximum", "Total"]
    skip_metric_validation: Flag | None = None


class Criteria(Body):
    """Metrics of one resource, all of which are beyond their limits."""

    odata_type: Literal["Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"] = Field(alias="odata.type")
    all_of: Annotated[list[Criterion], Field(min_length=1)]


class AlertAction(Body):
    """Who is told."""

    action_group_id: Text
    web_hook_properties: dict[str, Text] | None = None


class AlertProperties(Body):
    """Properties of a metric alert."""

    read_only = frozenset({"lastUpdatedTime", "isMigrated"})
    description: Text | None = None
    severity: Whole
    enabled: Flag
    scopes: Annotated[list[Text], Field(min_length=1)]
    evaluation_frequency: Text
    window_size: Text
    criteria: Criteria
    auto_mitigate: Flag | None = None
    actions: list[AlertAction] | None = None
    target_resource_type: Text | None = None
    target_resource_region: Text | None = None


class AlertBody(TrackedResource):
    """PUT of a metric alert."""

    properties: AlertProperties


class FailingPeriods(Body):
    """How many evaluations in how many."""

    number_of_evaluation_periods: Whole
    min_failing_periods_to_alert: Whole


class Condition(Body):
    """A query and the limit of what it gives."""

    query: Text
    time_aggregation: Literal["Count", "Average", "Minimum", "Maximum", "Total"]
    metric_measure_column: Text | None = None
    resource_id_column: Text | None = None
    dimensions: list[Dimension] | None = None
    operator: Literal["Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]
    threshold: float
    failing_periods: FailingPeriods | None = None


class Conditions(Body):
    """All of them."""

    all_of: Annotated[list[Condition], Field(min_length=1)]


class QueryActions(Body):
    """Who is told, and of what."""

    action_groups: list[Text] | None = None
    custom_properties: dict[str, Text] | None = None


class QueryProperties(Body):
    """Properties of an alert by log query."""

    read_only = frozenset({"createdWithApiVersion", "isLegacyLogAnalyticsRule", "isWorkspaceAlertsStorageConfigured"})
    description: Text | None = None
    display_name: Text | None = None
    severity: Whole
    enabled: Flag | None = None
    scopes: Annotated[list[Text], Field(min_length=1)]
    evaluation_frequency: Text
    window_size: Text
    criteria: Conditions
    mute_actions_duration: Text | None = None
    actions: QueryActions | None = None
    skip_query_validation: Flag | None = None
    auto_mitigate: Flag | None = None
    target_resource_types: list[Text] | None = None


class QueryBody(TrackedResource):
    """PUT of an alert by log query."""

    kind: Literal["LogAlert"] | None = None
    identity: Identity | None = None
    properties: QueryProperties


class EmailReceiver(Body):
    """Someone by e-mail."""

    read_only = frozenset({"status"})
    name: Text
    email_address: Text
    use_common_alert_schema: Flag | None = None


class WebhookReceiver(Body):
    """Something by HTTP."""

    name: Text
    service_uri: Text
    use_common_alert_schema: Flag | None = None


class GroupProperties(Body):
    """Properties of an action group."""

    group_short_name: Text
    enabled: Flag
    email_receivers: list[EmailReceiver] | None = None
    webhook_receivers: list[WebhookReceiver] | None = None


class GroupBody(TrackedResource):
    """PUT of an action group."""

    properties: GroupProperties


def build_alert(azure: Azure, alert: ResourceId, body: AlertBody, before: Record | None) -> Made:
    """The document; what it watches is there and has these metrics."""
    del before
    sent = body.properties
    if body.location.lower() != "global":
        raise bad_request("LocationNotAvailable", f"The location of '{alert.name}' must be global.")
    _check_times(sent.evaluation_frequency, sent.window_size, sent.severity, OF_METRICS)
    resources = require_each(azure, "scopes", sent.scopes)
    for criterion in sent.criteria.all_of:
        for resource in resources:
            namespace = criterion.metric_namespace or resource.type
            if namespace.lower() != resource.type.lower():
                message = f"metricNamespace of '{criterion.name}' must be {resource.type}, got {namespace}."
                raise bad_request("BadRequest", message)
            if not criterion.skip_metric_validation:
                require_metric(f"criteria.{criterion.name}", criterion.metric_name, resource)
    require_each(azure, "actions", [a.action_group_id for a in sent.actions or []], ACTION_GROUP.lower())
    properties: dict[str, Any] = {"autoMitigate": True, "actions": [], **sent.sent()}
    return Made(properties)


def build_query_rule(azure: Azure, rule: ResourceId, body: QueryBody, before: Record | None) -> Made:
    """The document; the query itself is not run."""
    del before
    sent = body.properties
    _check_times(sent.evaluation_frequency, sent.window_size, sent.severity, set(WINDOWS))
    if sent.auto_mitigate and sent.mute_actions_duration:
        raise bad_request("BadRequest", f"'{rule.name}': muteActionsDuration is not for autoMitigate true.")
    require_each(azure, "scopes", sent.scopes)
    groups = sent.actions.action_groups if sent.actions else None
    require_each(azure, "actions.actionGroups", groups or [], ACTION_GROUP.lower())
    for condition in sent.criteria.all_of:
        if condition.time_aggregation != "Count" and not condition.metric_measure_column:
            message = f"'{rule.name}': timeAggregation {condition.time_aggregation} needs metricMeasureColumn."
            raise bad_request("BadRequest", message)
        periods = condition.failing_periods
        if periods and not 1 <= periods.min_failing_periods_to_alert <= periods.number_of_evaluation_periods <= 6:
            raise bad_request("BadRequest", f"'{rule.name}': failingPeriods are 1 to 6, the minimum not above them.")
    return Made({"enabled": True, "autoMitigate": True, **sent.sent()}, {"kind": body.kind or "LogAlert"})


def build_group(group: ResourceId, body: GroupBody, before: Record | None) -> Made:
    """The document; receivers have different names."""
    del before
    sent = body.properties
    if not 1 <= len(sent.group_short_name) <= SHORT_NAME:
        message = f"groupShortName of '{group.name}' must have 1 to {SHORT_NAME} characters."
        raise bad_request("BadRequest", message)
    mails, hooks = sent.email_receivers or [], sent.webhook_receivers or []
    once("Receivers", [*(mail.name for mail in mails), *(hook.name for hook in hooks)])
    for mail in mails:
        if MAIL.fullmatch(mail.email_address) is None:
            raise bad_request("BadRequest", f"'{mail.email_address}' is no e-mail address.")
    properties: dict[str, Any] = {"emailReceivers": [], "webhookReceivers": [], **sent.sent()}
    for shown in properties["emailReceivers"]:
        shown["status"] = "Enabled"
    return Made(properties)


def _check_times(frequency: str, window: str, severity: int, windows: set[str]) -> None:
    in_range("severity", severity, 0, 4)
    if frequency not in FREQUENCIES:
        expected = ", ".join(FREQUENCIES)
        raise bad_request("BadRequest", f"evaluationFrequency must be one of {expected}, got {frequency}.")
    if window not in windows or WINDOWS[window] < FREQUENCIES[frequency]:
        expected = ", ".join(sorted(windows, key=lambda each: WINDOWS[each]))
        message = f"windowSize must be one of {expected}, and not below evaluationFrequency {frequency}; got {window}."
        raise bad_request("BadRequest", message)
