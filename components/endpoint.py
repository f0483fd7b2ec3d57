"""An online endpoint with its deployments; traffic and mirror are its own properties, so the preview shows them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.deployment import deployment
from components.done import Done
from components.ground import Ground
from components.identities import Identities
from components.kinds import ENDPOINT
from components.observed import Observation, keys
from components.options import TYPE_PREFIX, child
from components.report import refuse
from components.watching import diagnose
from rollout.applied import mark_of
from rollout.bodies import TAG
from rollout.guard import guard_gone
from rollout.model import ObservedEndpoint, Split, Step
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
    """An endpoint that carries exactly the step's traffic and mirror; its deployments are made after it, in turn.

    `outputs` is what is live when the step is done, `live` its split in words; `applied` is what the next run has to
    know (`rollout.applied`).
    """

    name: str
    outputs: pulumi.Output[dict[str, object]]
    applied: pulumi.Output[dict[str, object]]
    values: pulumi.Output[dict[str, str]]
    live: pulumi.Output[str]
    keys: pulumi.Output[Mapping[str, str]] | None

    def __init__(
        self,
        name: str,
        stack: Stack,
        step: Step,
        observation: Observation,
        ground: Ground,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Endpoint", name, None, opts)
        wanted, observed = stack.endpoints[name], observation.endpoints.get(name)
        self.name = name
        endpoint = self._endpoint(name, stack, step, observed, ground)
        deployments = self._deployments(stack, endpoint, ground, observation)
        diagnose(self, stack.watching.diagnostics, endpoint, ground.base)
        done = Done(stack, name, step, observation, ground.guard.is_done)
        # A preview ends nothing, and does not know the ids of what it would make.
        waits = [] if pulumi.runtime.is_dry_run() else [each.id for each in deployments]
        # Its properties are a secret where its description is one; its address is none.
        known = pulumi.Output.all(pulumi.Output.unsecret(endpoint.properties).scoring_uri, *waits)
        self.outputs = known.apply(lambda values: done.outputs(values[0]))
        self.applied = self.outputs.apply(lambda _: done.applied())
        values: pulumi.Input[dict[str, str]] = self.outputs.apply(lambda _: done.values())
        self.values = pulumi.Output.secret(values)
        # A preview of what is not there yet has no outputs, but its split is known.
        when = pulumi.Output.from_input(None) if pulumi.runtime.is_dry_run() else self.outputs
        self.live = when.apply(lambda _: done.in_words())
        known_keys = observation.keys.get(name) or {}
        self.keys = (
            _keys(stack, endpoint, known_keys, takes_down=observation.takes_down) if wanted.auth == "key" else None
        )
        self.register_outputs({})

    def _endpoint(
        self, name: str, stack: Stack, step: Step, observed: ObservedEndpoint | None, ground: Ground
    ) -> ml.OnlineEndpoint:
        wanted, workspace = stack.endpoints[name], ground.workspace
        compute = pulumi.Output.concat(workspace.workspace_id, "/computes/", wanted.compute) if wanted.compute else None
        over = Split(wanted.overwrite.traffic, wanted.overwrite.mirror) if wanted.overwrite else None
        endpoint = ml.OnlineEndpoint(
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
            # The mark goes with the traffic in one PUT; where a split is overwritten, it makes the engine see a change.
            tags=dict(sorted({**stack.tags, **wanted.tags, TAG: mark_of(step.split, over)}.items())),
            opts=child(
                self,
                pulumi.ResourceOptions(
                    protect=stack.production,
                    depends_on=[workspace, *ground.before],
                    hooks=ground.guard.of_endpoint(name),
                    # Azure's own notes on its operations, which a refresh brings in.
                    ignore_changes=["properties.properties"],
                    import_=observed.id if observed and f"endpoints.{name}" in stack.adopt else None,
                ),
            ),
        )
        ground.guard.watch(ENDPOINT, endpoint, name)
        return endpoint

    def _deployments(
        self, stack: Stack, endpoint: ml.OnlineEndpoint, ground: Ground, observation: Observation
    ) -> list[ml.OnlineDeployment]:
        made: list[ml.OnlineDeployment] = []
        for name in sorted(stack.endpoints[self.name].deployments):
            # In turn: Azure answers 409 to a second operation on the same endpoint (facts T13).
            after = made[-1] if made else endpoint
            made.append(deployment(name, stack, self, endpoint, ground, after, observation))
        return made


def _identity(wanted: Identity, identities: Identities | None) -> ml.ManagedServiceIdentityArgs:
    named = [identities.ids[name] for name in sorted(wanted.names)] if identities else []
    ids: list[pulumi.Input[str]] = [*named, *sorted(wanted.ids)]
    return ml.ManagedServiceIdentityArgs(type=_IDENTITY[wanted.type], user_assigned_identities=ids or None)


def _keys(
    stack: Stack, endpoint: ml.OnlineEndpoint, known: Mapping[str, str], *, takes_down: bool
) -> pulumi.Output[Mapping[str, str]]:
    """The keys, as a secret. A preview takes those of the last `up`: who may only look has no right to list keys."""
    if takes_down or pulumi.runtime.is_dry_run():
        return pulumi.Output.secret(endpoint.id.apply(lambda _: known))

    async def read(name: str) -> Mapping[str, str]:
        found = await keys(stack, name)
        if found is None:
            raise refuse(guard_gone(name, None))
        return found

    return pulumi.Output.secret(endpoint.name.apply(read))
