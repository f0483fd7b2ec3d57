"""Microsoft.Insights over HTTP."""

from collections.abc import Callable
from functools import partial

from localazure.arm.catalog import ResourceType
from localazure.arm.context import Azure
from localazure.arm.lasting import NestedType
from localazure.arm.resources import Made, PlainType
from localazure.services.insights import alerts, autoscale, collection, watching
from localazure.services.insights.groups import ActionGroups
from localazure.services.insights.models import TYPE, ComponentBody, builder


def resource_types(azure: Azure) -> list[ResourceType]:
    """Components; alerts, action groups, autoscale and diagnostic settings, workbooks, data collection rules."""

    def of(build: Callable[..., Made]) -> Callable[..., Made]:
        return partial(build, azure)

    kinds = [
        PlainType(azure, TYPE, ComponentBody, builder(azure), created=200),
        ActionGroups(azure, alerts.ACTION_GROUP, alerts.GroupBody, alerts.build_group),
        PlainType(azure, alerts.METRIC_ALERT, alerts.AlertBody, of(alerts.build_alert)),
        PlainType(azure, alerts.QUERY_RULE, alerts.QueryBody, of(alerts.build_query_rule)),
        PlainType(azure, autoscale.TYPE, autoscale.SettingBody, of(autoscale.build)),
        PlainType(azure, watching.WORKBOOK, watching.WorkbookBody, of(watching.build_workbook)),
        PlainType(azure, collection.RULE, collection.RuleBody, of(collection.build_rule), created=200),
        NestedType(azure, collection.ASSOCIATION, collection.AssociationBody, of(collection.build_association)),
        NestedType(azure, watching.SETTING, watching.SettingBody, of(watching.build_setting)),
    ]
    return [kind.resource_type() for kind in kinds]
