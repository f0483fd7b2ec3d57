"""Compute to train on and to build images with."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.foundation import Home, Wiring
from components.options import TYPE_PREFIX, child
from settings.stack import Stack
from settings.training import TrainingCompute as Wanted


class TrainingCompute(pulumi.ComponentResource):
    """A cluster that scales from its minimum (0 by default) to its maximum and back after `idleSeconds` without work.

    No password or key opens its nodes, and none has a public address where the workspace is private.
    """

    def __init__(
        self,
        name: str,
        stack: Stack,
        wanted: Wanted,
        workspace: Home,
        network: Wiring | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:TrainingCompute", name, None, opts)
        is_private = stack.workspace.is_private
        subnet = network.subnets[wanted.subnet] if network and wanted.subnet else None
        scale = ml.ScaleSettingsArgs(
            min_node_count=wanted.min_nodes,
            max_node_count=wanted.max_nodes,
            node_idle_time_before_scale_down=f"PT{wanted.idle_seconds}S",
        )
        properties = ml.AmlComputePropertiesArgs(
            vm_size=wanted.size,
            vm_priority=ml.VmPriority.LOW_PRIORITY if wanted.low_priority else ml.VmPriority.DEDICATED,
            scale_settings=scale,
            enable_node_public_ip=not is_private,
            remote_login_port_public_access=ml.RemoteLoginPortPublicAccess.DISABLED,
            subnet=ml.ResourceIdArgs(id=subnet) if subnet is not None else None,
        )
        ml.Compute(
            name,
            compute_name=name,
            workspace_name=workspace.name,
            resource_group_name=workspace.resource_group,
            location=stack.location,
            identity={"type": ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED},
            properties=ml.AmlComputeArgs(compute_type="AmlCompute", disable_local_auth=True, properties=properties),
            tags=dict(sorted(stack.tags.items())),
            opts=child(
                self,
                pulumi.ResourceOptions(
                    depends_on=workspace.after,
                    deleted_with=workspace.resource,
                    retain_on_delete=True,  # see components.computes
                    hooks=workspace.computes.of_training,
                ),
            ),
        )
        self.register_outputs({})
