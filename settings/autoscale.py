"""How many instances a deployment has when its number is not the stack's to say."""

from typing import Annotated, Literal

from pydantic import Field

from settings.types import Shape

Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
TIME_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"
ZONE_PATTERN = r"^(UTC([+-]\d{2})?|[A-Z][A-Za-z. -]* (Standard Time( \(Mexico\))?|Time Zone \d{1,2}))$"
_WEEKDAYS: tuple[Day, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


class MetricRule(Shape):
    """Scale by a metric, averaged over the instances and `windowMinutes`: out above `above`, in below `below`.

    Metrics in percent, but `latencyMs` (the endpoint's mean latency). Both limits are set, far apart: a deployment that
    can only grow never shrinks, and limits that are close make it swing. Cool-down in minutes.
    """

    metric: Literal["cpu", "memory", "gpu", "latencyMs"] = "cpu"
    above: Annotated[float, Field(gt=0, strict=False, allow_inf_nan=False)] = 70
    below: Annotated[float, Field(ge=0, strict=False, allow_inf_nan=False)] = 30
    add: Annotated[int, Field(ge=1, le=50)] = 2
    remove: Annotated[int, Field(ge=1, le=50)] = 1
    window_minutes: Annotated[int, Field(ge=5, le=720)] = 5
    cool_down_minutes: Annotated[int, Field(ge=1, le=10_080)] = 5


class Schedule(Shape):
    """Other limits from `start` to `end` (HH:MM in `timeZone`, a Windows name such as UTC) on these days."""

    days: tuple[Day, ...] = Field(default=_WEEKDAYS, strict=False, min_length=1)
    start: Annotated[str, Field(pattern=TIME_PATTERN)]
    end: Annotated[str, Field(pattern=TIME_PATTERN)]
    time_zone: Annotated[str, Field(pattern=ZONE_PATTERN)] = "UTC"
    min: Annotated[int, Field(ge=1)]
    max: Annotated[int, Field(ge=1)]


class Autoscale(Shape):
    """The autoscaler owns the instance count between `min` and `max`; then the stack names none.

    Managed deployments: Azure Monitor scales by `rules` and `schedules`. On Kubernetes the router scales, by the share
    of busy replicas: above `targetUtilization` percent there are more within about 1 s, below it fewer within about
    1 min; it looks every `pollingSeconds`. Source: the AKS inference article; Azure ML, autoscale online endpoints.
    """

    min: Annotated[int, Field(ge=1)]
    max: Annotated[int, Field(ge=1)]
    default: Annotated[int, Field(ge=1)] | None = None
    rules: tuple[MetricRule, ...] = Field(default=(MetricRule(),), strict=False, max_length=5)
    schedules: dict[str, Schedule] = Field(default={}, max_length=9)
    target_utilization: Annotated[int, Field(ge=1, le=100)] = 70
    polling_seconds: Annotated[int, Field(ge=1)] = 1
