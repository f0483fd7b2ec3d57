"""What the stock azure-native plugin can't do to a compute, told before it is tried.

It deletes without `underlyingResourceAction`, which Azure requires of a compute, so a compute is never deleted through
it (`retain_on_delete`). And a cluster is attached once: another PUT of its compute fails.
"""

from __future__ import annotations

import pulumi
from pulumi.runtime import invoke_async

from components.options import AZURE_NATIVE_VERSION
from settings.stack import Stack

_GET = "azure-native:machinelearningservices:getCompute"
_OPTIONS = pulumi.InvokeOptions(version=AZURE_NATIVE_VERSION)


class ComputeGuard:
    """The hooks of a workspace's computes; registered in every stack, as the state remembers a delete hook's name."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
        removal = pulumi.ResourceHook("refuse-compute-removal", self._before_removal, in_preview)
        change = pulumi.ResourceHook("refuse-attachment-change", self._before_change, in_preview)
        self.of_training = pulumi.ResourceHookBinding(before_delete=[removal])
        self.of_attachment = pulumi.ResourceHookBinding(before_update=[change], before_delete=[removal])

    async def _before_removal(self, args: pulumi.ResourceHookArgs) -> None:
        """Tell how a compute that left the stack file is taken away; `destroy` takes it with the workspace."""
        name = str((args.old_inputs or {})["computeName"])
        if name in _named(self._stack) or not await self._is_there(name):
            return
        is_attached = ((args.old_inputs or {}).get("properties") or {}).get("computeType") != "AmlCompute"
        raise pulumi.RunError(
            f"the compute {name} left the stack file, and azure-native can't take it away. Nothing was touched. Type: "
            f"{self._az('detach' if is_attached else 'delete', name)}; then run 'pulumi up' again."
        )

    async def _before_change(self, args: pulumi.ResourceHookArgs) -> None:
        """Tell how an attached cluster gets other settings; one that was detached by hand is attached anew."""
        name = str((args.new_inputs or {})["computeName"])
        if not await self._is_there(name):
            return
        raise pulumi.RunError(
            f"the compute {name} is an attached cluster, and Azure attaches a cluster once: its settings "
            "(inferenceCluster.attach) don't change in place. Nothing was touched. Write the old ones again; or take "
            f"the endpoints off it, type {self._az('detach', name)}, and run 'pulumi up' again: it attaches it anew."
        )

    async def _is_there(self, name: str) -> bool:
        workspace = self._stack.workspace
        where = {"resourceGroupName": workspace.resource_group, "workspaceName": workspace.name, "computeName": name}
        try:
            await invoke_async(_GET, where, _OPTIONS)
        except Exception as error:  # the SDK raises nothing narrower for a failed invoke
            if "Status=404" in str(error):
                return False
            raise
        return True

    def _az(self, verb: str, name: str) -> str:
        workspace = self._stack.workspace
        where = f"--resource-group {workspace.resource_group} --workspace-name {workspace.name}"
        return f"'az ml compute {verb} --name {name} {where} --yes'"


def _named(stack: Stack) -> set[str]:
    """The computes that the stack file names."""
    cluster = stack.inference_cluster
    attached = {cluster.attach.compute or cluster.name} if cluster and cluster.attach.kind != "none" else set()
    return {*stack.training, *attached}
