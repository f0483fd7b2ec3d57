"""How many instances a deployment has when its number is not the stack's to say."""

from typing import Annotated, Literal

from pydantic import Field

from settings.types import Shape

Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
TIME_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"
ZONE_PATTERN = r"^(UTC([+-]\d{2})?|[A-Z][A-Za-z. -]* (Standard Time( \(Mexico\))?|Time Zone \d{1,2}))$"
_WEEKDAYS: tuple[Day, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


class MetricRule(Shape):
    """One metric to scale by, as the mean of all instances over the window.

    Set the two limits far apart: a deployment that can only grow never shrinks, and limits that are close make it
    swing.

    Example:
      - {metric: cpu, above: 70, below: 30, add: 2, remove: 1, windowMinutes: 5, coolDownMinutes: 5}
      - {metric: latencyMs, above: 400, below: 100}
    """

    metric: Literal["cpu", "memory", "gpu", "latencyMs"] = "cpu"
    """Use of cpu, memory or gpu in percent, or the endpoint's mean latency in milliseconds."""
    above: Annotated[float, Field(gt=0, strict=False, allow_inf_nan=False)] = 70
    """Above this value instances are added."""
    below: Annotated[float, Field(ge=0, strict=False, allow_inf_nan=False)] = 30
    """Below this value instances are removed."""
    add: Annotated[int, Field(ge=1, le=50)] = 2
    """How many are added at once."""
    remove: Annotated[int, Field(ge=1, le=50)] = 1
    """How many are removed at once."""
    window_minutes: Annotated[int, Field(ge=5, le=720)] = 5
    """Over how many minutes the mean is taken."""
    cool_down_minutes: Annotated[int, Field(ge=1, le=10_080)] = 5
    """Minutes after a change in which nothing changes again."""


class Schedule(Shape):
    """Other limits at some hours of some days.

    Example:
      night: {days: [Monday, Friday], start: "20:00", end: "06:00", timeZone: W. Europe Standard Time, min: 1, max: 2}
    """

    days: tuple[Day, ...] = Field(default=_WEEKDAYS, strict=False, min_length=1)
    """The days on which it starts."""
    start: Annotated[str, Field(pattern=TIME_PATTERN)]
    """When it starts, as HH:MM in quotes."""
    end: Annotated[str, Field(pattern=TIME_PATTERN)]
    """When it ends, as HH:MM in quotes."""
    time_zone: Annotated[str, Field(pattern=ZONE_PATTERN)] = "UTC"
    """The time zone, as Windows calls it."""
    min: Annotated[int, Field(ge=1)]
    """The fewest instances in these hours."""
    max: Annotated[int, Field(ge=1)]
    """The most instances in these hours."""


class Autoscale(Shape):
    """The autoscaler sets the number of instances, between `min` and `max`. The stack then names none.

    Managed deployments: Azure Monitor scales by `rules` and `schedules`. On Kubernetes the router scales by the
    share of busy replicas: above `targetUtilization` there are more within about 1 s, below it there are fewer
    within about 1 min. Source: the AKS inference article; Azure ML, autoscale online endpoints.

    Example:
      min: 3
      max: 9
      default: 3
      rules: [{metric: cpu, above: 70, below: 30}]
      schedules: {night: {start: "20:00", end: "06:00", min: 1, max: 2}}
      targetUtilization: 70             # this and the next one are read on Kubernetes
      pollingSeconds: 1
    """

    min: Annotated[int, Field(ge=1)]
    """The fewest instances."""
    max: Annotated[int, Field(ge=1)]
    """The most instances."""
    default: Annotated[int, Field(ge=1)] | None = None
    """Managed only: how many instances run where Azure has no measurement. Left out: `min`."""
    rules: tuple[MetricRule, ...] = Field(default=(MetricRule(),), strict=False, max_length=5)
    """Managed only: the metrics to scale by. Left out: one rule, with the defaults below."""
    schedules: dict[str, Schedule] = Field(default={}, max_length=9)
    """Managed only: other limits at some hours, each by a name."""
    target_utilization: Annotated[int, Field(ge=1, le=100)] = 70
    """Kubernetes only: the share of busy replicas that the router aims at, in percent."""
    polling_seconds: Annotated[int, Field(ge=1)] = 1
    """Kubernetes only: how often the router looks."""
