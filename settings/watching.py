"""Who is told what: alerts and their action group, logs and where they go, the workbook."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.existing import ACTION_GROUP, Existing, of_type, refuse_settings
from settings.types import MaySecret, Percentage, Shape

ADDRESS_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
WEBHOOK_PATTERN = r"^https://\S+$"
Address = Annotated[str, Field(pattern=ADDRESS_PATTERN), MaySecret]
Webhook = Annotated[str, Field(pattern=WEBHOOK_PATTERN), MaySecret]


class ActionGroup(Shape):
    """Who gets the alerts.

    Example:
      {shortName: oncall, emails: {oncall: oncall@example.org}, webhooks: {pager: "https://events.example.org/azure"}}
    """

    existing: Annotated[Existing | None, BeforeValidator(of_type(ACTION_GROUP))] = None
    """A group that others own, by its resource id, or by name and group. Nothing else stands beside it."""
    short_name: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    """The name that stands in text messages."""
    emails: dict[str, Address] = Field(default_factory=dict)
    """E-mail addresses, by a name. They may be encrypted."""
    webhooks: dict[str, Webhook] = Field(default_factory=dict)
    """Addresses that are called, by a name. They may be encrypted."""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        refuse_settings(self)
        if self.existing is None and self.short_name is None:
            raise ValueError("a shortName of 1 to 12 characters, or existing with a resource id")
        if self.existing is not None and self.existing.name is None:
            raise ValueError("existing with its id, or with name and resourceGroup")
        return self


class Alerts(Shape):
    """When an alert fires. Each holds for every deployment; a limit that is left out watches nothing.

    Example:
      {latencyP99Ms: 500, errorPercent: 1, cpuPercent: 85, memoryPercent: 85, capacity: true, severity: 2,
       windowMinutes: 5}
    """

    latency_p99_ms: Annotated[int, Field(gt=0)] | None = None
    """99 of 100 requests are answered within this time, in milliseconds."""
    error_percent: Percentage | None = None
    """The share of answers 408, 424, 429 and 5xx in the traffic log: what callers see of a model that fails, is too
    slow or has too few instances. Needs `diagnostics.logAnalytics`."""
    cpu_percent: Percentage | None = None
    """The mean use of cpu over the instances."""
    memory_percent: Percentage | None = None
    """The mean use of memory over the instances."""
    capacity: bool = False
    """`true`: fewer instances run than the stack wants, or the autoscaler is at its maximum."""
    window_minutes: Literal[1, 5, 15, 30, 60] = 5
    """Over how many minutes it is measured."""
    severity: Annotated[int, Field(ge=0, le=4)] = 2
    """0 (critical) to 4 (verbose)."""


class Diagnostics(Shape):
    """Where the endpoints' traffic, console and event logs and their metrics go.

    Example:
      {logAnalytics: true, blob: true}
    """

    log_analytics: bool = False
    """To the workspace's Log Analytics, where they can be searched."""
    blob: bool = False
    """To the workspace's storage, where they can be kept."""


class Watching(Shape):
    """Alerts, logs and a workbook for all endpoints of the stack.

    Example:
      actionGroup: {shortName: oncall, emails: {oncall: oncall@example.org}}
      alerts: {errorPercent: 1}
      diagnostics: {logAnalytics: true}
      workbook: true
    """

    action_group: ActionGroup | None = None
    """Who gets the alerts."""
    alerts: Alerts = Alerts()
    """When an alert fires."""
    diagnostics: Diagnostics = Diagnostics()
    """Where the logs go."""
    workbook: bool = False
    """A page in the portal with the endpoints' figures."""
