"""The autoscaler of a managed deployment: Azure Monitor has its instance count."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import monitor

from settings import names
from settings.autoscale import Autoscale, MetricRule, Schedule
from settings.stack import Stack

# Metric name and aggregation over the instances. Source: Azure Monitor, metrics of online endpoints and deployments.
_METRICS = {
    "cpu": "CpuUtilizationPercentage",
    "memory": "CpuMemoryUtilizationPercentage",
    "gpu": "GpuUtilizationPercentage",
    "latencyMs": "RequestLatency",
}


def autoscale(
    opts: pulumi.ResourceOptions,
    stack: Stack,
    wanted: Autoscale,
    endpoint: ml.OnlineEndpoint,
    deployment: ml.OnlineDeployment,
) -> monitor.AutoscaleSetting:
    """The setting for one deployment: its usual limits and rules, and a profile for each schedule.

    While a schedule holds, its limits are in force with the same rules. The setting ends with its deployment.
    """
    name = deployment._name
    rules = [scale for rule in wanted.rules for scale in _rules(rule, stack, endpoint, deployment)]
    usual = _capacity(wanted.min, wanted.max, wanted.default or wanted.min)
    profiles = [
        profile
        for key, schedule in sorted(wanted.schedules.items())
        for profile in _scheduled(key, schedule, usual, rules)
    ] or [monitor.AutoscaleProfileArgs(name="usual", capacity=usual, rules=rules)]
    return monitor.AutoscaleSetting(
        f"{name}-autoscale",
        autoscale_setting_name=names.in_group(f"as-{name}", stack.workspace),
        resource_group_name=stack.workspace.resource_group,
        location=stack.location,
        enabled=True,
        target_resource_uri=deployment.id,
        profiles=profiles,
        tags=dict(sorted(stack.tags.items())),
        opts=opts,
    )


def _scheduled(
    key: str, schedule: Schedule, usual: monitor.ScaleCapacityArgs, rules: list[monitor.ScaleRuleArgs]
) -> list[monitor.AutoscaleProfileArgs]:
    """A recurring profile begins at its time and holds until another begins: the usual one comes back at the end."""
    during = _capacity(schedule.min, schedule.max, schedule.min)
    # The name by which Azure's own portal pairs a profile with the one that ends it.
    back = f'{{"name":"usual","for":"{key}"}}'
    return [
        monitor.AutoscaleProfileArgs(
            name=key, capacity=during, rules=rules, recurrence=_weekly(schedule, schedule.start)
        ),
        monitor.AutoscaleProfileArgs(
            name=back, capacity=usual, rules=rules, recurrence=_weekly(schedule, schedule.end)
        ),
    ]


def _weekly(schedule: Schedule, time: str) -> monitor.RecurrenceArgs:
    hours, minutes = time.split(":")
    return monitor.RecurrenceArgs(
        frequency=monitor.RecurrenceFrequency.WEEK,
        schedule=monitor.RecurrentScheduleArgs(
            time_zone=schedule.time_zone, days=list(schedule.days), hours=[int(hours)], minutes=[int(minutes)]
        ),
    )


def _capacity(least: int, most: int, default: int) -> monitor.ScaleCapacityArgs:
    return monitor.ScaleCapacityArgs(minimum=str(least), maximum=str(most), default=str(default))


def _rules(
    rule: MetricRule, stack: Stack, endpoint: ml.OnlineEndpoint, deployment: ml.OnlineDeployment
) -> list[monitor.ScaleRuleArgs]:
    scope = endpoint.id if rule.metric == "latencyMs" else deployment.id
    up, down = monitor.ScaleDirection.INCREASE, monitor.ScaleDirection.DECREASE
    over, under = monitor.ComparisonOperationType.GREATER_THAN, monitor.ComparisonOperationType.LESS_THAN
    return [
        monitor.ScaleRuleArgs(
            metric_trigger=monitor.MetricTriggerArgs(
                metric_name=_METRICS[rule.metric],
                metric_resource_uri=scope,
                metric_resource_location=stack.location,
                operator=operator,
                threshold=threshold,
                statistic=monitor.MetricStatisticType.AVERAGE,
                time_aggregation=monitor.TimeAggregationType.AVERAGE,
                time_grain="PT1M",
                time_window=f"PT{rule.window_minutes}M",
            ),
            scale_action=monitor.ScaleActionArgs(
                direction=direction,
                type=monitor.ScaleType.CHANGE_COUNT,
                value=str(count),
                cooldown=f"PT{rule.cool_down_minutes}M",
            ),
        )
        for direction, operator, threshold, count in (
            (up, over, rule.above, rule.add),
            (down, under, rule.below, rule.remove),
        )
    ]
