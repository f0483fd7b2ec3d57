"""Microsoft.OperationalInsights over HTTP."""

from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.resources import PlainType, require
from localazure.services.operationalinsights.models import TYPE, WorkspaceBody, build


def resource_types(azure: Azure) -> list[ResourceType]:
    """Log Analytics workspaces with sharedKeys."""

    async def shared_keys(call: Call) -> Reply:
        return Reply(200, require(azure, call.id).private["keys"])

    return [PlainType(azure, TYPE, WorkspaceBody, build).resource_type({"sharedKeys": shared_keys})]
