"""The hooks of a workspace's computes: what the stock azure-native plugin can't do to one is told before it is tried.

A compute is never deleted through it (`retain_on_delete`), and a cluster is attached once (R129, R130).
"""

from __future__ import annotations

import pulumi

from components.azure_reads import ML, get, in_workspace
from components.taking_down import COMPUTE_REMOVAL
from rollout.rules.computes import guard_attached, guard_compute_leaves
from settings.refusal import Refused
from settings.stack import Stack


class ComputeGuard:
    """Registered in every stack, as the state remembers a delete hook by its name."""

    def __init__(self, stack: Stack, *, takes_down: bool = False) -> None:
        self._stack, self._takes_down = stack, takes_down
        in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
        removal = pulumi.ResourceHook(COMPUTE_REMOVAL, self._before_removal, in_preview)
        change = pulumi.ResourceHook("refuse-attachment-change", self._before_change, in_preview)
        self.of_training = pulumi.ResourceHookBinding(before_delete=[removal])
        self.of_attachment = pulumi.ResourceHookBinding(before_update=[change], before_delete=[removal])

    async def _before_removal(self, args: pulumi.ResourceHookArgs) -> None:
        """Tell how a compute that left the stack file is taken away; `destroy` takes it with the workspace."""
        old = args.old_inputs or {}
        name = str(old["computeName"])
        if self._takes_down and self._stack.workspace.existing is not None and name in _named(self._stack):
            pulumi.log.warn(f"compute {name} stays in the workspace, which others own: {self._az('delete', name)}")
        if self._takes_down or name in _named(self._stack):
            return
        is_attached = (old.get("properties") or {}).get("computeType") != "AmlCompute"
        path = "inferenceCluster.attach" if is_attached else f"training.{name}"
        command = self._az("detach" if is_attached else "delete", name)
        if refusals := list(guard_compute_leaves(path, await self._is_there(name), command)):
            raise Refused(refusals)

    async def _before_change(self, args: pulumi.ResourceHookArgs) -> None:
        """Tell how an attached cluster gets other settings."""
        name = str((args.new_inputs or {})["computeName"])
        is_there = await self._is_there(name)
        if refusals := list(guard_attached("inferenceCluster.attach", is_there, self._az("detach", name))):
            raise Refused(refusals)

    async def _is_there(self, name: str) -> bool:
        return await get(f"{ML}:getCompute", in_workspace(self._stack, computeName=name)) is not None

    def _az(self, verb: str, name: str) -> str:
        workspace = self._stack.workspace
        where = f"--resource-group {workspace.resource_group} --workspace-name {workspace.name}"
        return f"az ml compute {verb} --name {name} {where} --yes"


def _named(stack: Stack) -> set[str]:
    """The computes that the stack file names."""
    cluster = stack.inference_cluster
    attached = {cluster.attach.compute or cluster.name} if cluster and cluster.attach.kind != "none" else set()
    return {*stack.training, *attached}
