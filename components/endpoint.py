"""An online endpoint with its deployments; traffic and mirror are its own properties, so the preview shows them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.deployment import deployment
from components.ground import Ground
from components.identities import Identities
from components.observed import keys
from components.options import TYPE_PREFIX, child
from components.report import refuse
from components.watching import diagnose
from rollout.guard import guard_gone
from rollout.model import ObservedEndpoint, Step
from rollout.words import in_words
from settings.endpoint import Endpoint as Wanted
from settings.endpoint import Identity
from settings.stack import Stack

_AUTH = {
    "key": ml.EndpointAuthMode.KEY,
    "aml_token": ml.EndpointAuthMode.AML_TOKEN,
    "aad_token": ml.EndpointAuthMode.AAD_TOKEN,
}
_ACCESS = {
    "enabled": ml.PublicNetworkAccessType.ENABLED,
    "disabled": ml.PublicNetworkAccessType.DISABLED,
}
_IDENTITY = {
    "systemAssigned": ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED,
    "userAssigned": ml.ManagedServiceIdentityType.USER_ASSIGNED,
}


class Endpoint(pulumi.ComponentResource):
    """An endpoint that carries exactly the step's traffic and mirror; its deployments are made after it, in turn."""

    name: str
    outputs: pulumi.Output[dict[str, object]]
    keys: pulumi.Output[Mapping[str, str]] | None

    def __init__(
        self,
        name: str,
        stack: Stack,
        step: Step,
        observed: ObservedEndpoint | None,
        ground: Ground,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Endpoint", name, None, opts)
        wanted = stack.endpoints[name]
        self.name = name
        endpoint = self._endpoint(name, stack, step, ground)
        self._deployments(stack, endpoint, ground)
        diagnose(self, stack.watching.diagnostics, endpoint, ground.base)
        self.outputs = endpoint.properties.scoring_uri.apply(lambda uri: _outputs(uri, wanted, step))
        self.keys = _keys(stack, endpoint) if wanted.auth == "key" else None
        pulumi.log.info(in_words(name, observed, step), resource=self)
        self.register_outputs({})

    def _endpoint(self, name: str, stack: Stack, step: Step, ground: Ground) -> ml.OnlineEndpoint:
        wanted, workspace = stack.endpoints[name], ground.workspace
        compute = pulumi.Output.concat(workspace.workspace_id, "/computes/", wanted.compute) if wanted.compute else None
        return ml.OnlineEndpoint(
            name,
            endpoint_name=name,
            workspace_name=workspace.name,
            resource_group_name=workspace.resource_group,
            location=stack.location,
            identity=_identity(wanted.identity, ground.identities),
            properties=ml.OnlineEndpointPropertiesArgs(
                auth_mode=_AUTH[wanted.auth],
                compute=compute,
                description=wanted.description,
                public_network_access=_ACCESS[stack.access_of(wanted)],
                # Always both: what a PUT without them does is not proven, and it has zeroed live endpoints (facts T3).
                traffic=dict(step.traffic),
                mirror_traffic=dict(step.mirror),
            ),
            tags=dict(sorted({**stack.tags, **wanted.tags}.items())),
            opts=child(
                self,
                pulumi.ResourceOptions(
                    protect=stack.production,
                    depends_on=[workspace, *ground.before],
                    hooks=ground.guard.endpoint,
                    ignore_changes=["properties.properties"],  # Azure's own, such as the URI of its last operation
                ),
            ),
        )

    def _deployments(self, stack: Stack, endpoint: ml.OnlineEndpoint, ground: Ground) -> None:
        before: pulumi.Resource = endpoint
        for name in sorted(stack.endpoints[self.name].deployments):
            # In turn: Azure answers 409 to a second operation on the same endpoint (facts T13).
            before = deployment(name, stack, self, endpoint, ground, before)


def _identity(wanted: Identity, identities: Identities | None) -> ml.ManagedServiceIdentityArgs:
    named = [identities.ids[name] for name in sorted(wanted.names)] if identities else []
    ids: list[pulumi.Input[str]] = [*named, *sorted(wanted.ids)]
    return ml.ManagedServiceIdentityArgs(type=_IDENTITY[wanted.type], user_assigned_identities=ids or None)


def _outputs(uri: str, wanted: Wanted, step: Step) -> dict[str, object]:
    return {
        "scoringUri": uri,
        "traffic": dict(step.traffic),
        "mirror": dict(step.mirror),
        "deployments": sorted(wanted.deployments),
        "heldBack": dict(step.held_back),
    }


def _keys(stack: Stack, endpoint: ml.OnlineEndpoint) -> pulumi.Output[Mapping[str, str]]:
    async def read(name: str) -> Mapping[str, str]:
        found = await keys(stack, name)
        if found is None:
            raise refuse(guard_gone(name, None))
        return found

    return pulumi.Output.secret(endpoint.name.apply(read))
