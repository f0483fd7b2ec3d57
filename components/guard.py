"""Hooks on endpoints and deployments: what only the engine knows, and what is live at the moment of the change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pulumi

from components.azure_reads import get, whole
from components.gate_record import recorded_verdict
from components.kinds import DEPLOYMENT, ENDPOINT, Kind
from components.observed import Observation, observe_endpoint
from components.own_state import holds
from components.secrets import opened
from components.standing import Standing
from components.taking_down import REMOVAL, only_deletes
from rollout.bodies import endpoint_from
from rollout.gates.enforce import gated, guard_gate
from rollout.guard import guard_count, guard_exists, guard_gone, guard_moved, guard_removed, guard_replaced
from rollout.model import ObservedEndpoint, Step
from rollout.rules.changes import Moves, guard_deployment
from rollout.words import Told, shares, unchanged
from settings.refusal import Refused
from settings.stack import Stack

READ_BACK_SECONDS = 60.0


class Guard:
    """The hooks of all endpoints and deployments of a stack; registered once, as each registration is a call."""

    def __init__(self, stack: Stack, steps: Mapping[str, Step], observation: Observation, standing: Standing) -> None:
        self._stack, self._steps, self._observation, self._standing = stack, steps, observation, standing
        self._done: set[tuple[str, str]] = set()
        self._waiting: dict[str, str] = {}
        self._unchanged = ""
        in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
        drift = pulumi.ResourceHook("refuse-drift", self._before_endpoint, in_preview)
        made = pulumi.ResourceHook("refuse-second-endpoint", self._before_new_endpoint, in_preview)
        read_back = pulumi.ResourceHook("read-back", self._after_endpoint)
        change = pulumi.ResourceHook("refuse-change", self._before_deployment, in_preview)
        added = pulumi.ResourceHook("refuse-second-deployment", self._before_new_deployment, in_preview)
        removal = pulumi.ResourceHook(REMOVAL, self._before_removal, in_preview)
        done = pulumi.ResourceHook("note-done", self._after_deployment)
        self._endpoint = pulumi.ResourceHookBinding(
            before_update=[drift], after_update=[read_back], before_delete=[removal]
        )
        # Deployments go before their endpoint: only a refusal there leaves the state as it was.
        self._deployment = pulumi.ResourceHookBinding(
            before_update=[change], before_delete=[removal], after_create=[done], after_update=[done]
        )
        self._second_endpoint = pulumi.ResourceHookBinding(before_create=[made])
        self._second_deployment = pulumi.ResourceHookBinding(before_create=[added])

    def of_endpoint(self, name: str) -> pulumi.ResourceHookBinding:
        """The hooks of an endpoint; only one that Azure has can be made a second time."""
        is_there = name in self._observation.endpoints or self._observation.takes_down
        return pulumi.ResourceHookBinding.merge(self._endpoint, self._second_endpoint if is_there else None)

    def of_deployment(self, endpoint: str, name: str) -> pulumi.ResourceHookBinding:
        """The hooks of a deployment; one that this stack has not applied was read (`to_read`)."""
        seen = self._observation.endpoints.get(endpoint)
        is_there = (seen is not None and name in seen.deployments) or self._observation.takes_down
        return pulumi.ResourceHookBinding.merge(self._deployment, self._second_deployment if is_there else None)

    def watch(self, kind: Kind, resource: pulumi.CustomResource, *names: str) -> None:
        """Remember an endpoint or a deployment of the stack, so that its removal is told from a destroy."""
        workspace = self._stack.workspace
        values = (workspace.resource_group, workspace.name, *names)
        self._standing.watch(resource, kind.token, resource._name, dict(zip(kind.names, values, strict=True)))

    def announce(self, told: Sequence[Told]) -> None:
        """Say each step in words: where it moves what is live only when the engine makes it, else now.

        Of one resource, the stack: the engine shows the lines of several in any order.
        """
        staying = {one.name: self._steps[one.name].split for one in told if one.mark == "="}
        self._unchanged = unchanged(staying) if staying else ""
        self._waiting = {one.name: one.line for one in told if one.moves}
        for one in told:
            if one.mark != "=" and not one.moves:
                pulumi.log.info(one.line)
        self._say_rest()

    async def _before_new_endpoint(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse to make a second time what is in Azure and not in the state."""
        only_deletes(self._observation.takes_down)
        name = _named(args, "endpointName")
        key = f"endpoints.{name}"
        if not self._standing.is_made_anew(args):
            refuse_existing(key, key, self._stack, await holds("OnlineEndpoint", name))
        self._say(name)

    async def _before_endpoint(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse to PUT what was not decided on what is live now, in preview too."""
        only_deletes(self._observation.takes_down)
        args = await opened(args)
        name = _named(args, "endpointName")
        read = partial(observe_endpoint, self._stack, name, expected=True)
        await refuse_drift(name, self._observation.endpoints.get(name), self._steps[name], read)
        await self._refuse_ungated(name)
        self._say(name)

    async def _refuse_ungated(self, name: str) -> None:
        """Raises Refused for a step forward whose gate has not passed, where gates are enforced."""
        judged, wanted, step = self._observation.endpoints.get(name), self._stack.endpoints[name], self._steps[name]
        if judged is None or gated(wanted, judged, step) is None:
            return
        live = await observe_endpoint(self._stack, name, sorted(wanted.deployments), expected=True)
        if live is not None:
            live = replace(live, proven=judged.proven)
            if refusals := guard_gate(name, wanted, live, step, recorded_verdict(name), time.time()):
                raise Refused(refusals)

    async def _after_endpoint(self, args: pulumi.ResourceHookArgs) -> None:
        """After an update wait until Azure shows what was sent."""
        args = await opened(args)
        name = _named(args, "endpointName")
        await read_back(name, self._steps[name], partial(observe_endpoint, self._stack, name))

    def is_done(self, endpoint: str, name: str) -> bool:
        """Whether this run has made or changed a deployment."""
        return (endpoint, name) in self._done

    def _after_deployment(self, args: pulumi.ResourceHookArgs) -> None:
        self._done.add((_named(args, "endpointName"), _named(args, "deploymentName")))

    async def _before_removal(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse to delete or replace what serves; a `destroy` finds it in the stack file as it was made."""
        args = await opened(args)
        old = args.old_inputs or {}
        kind = DEPLOYMENT if "deploymentName" in old else ENDPOINT
        where = kind.where(old)
        if self._standing.is_taken_down(args, where):
            return
        body = await get(ENDPOINT.get, {key: where[key] for key in ENDPOINT.names})
        live, name = endpoint_from(body) if body else None, where["endpointName"]
        leaves = name not in self._stack.endpoints or (kind is ENDPOINT and not self._standing.is_declared(args))
        refusals = guard_removed(name, live) if leaves else guard_replaced(name, where.get("deploymentName"), live)
        if refusals:
            raise Refused(refusals)
        self._standing.note_leaving(args)

    async def _before_new_deployment(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse to make a second time what is in Azure and not in the state."""
        only_deletes(self._observation.takes_down)
        endpoint, name = _named(args, "endpointName"), _named(args, "deploymentName")
        key = f"endpoints.{endpoint}.{name}"
        if not self._standing.is_made_anew(args):
            is_held = await holds("OnlineDeployment", f"{endpoint}-{name}")
            refuse_existing(key, f"endpoints.{endpoint}.deployments.{name}", self._stack, is_held)

    async def _before_deployment(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse a change of a live deployment, in preview too; the program does so where it knows of a change."""
        only_deletes(self._observation.takes_down)
        args = await opened(args)
        endpoint, name = _named(args, "endpointName"), _named(args, "deploymentName")
        step = self._steps[endpoint]
        read = partial(observe_endpoint, self._stack, endpoint, [name], expected=True)
        await refuse_change(self._stack, step, endpoint, name, args, read)

    def _say(self, name: str) -> None:
        if name in self._waiting:
            pulumi.log.info(self._waiting.pop(name))
            self._say_rest()

    def _say_rest(self) -> None:
        """What stays comes last."""
        if self._unchanged and not self._waiting:
            pulumi.log.info(self._unchanged)
            self._unchanged = ""


Read = Callable[[], Awaitable[ObservedEndpoint | None]]


def refuse_existing(key: str, path: str, stack: Stack, is_held: bool) -> None:
    """Raises Refused for what Azure has and the engine is about to make, unless the stack file takes it over."""
    if refusals := guard_exists(key, path, is_there=True, is_adopted=key in stack.adopt, is_held=is_held):
        raise Refused(refusals)


async def refuse_drift(name: str, judged: ObservedEndpoint | None, step: Step, read: Read) -> None:
    """Raises Refused when nothing is live, or something else than what the step was decided on."""
    live = await read()
    refusals = guard_gone(name, None) if live is None else guard_moved(name, judged, step, live)
    if refusals:
        raise Refused(refusals)


async def refuse_change(
    stack: Stack, step: Step, endpoint: str, name: str, args: pulumi.ResourceHookArgs, read: Read
) -> None:
    """Raises Refused when the change is one that a live deployment must not see (R033, R041 to R046, R126).

    What runs is compared, not what the state says: after a run that was cut off they differ.
    """
    live = await read()
    shown = live.deployments.get(name) if live else None
    if live is None or shown is None:
        raise Refused(guard_gone(endpoint, live, name if live else None))
    wanted, path = stack.endpoints[endpoint], f"endpoints.{endpoint}.deployments.{name}"
    deployment, moves = wanted.deployments[name], _moves(name, live, step)
    refusals = guard_deployment(path, wanted.kind, shown, deployment, moves, state=shown.state)
    if deployment.autoscale and wanted.kind == "managed":
        refusals += guard_count(path, _sent_count(args), shown.instance_count)
    if refusals:
        raise Refused(refusals)


async def read_back(name: str, sent: Step, read: Read, seconds: float = READ_BACK_SECONDS) -> None:
    """Wait until Azure shows the maps that were sent: it shows the old ones for a while after success (facts T4).

    Raises pulumi.RunError after `seconds` with what is live.
    """
    waited, pause = 0.0, 0.2
    while True:
        live = await read()
        if live and live.split == sent.split:
            return
        if waited >= seconds:
            break
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 5.0)
    shown = f"traffic {shares(live.traffic)}, mirror {shares(live.mirror)}" if live else "no such endpoint"
    raise pulumi.RunError(
        f"{name}: Azure took traffic {shares(sent.traffic)}, mirror {shares(sent.mirror)}, but after {seconds:.0f} s "
        f"it shows {shown}. Look again with 'pulumi refresh --preview-only --diff'."
    )


def _named(args: pulumi.ResourceHookArgs, key: str) -> str:
    return str((args.new_inputs or {})[key])


def _moves(name: str, live: ObservedEndpoint, step: Step) -> Moves:
    maps = (live.traffic, step.traffic, live.mirror, step.mirror)
    return Moves(*(of.get(name, 0) for of in maps))


def _sent_count(args: pulumi.ResourceHookArgs) -> int | None:
    return whole(((args.new_inputs or {}).get("sku") or {}).get("capacity"))
