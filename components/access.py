"""Custom roles for people and pipelines: to deploy, to scale and watch, to call, each with no more than that needs."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import authorization

from components.foundation import Home
from components.options import TYPE_PREFIX, child
from settings import names
from settings.stack import Stack
from settings.workspace import Principal

_ML = "Microsoft.MachineLearningServices"
_INSIGHTS = "Microsoft.Insights"
_LOGS = "Microsoft.OperationalInsights/workspaces"
# On the workspace: endpoints and deployments, what is registered, and where their logs go. Registering needs the
# datastore's credential, which is a key of the storage account where the datastore has one.
DEPLOYER = (
    f"{_ML}/workspaces/read",
    f"{_ML}/workspaces/onlineEndpoints/*",
    f"{_ML}/workspaces/computes/read",
    f"{_ML}/workspaces/models/*/read",
    f"{_ML}/workspaces/models/versions/write",
    f"{_ML}/workspaces/environments/*/read",
    f"{_ML}/workspaces/environments/versions/write",
    f"{_ML}/workspaces/environments/build/action",
    f"{_ML}/workspaces/codes/*/read",
    f"{_ML}/workspaces/codes/versions/write",
    f"{_ML}/workspaces/datastores/read",
    f"{_ML}/workspaces/datastores/listsecrets/action",
    f"{_ML}/locations/mfeOperationResults/read",
    f"{_ML}/locations/mfeOperationsStatus/read",
    f"{_INSIGHTS}/metrics/read",
    f"{_INSIGHTS}/diagnosticSettings/*",
)
# On the resource group, where these stand beside the workspace: what a deployment brings with it, and what it names.
SCALER = (
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    f"{_INSIGHTS}/autoscaleSettings/*",
    f"{_INSIGHTS}/metricAlerts/*",
    f"{_INSIGHTS}/scheduledQueryRules/*",
    f"{_INSIGHTS}/workbooks/read",
    f"{_INSIGHTS}/workbooks/write",
    f"{_INSIGHTS}/actionGroups/read",
    f"{_LOGS}/read",
    f"{_LOGS}/sharedKeys/action",
    f"{_LOGS}/query/read",
    f"{_LOGS}/query/AmlOnlineEndpointTrafficLog/read",
    "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
)
INVOKER = (
    f"{_ML}/workspaces/read",
    f"{_ML}/workspaces/onlineEndpoints/read",
    f"{_ML}/workspaces/onlineEndpoints/token/action",
    f"{_ML}/workspaces/onlineEndpoints/score/action",
)


class Access(pulumi.ComponentResource):
    """Role definitions in the resource group; assigned on the workspace, and where it says so on the group."""

    def __init__(
        self,
        name: str,
        stack: Stack,
        group_id: pulumi.Input[str],
        workspace: Home,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Access", name, None, opts)
        self._stack, self._group_id = stack, group_id
        deployers, of_workspace = stack.access.deployers, workspace.workspace_id
        self._role(f"{name}-deployer", "deploys online endpoints", DEPLOYER, deployers, of_workspace)
        self._role(f"{name}-scaler", "scales and watches online endpoints", SCALER, deployers, group_id)
        self._role(f"{name}-invoker", "calls online endpoints", INVOKER, stack.access.invokers, of_workspace)
        self.register_outputs({})

    def _role(
        self,
        name: str,
        does: str,
        actions: tuple[str, ...],
        principals: tuple[Principal, ...],
        scope: pulumi.Input[str],
    ) -> None:
        if not principals:
            return
        workspace = self._stack.workspace
        key = (workspace.resource_group, workspace.name, name)
        role = authorization.RoleDefinition(
            name,
            role_definition_id=names.guid(*key),
            role_name=f"{workspace.name} {name.rpartition('-')[2]}",
            role_type="CustomRole",
            description=f"Whoever has it {does} of {workspace.name}, and nothing else.",
            scope=self._group_id,
            assignable_scopes=[self._group_id],
            permissions=[authorization.PermissionArgs(actions=list(actions), not_actions=[])],
            opts=child(self),
        )
        for principal in principals:
            authorization.RoleAssignment(
                f"{name}-{principal.id}",
                role_assignment_name=names.guid(*key, principal.id),
                scope=scope,
                principal_id=principal.id,
                principal_type=principal.type,
                role_definition_id=role.id,
                opts=child(self),
            )
