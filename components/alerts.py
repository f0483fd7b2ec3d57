"""Alerts of one deployment, and the action group that hears them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import monitor

from components.options import TYPE_PREFIX, child
from settings import names
from settings.deployment import Deployment
from settings.stack import Stack
from settings.watching import ActionGroup as Wanted
from settings.watching import Alerts

# What a user sees fail: a model's exception is 424 on a managed endpoint, its timeout 408, too many requests 429; what
# the platform does is 5xx. Other 4xx are the caller's own. Source: Azure ML, troubleshoot online endpoints.
FAILED = "toint(ResponseCode) >= 500 or toint(ResponseCode) in (408, 424, 429)"
# A share is no metric of Azure's: it is reckoned from the traffic log, which diagnostics bring to Log Analytics.
_FAILED_SHARE = """AmlOnlineEndpointTrafficLog
| where EndpointName =~ '{endpoint}' and DeploymentName =~ '{deployment}'
| summarize Failed = countif({failed}), Total = count()
| where Total > 0
| project Percent = 100.0 * Failed / Total"""
_SERVICE = "/providers/Microsoft.MachineLearningServices/"


@dataclass(frozen=True, slots=True)
class Limit:
    """A metric, how it is put together over a window, and the value beyond which the alert fires."""

    key: str
    metric: str
    aggregation: str
    operator: str
    threshold: float
    of_endpoint: bool = False


class ActionGroup(pulumi.ComponentResource):
    """Who is told: e-mail and webhooks, in Azure's common alert schema. Action groups have no region of their own."""

    group_id: pulumi.Output[str]

    def __init__(self, name: str, stack: Stack, wanted: Wanted, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"{TYPE_PREFIX}:ActionGroup", name, None, opts)
        group = monitor.ActionGroup(
            name,
            action_group_name=names.in_group("ag", stack.workspace),
            resource_group_name=stack.workspace.resource_group,
            location="Global",
            enabled=True,
            group_short_name=wanted.short_name,
            email_receivers=[
                {"name": key, "email_address": address, "use_common_alert_schema": True}
                for key, address in sorted(wanted.emails.items())
            ],
            # A webhook's address is who may call it: it often ends in a token.
            webhook_receivers=[
                {"name": key, "service_uri": pulumi.Output.secret(url), "use_common_alert_schema": True}
                for key, url in sorted(wanted.webhooks.items())
            ],
            tags=dict(sorted(stack.tags.items())),
            opts=child(self),
        )
        self.group_id = group.id
        self.register_outputs({})


def alert(
    opts: pulumi.ResourceOptions,
    stack: Stack,
    wanted: Deployment,
    endpoint: ml.OnlineEndpoint,
    deployment: ml.OnlineDeployment,
    group: pulumi.Output[str] | None,
    logs: pulumi.Output[str] | None,
) -> None:
    """Declares the alerts that `watching.alerts` asks for, each named by its deployment and what it watches."""
    alerts = stack.watching.alerts
    for limit in limits(alerts, wanted):
        _metric_alert(opts, stack, limit, endpoint, deployment, group)
    if alerts.error_percent is not None:
        _failed_share(opts, stack, alerts, endpoint, deployment, group, logs)


def limits(alerts: Alerts, wanted: Deployment) -> Iterator[Limit]:
    """What is watched by metric. Source: Azure Monitor, metrics of online endpoints and deployments."""
    if alerts.latency_p99_ms is not None:
        yield Limit("latency", "RequestLatency_P99", "Average", "GreaterThan", alerts.latency_p99_ms, of_endpoint=True)
    if alerts.cpu_percent is not None:
        yield Limit("cpu", "CpuUtilizationPercentage", "Average", "GreaterThan", alerts.cpu_percent)
    if alerts.memory_percent is not None:
        yield Limit("memory", "CpuMemoryUtilizationPercentage", "Average", "GreaterThan", alerts.memory_percent)
    if alerts.capacity and wanted.autoscale:
        yield Limit("capacity", "DeploymentCapacity", "Maximum", "GreaterThanOrEqual", wanted.autoscale.max)
    elif alerts.capacity and wanted.fixed_count:
        yield Limit("capacity", "DeploymentCapacity", "Minimum", "LessThan", wanted.fixed_count)


def _metric_alert(
    opts: pulumi.ResourceOptions,
    stack: Stack,
    limit: Limit,
    endpoint: ml.OnlineEndpoint,
    deployment: ml.OnlineDeployment,
    group: pulumi.Output[str] | None,
) -> None:
    name = f"{deployment._name}-{limit.key}"
    kind = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
    by_deployment = monitor.MetricDimensionArgs(name="deployment", operator="Include", values=[deployment.name])
    criterion = monitor.MetricCriteriaArgs(
        criterion_type="StaticThresholdCriterion",
        name=limit.key,
        metric_name=limit.metric,
        metric_namespace=kind if limit.of_endpoint else f"{kind}/deployments",
        operator=limit.operator,
        threshold=float(limit.threshold),
        time_aggregation=limit.aggregation,
        dimensions=[by_deployment] if limit.of_endpoint else None,
    )
    monitor.MetricAlert(
        name,
        rule_name=names.in_group(f"alert-{name}", stack.workspace),
        resource_group_name=stack.workspace.resource_group,
        location="global",
        enabled=True,
        severity=stack.watching.alerts.severity,
        evaluation_frequency="PT1M",
        window_size=_window(stack.watching.alerts),
        scopes=[endpoint.id if limit.of_endpoint else deployment.id],
        criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", all_of=[criterion]
        ),
        actions=[monitor.MetricAlertActionArgs(action_group_id=group)] if group is not None else None,
        auto_mitigate=True,
        tags=dict(sorted(stack.tags.items())),
        opts=opts,
    )


def _failed_share(
    opts: pulumi.ResourceOptions,
    stack: Stack,
    alerts: Alerts,
    endpoint: ml.OnlineEndpoint,
    deployment: ml.OnlineDeployment,
    group: pulumi.Output[str] | None,
    logs: pulumi.Output[str] | None,
) -> None:
    name = f"{deployment._name}-errors"
    short = deployment._name.removeprefix(f"{endpoint._name}-")
    condition = monitor.ConditionArgs(
        query=_FAILED_SHARE.format(endpoint=endpoint._name, deployment=short, failed=FAILED),
        metric_measure_column="Percent",
        time_aggregation=monitor.TimeAggregation.MAXIMUM,
        # The SDK's ConditionOperator is that of another type (gt); Azure wants this word here.
        operator="GreaterThan",
        threshold=alerts.error_percent,
        failing_periods=monitor.ConditionFailingPeriodsArgs(
            number_of_evaluation_periods=1, min_failing_periods_to_alert=1
        ),
    )
    monitor.ScheduledQueryRule(
        name,
        rule_name=names.in_group(f"alert-{name}", stack.workspace),
        resource_group_name=stack.workspace.resource_group,
        location=stack.location,
        kind="LogAlert",
        enabled=True,
        severity=alerts.severity,
        scopes=[_logs(stack, endpoint, logs)],
        # A query of a log that has no rows yet would be refused.
        skip_query_validation=True,
        # Azure evaluates a log query every 5 minutes; once a minute would allow no summary.
        evaluation_frequency="PT5M",
        window_size=f"PT{max(alerts.window_minutes, 5)}M",
        criteria=monitor.ScheduledQueryRuleCriteriaArgs(all_of=[condition]),
        actions=monitor.ActionsArgs(action_groups=[group]) if group is not None else None,
        auto_mitigate=True,
        tags=dict(sorted(stack.tags.items())),
        opts=opts,
    )


def _logs(stack: Stack, endpoint: ml.OnlineEndpoint, theirs: pulumi.Output[str] | None) -> pulumi.Output[str]:
    """The Log Analytics workspace: others' by its id, the stack's by the endpoint's own subscription and group.

    A rule with the endpoint as its scope would see only rows that Azure files under the endpoint.
    """
    if theirs is not None:
        return theirs
    name = names.log_analytics(stack.workspace)
    of_logs = f"/providers/Microsoft.OperationalInsights/workspaces/{name}"
    return endpoint.id.apply(lambda of_endpoint: of_endpoint.partition(_SERVICE)[0] + of_logs)


def _window(alerts: Alerts) -> str:
    return "PT1H" if alerts.window_minutes == 60 else f"PT{alerts.window_minutes}M"
