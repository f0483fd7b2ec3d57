"""Maintenance configurations: when a cluster may be upgraded."""

import re
from typing import Literal

from localazure.arm.bodies import Body, Child, Text, Whole
from localazure.arm.errors import not_modelled
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.containerservice.errors import invalid
from localazure.store import Record

TYPE = "Microsoft.ContainerService/managedClusters/maintenanceConfigurations"
NAMES = {"default", "aksmanagedautoupgradeschedule", "aksmanagednodeosupgradeschedule"}
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
Day = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


class Daily(Body):
    """Every so many days."""

    interval_days: Whole


class Weekly(Body):
    """On one day, every so many weeks."""

    interval_weeks: Whole
    day_of_week: Day


class Schedule(Body):
    """One of its kinds."""

    daily: Daily | None = None
    weekly: Weekly | None = None


class Window(Body):
    """When, and for how many hours."""

    schedule: Schedule
    duration_hours: Whole
    start_time: Text
    start_date: Text | None = None
    utc_offset: Text | None = None


class Properties(Body):
    """Properties of a maintenance configuration."""

    maintenance_window: Window


class ConfigurationBody(Child):
    """PUT of a maintenance configuration."""

    properties: Properties


def build_configuration(configuration: ResourceId, body: ConfigurationBody, before: Record | None) -> Made:
    """The document; the service knows three names, and a window is 4 to 24 hours."""
    del before
    if configuration.name.lower() not in NAMES:
        raise invalid("configName", f"'{configuration.name}' must be one of {', '.join(sorted(NAMES))}.")
    if configuration.name.lower() == "default":
        raise not_modelled("the maintenance configuration 'default' (timeInWeek, notAllowedTime)")
    window = body.properties.maintenance_window
    if not 4 <= window.duration_hours <= 24:
        raise invalid("maintenanceWindow.durationHours", f"It must be 4 to 24, got {window.duration_hours}.")
    if TIME.fullmatch(window.start_time) is None:
        raise invalid("maintenanceWindow.startTime", f"It must be HH:MM, got '{window.start_time}'.")
    if window.utc_offset and OFFSET.fullmatch(window.utc_offset) is None:
        raise invalid("maintenanceWindow.utcOffset", f"It must be like +01:00, got '{window.utc_offset}'.")
    if len(window.schedule.sent()) != 1:
        raise invalid("maintenanceWindow.schedule", "It must be one of daily, weekly.")
    return Made(body.properties.sent())
