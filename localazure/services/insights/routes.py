"""Microsoft.Insights over HTTP."""

from localazure.arm.catalog import ResourceType
from localazure.arm.context import Azure
from localazure.arm.resources import PlainType
from localazure.services.insights.models import TYPE, ComponentBody, builder


def resource_types(azure: Azure) -> list[ResourceType]:
    """Application Insights components."""
    return [PlainType(azure, TYPE, ComponentBody, builder(azure)).resource_type()]
