"""Who is told what: alerts and their action group, logs and where they go, the workbook."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.existing import ACTION_GROUP, Existing, of_type, refuse_settings
from settings.types import MaySecret, Percentage, Shape

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), MaySecret]
Webhook = Annotated[str, Field(pattern=r"^https://\S+$"), MaySecret]


class ActionGroup(Shape):
    """Who gets an alert: e-mail addresses and webhooks (https), each by a name. `shortName` stands in text messages.

    `existing`: a group that others own.
    """

    existing: Annotated[Existing | None, BeforeValidator(of_type(ACTION_GROUP))] = None
    short_name: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    emails: dict[str, Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), MaySecret]] = Field(
        default_factory=dict
    )
    webhooks: dict[str, Annotated[str, Field(pattern=r"^https://\S+$"), MaySecret]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        refuse_settings(self)
        if self.existing is None and self.short_name is None:
            raise ValueError("a shortName of 1 to 12 characters, or existing with a resource id")
        if self.existing is not None and self.existing.name is None:
            raise ValueError("existing with its id, or with name and resourceGroup")
        return self


class Alerts(Shape):
    """When an alert fires, for every deployment; a limit that is left out watches nothing.

    `latencyP99Ms`: 99 of 100 requests within so many milliseconds. `errorPercent`: share of answers 408, 424, 429 and
    5xx, reckoned from the traffic log: what users see of a model that errs, is too slow or has too few instances.
    `cpuPercent`, `memoryPercent`: mean over the instances. `capacity`: fewer instances run than the stack wants, or the
    autoscaler stands at its maximum. Windows in minutes; severity 0 (critical) to 4.
    """

    latency_p99_ms: Annotated[int, Field(gt=0)] | None = None
    error_percent: Percentage | None = None
    cpu_percent: Percentage | None = None
    memory_percent: Percentage | None = None
    capacity: bool = False
    window_minutes: Literal[1, 5, 15, 30, 60] = 5
    severity: Annotated[int, Field(ge=0, le=4)] = 2


class Diagnostics(Shape):
    """Where an endpoint's traffic, console and event logs and its metrics go."""

    log_analytics: bool = False
    blob: bool = False


class Watching(Shape):
    """Alerts, logs and the workbook of all endpoints of the stack."""

    action_group: ActionGroup | None = None
    alerts: Alerts = Alerts()
    diagnostics: Diagnostics = Diagnostics()
    workbook: bool = False
