"""Rules for scaling and alerts: somebody is told, and limits don't contradict each other."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack


def alerts_are_heard(stack: Stack) -> Iterator[Refusal]:
    """R161 Alerts have an action group, and the group has somebody in it.

    Source: Azure Monitor, action groups.
    Example:
        stack: {watching: {alerts: {cpuPercent: 85}}}
        endpoint: {}
    """
    watching, alerts = stack.watching, stack.watching.alerts
    limits = (alerts.latency_p99_ms, alerts.error_percent, alerts.cpu_percent, alerts.memory_percent)
    is_watching = alerts.capacity or any(limit is not None for limit in limits)
    group = watching.action_group
    cure = "Write actionGroup: {shortName: oncall, emails: {oncall: oncall@example.org}} under watching."
    if is_watching and group is None:
        yield Refusal("R161", "watching.actionGroup", "none", "an action group, for the alerts", cure)
    if group and group.existing is None and not (group.emails or group.webhooks):
        yield Refusal("R161", "watching.actionGroup", "nobody in it", "at least one of emails and webhooks", cure)


def error_share_has_its_log(stack: Stack) -> Iterator[Refusal]:
    """R162 The share of failed requests is computed from the traffic log, so Log Analytics has to get it.

    Source: Azure ML, monitor online endpoints (AmlOnlineEndpointTrafficLog).
    Example:
        stack:
          watching:
            {actionGroup: {shortName: oncall, emails: {oncall: oncall@example.org}}, alerts: {errorPercent: 1}}
        endpoint: {}
    """
    if stack.watching.alerts.error_percent is not None and not stack.watching.diagnostics.log_analytics:
        cure = "Write diagnostics: {logAnalytics: true} under watching."
        path = "watching.alerts.errorPercent"
        yield Refusal("R162", path, "set without the log", "diagnostics.logAnalytics: true", cure)


def rules_do_not_swing(case: Case) -> Iterator[Refusal]:
    """R163 An autoscale rule adds instances at a value twice as high, or more, as the one where it removes them.

    When they are closer, the load of two instances puts the last one above its limit, and the count swings.

    Source: Azure Monitor, autoscale best practices (flapping).
    Example:
        endpoint:
          deployments: {blue: {instanceCount: null, autoscale: {min: 1, max: 3, rules: [{above: 60, below: 50}]}}}
    """
    for name, deployment in case.wanted.deployments.items():
        for index, rule in enumerate(deployment.autoscale.rules if deployment.autoscale else ()):
            if rule.above < 2 * rule.below:
                path = case.at("deployments", name, "autoscale", "rules", str(index))
                cure = "Write for example {metric: cpu, above: 70, below: 30}."
                got = f"above {rule.above:g}, below {rule.below:g}"
                yield Refusal("R163", path, got, "above at least twice below", cure)


def schedules_are_in_order(case: Case) -> Iterator[Refusal]:
    """R164 A schedule begins and ends at different times, and its minimum is not above its maximum.

    Source: limits, autoscale on managed.
    Example:
        endpoint:
          deployments:
            blue:
              instanceCount: null
              autoscale: {min: 3, max: 9, schedules: {night: {start: '20:00', end: '06:00', min: 4, max: 2}}}
    """
    for name, deployment in case.wanted.deployments.items():
        for key, schedule in sorted(deployment.autoscale.schedules.items()) if deployment.autoscale else ():
            if schedule.min > schedule.max or schedule.start == schedule.end:
                path = case.at("deployments", name, "autoscale", "schedules", key)
                got = f"{schedule.start} to {schedule.end}, min {schedule.min}, max {schedule.max}"
                cure = "Write for example {start: '20:00', end: '06:00', min: 1, max: 2}."
                yield Refusal("R164", path, got, "two different times and min <= max", cure)


def each_kind_has_its_own(case: Case) -> Iterator[Refusal]:
    """R165 Only managed deployments have schedules, and only Kubernetes deployments have container resources.

    On Kubernetes the router scales, by utilization alone; a managed deployment has its instances to itself.

    Source: limits, scale settings.
    Example:
        endpoint: {deployments: {blue: {resources: {requests: {cpu: '1'}}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        if case.wanted.kind == "managed" and deployment.resources:
            cure = "Remove it; choose an instanceType that is large enough."
            path = case.at("deployments", name, "resources")
            yield Refusal(
                "R165",
                path,
                "set on a managed endpoint",
                "none: a managed deployment has its instances to itself",
                cure,
            )
        if case.wanted.kind == "kubernetes" and deployment.autoscale and deployment.autoscale.schedules:
            cure = "Remove it; min, max and targetUtilization say how the router scales."
            path = case.at("deployments", name, "autoscale", "schedules")
            yield Refusal("R165", path, "set on a Kubernetes endpoint", "none: the router scales by utilization", cure)


RULES = (rules_do_not_swing, schedules_are_in_order, each_kind_has_its_own)
STACK_RULES = (alerts_are_heard, error_share_has_its_log)
