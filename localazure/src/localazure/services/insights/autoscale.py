"""Autoscale settings. They are checked and shown; nothing is scaled by them here."""

from typing import Annotated, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Open, Text, TrackedResource, Whole
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.insights.checks import DEPLOYMENT, in_range, once, require_each, require_metric
from localazure.store import Record

TYPE = "Microsoft.Insights/autoscaleSettings"
MOST_PROFILES = 20
MOST_RULES = 10
Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Statistic = Literal["Average", "Min", "Max", "Sum", "Count"]
Aggregation = Literal["Average", "Minimum", "Maximum", "Total", "Count", "Last"]
Operator = Literal["Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]


class Capacity(Body):
    """Limits, as text."""

    minimum: Text
    maximum: Text
    default: Text


class Dimension(Body):
    """A part of a metric."""

    dimension_name: Text = Field(alias="DimensionName")
    operator: Literal["Equals", "NotEquals"] = Field(alias="Operator")
    values: list[Text] = Field(alias="Values")


class Trigger(Body):
    """When a rule acts."""

    metric_name: Text
    metric_namespace: Text | None = None
    metric_resource_uri: Text
    metric_resource_location: Text | None = None
    time_grain: Text
    statistic: Statistic
    time_window: Text
    time_aggregation: Aggregation
    operator: Operator
    threshold: float
    dimensions: list[Dimension] | None = None
    divide_per_instance: Flag | None = None


class Action(Body):
    """What a rule does."""

    direction: Literal["None", "Increase", "Decrease"]
    type: Literal["ChangeCount", "PercentChangeCount", "ExactCount", "ServiceAllowedNextValue"]
    value: Text | None = None
    cooldown: Text


class Rule(Body):
    """A scale rule."""

    metric_trigger: Trigger
    scale_action: Action


class Schedule(Body):
    """The hours of a week."""

    time_zone: Text
    days: list[Day]
    hours: list[Whole]
    minutes: list[Whole]


class Recurrence(Body):
    """A profile that comes back."""

    frequency: Literal["None", "Second", "Minute", "Hour", "Day", "Week", "Month", "Year"]
    schedule: Schedule


class FixedDate(Body):
    """A profile that holds once."""

    time_zone: Text | None = None
    start: Text
    end: Text


class Profile(Body):
    """Limits and rules."""

    name: Text
    capacity: Capacity
    rules: Annotated[list[Rule], Field(max_length=MOST_RULES)]
    fixed_date: FixedDate | None = None
    recurrence: Recurrence | None = None


class Properties(Body):
    """Properties of an autoscale setting."""

    profiles: Annotated[list[Profile], Field(min_length=1, max_length=MOST_PROFILES)]
    notifications: list[Open] | None = None
    enabled: Flag | None = None
    name: Text | None = None
    target_resource_uri: Text
    target_resource_location: Text | None = None


class SettingBody(TrackedResource):
    """PUT of an autoscale setting."""

    properties: Properties


def build(azure: Azure, setting: ResourceId, body: SettingBody, before: Record | None) -> Made:
    """The document; the target is a managed deployment that is there, limits and metrics hold together."""
    del before
    sent = body.properties
    [target] = require_each(azure, "targetResourceUri", [sent.target_resource_uri], DEPLOYMENT)
    if target.document["kind"] != "Managed":
        message = f"The deployment '{target.name}' is on Kubernetes: its router scales it, Azure Monitor does not."
        raise bad_request("BadRequest", message)
    once("The profiles of an autoscale setting", [profile.name for profile in sent.profiles])
    for profile in sent.profiles:
        _check_profile(azure, profile)
    plain = {"enabled": False, "name": setting.name, "targetResourceLocation": target.document["location"]}
    return Made({**plain, "notifications": [], **sent.sent()})


def _check_profile(azure: Azure, profile: Profile) -> None:
    capacity = profile.capacity
    given = (capacity.minimum, capacity.default, capacity.maximum)
    if not all(text.isdigit() for text in given) or sorted(map(int, given)) != list(map(int, given)):
        message = f"Profile '{profile.name}': minimum <= default <= maximum must hold, got {', '.join(given)}."
        raise bad_request("BadRequest", message)
    if profile.recurrence is not None:
        for hour in profile.recurrence.schedule.hours:
            in_range("recurrence.schedule.hours", hour, 0, 23)
        for minute in profile.recurrence.schedule.minutes:
            in_range("recurrence.schedule.minutes", minute, 0, 59)
    for rule in profile.rules:
        trigger = rule.metric_trigger
        [resource] = require_each(azure, "metricTrigger.metricResourceUri", [trigger.metric_resource_uri])
        require_metric("metricTrigger.metricName", trigger.metric_name, resource)
