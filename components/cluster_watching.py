"""What of a cluster is watched: Container Insights, by a rule that says what is collected and where it goes."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import monitor

from components.foundation import Foundation
from components.options import child
from settings.cluster import InferenceCluster
from settings.stack import Stack

_STREAM = "Microsoft-ContainerInsights-Group-Default"
_LOGS = "ciworkspace"
_LONGEST_NAME = 64


def container_insights(
    parent: pulumi.Resource,
    name: str,
    stack: Stack,
    wanted: InferenceCluster,
    base: Foundation,
    cluster: pulumi.CustomResource,
) -> None:
    """Collects the containers' logs and the nodes' measurements once a minute into the stack's Log Analytics.

    The add-on signs in by the cluster's identity and then collects nothing without a rule. Names and streams are those
    that Azure's own onboarding gives. Source: Azure Monitor, enable Container Insights by template.
    """
    region = wanted.location or stack.location
    settings = {"interval": "1m", "namespaceFilteringMode": "Off", "enableContainerLogV2": True}
    rule = monitor.DataCollectionRule(
        f"{name}-insights",
        data_collection_rule_name=f"MSCI-{region}-{wanted.name}"[:_LONGEST_NAME].rstrip("-"),
        resource_group_name=base.resource_group,
        location=region,
        kind="Linux",
        data_sources={
            "extensions": [
                {
                    "name": "ContainerInsightsExtension",
                    "extension_name": "ContainerInsights",
                    "streams": [_STREAM],
                    "extension_settings": {"dataCollectionSettings": settings},
                }
            ]
        },
        destinations={"log_analytics": [{"name": _LOGS, "workspace_resource_id": base.log_analytics_id}]},
        data_flows=[{"streams": [_STREAM], "destinations": [_LOGS]}],
        tags=dict(sorted(stack.tags.items())),
        opts=child(parent, pulumi.ResourceOptions(depends_on=base.after)),
    )
    monitor.DataCollectionRuleAssociation(
        f"{name}-insights-of",
        # Container Insights looks for its rule under this name.
        association_name="ContainerInsightsExtension",
        resource_uri=cluster.id,
        data_collection_rule_id=rule.id,
        opts=child(parent),
    )
