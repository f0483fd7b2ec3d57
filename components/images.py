"""Environments that are finished images, registered in the workspace."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.azure_reads import ML, get
from components.foundation import Home
from components.options import TYPE_PREFIX, child
from rollout.rules.images import guard_image
from settings.images import Image as Wanted
from settings.refusal import Refused


class Image(pulumi.ComponentResource):
    """One version of an environment: an image by digest, and where its server listens. A version never changes (R198).

    A new image is a new version beside the old one, which stays for as long as a deployment may go back to it: what
    leaves the stack file stays in the workspace.
    """

    def __init__(self, name: str, wanted: Wanted, workspace: Home, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"{TYPE_PREFIX}:Image", f"{name}-{wanted.version}", None, opts)
        inference = ml.InferenceContainerPropertiesArgs(
            liveness_route=ml.RouteArgs(path=wanted.liveness_path, port=wanted.port),
            readiness_route=ml.RouteArgs(path=wanted.readiness_path, port=wanted.port),
            scoring_route=ml.RouteArgs(path=wanted.scoring_path, port=wanted.port),
        )
        ml.EnvironmentVersion(
            f"{name}-{wanted.version}",
            name=name,
            version=wanted.version,
            workspace_name=workspace.name,
            resource_group_name=workspace.resource_group,
            properties=ml.EnvironmentVersionPropertiesArgs(
                image=wanted.image, os_type=ml.OperatingSystemType.LINUX, inference_config=inference
            ),
            opts=child(
                self,
                pulumi.ResourceOptions(
                    depends_on=workspace.after, retain_on_delete=True, hooks=_hooks(name, wanted.version, workspace)
                ),
            ),
        )
        self.register_outputs({})


def _hooks(name: str, version: str, workspace: Home) -> pulumi.ResourceHookBinding:
    """A replacement makes a version again, an addition to its routes updates it: both are asked, in a preview too."""
    where = {"resourceGroupName": workspace.resource_group, "workspaceName": workspace.name}

    async def before(args: pulumi.ResourceHookArgs) -> None:
        found = await get(f"{ML}:getEnvironmentVersion", {**where, "name": name, "version": version})
        if found is None:
            return
        wanted = (args.new_inputs or {}).get("properties") or {}
        if refusals := list(guard_image(name, found["properties"], wanted)):
            raise Refused(refusals)

    in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
    hook = pulumi.ResourceHook(f"refuse-other-routes-{name}-{version}", before, in_preview)
    return pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook])
