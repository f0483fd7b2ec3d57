"""Hooks for what only the engine knows: what this stack applied last, against what is live at that moment."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import pulumi

from components.observed import observe_endpoint
from components.secrets import opened
from rollout.bodies import deployment_from, shares_from
from rollout.case import READY
from rollout.guard import guard_gone, guard_live, guard_removed
from rollout.model import ObservedEndpoint, Step
from rollout.rules.changes import Moves, guard_deployment
from rollout.words import shares
from settings.refusal import Refused
from settings.stack import Stack

READ_BACK_SECONDS = 60.0


class Guard:
    """The hooks of all endpoints and deployments of a stack; registered once, as each registration is a call."""

    def __init__(self, stack: Stack, steps: Mapping[str, Step]) -> None:
        self._stack, self._steps = stack, steps
        in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
        drift = pulumi.ResourceHook("refuse-drift", self._before_endpoint, in_preview)
        read_back = pulumi.ResourceHook("read-back", self._after_endpoint)
        change = pulumi.ResourceHook("refuse-change", self._before_deployment, in_preview)
        # The state remembers a delete hook by its name, and fails where the program has none of that name.
        removal = pulumi.ResourceHook("refuse-removal", self._before_removal, in_preview)
        self.endpoint = pulumi.ResourceHookBinding(
            before_update=[drift], after_update=[read_back], before_delete=[removal]
        )
        # Deployments go before their endpoint: only a refusal there leaves the state as it was.
        self.deployment = pulumi.ResourceHookBinding(before_update=[change], before_delete=[removal])

    async def _before_endpoint(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse to overwrite a split made by hand, in preview too."""
        args = await opened(args)
        name = _named(args, "endpointName")
        await refuse_drift(name, args, lambda: observe_endpoint(self._stack, name))

    async def _after_endpoint(self, args: pulumi.ResourceHookArgs) -> None:
        """After an update wait until Azure shows what was sent."""
        args = await opened(args)
        name = _named(args, "endpointName")
        await read_back(name, args, lambda: observe_endpoint(self._stack, name))

    async def _before_removal(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse to delete what is of a serving endpoint that left the stack file; `destroy` finds it in there."""
        args = await opened(args)
        name = str((args.old_inputs or {})["endpointName"])
        if name in self._stack.endpoints:
            return
        if refusals := guard_removed(name, await observe_endpoint(self._stack, name)):
            raise Refused(refusals)

    async def _before_deployment(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse a change of a live deployment, in preview too; the program reads it only where a share moves."""
        args = await opened(args)
        endpoint, name = _named(args, "endpointName"), _named(args, "deploymentName")
        step = self._steps[endpoint]
        read = partial(observe_endpoint, self._stack, endpoint, [name])
        await refuse_change(self._stack, step, endpoint, name, args, read)


def _named(args: pulumi.ResourceHookArgs, key: str) -> str:
    return str((args.new_inputs or {})[key])


Read = Callable[[], Awaitable[ObservedEndpoint | None]]


async def refuse_drift(name: str, args: pulumi.ResourceHookArgs, read: Read) -> None:
    """Raises Refused when nothing is live, or neither what this stack applied nor what it is about to apply."""
    live = await read()
    if live is None:
        raise Refused(guard_gone(name, live))
    applied, wanted = _step(args.old_inputs), _step(args.new_inputs)
    if (live.traffic, live.mirror) == (wanted.traffic, wanted.mirror):
        return
    refusals = guard_live(name, applied, live)
    if refusals:
        raise Refused(refusals)


async def refuse_change(
    stack: Stack, step: Step, endpoint: str, name: str, args: pulumi.ResourceHookArgs, read: Read
) -> None:
    """Raises Refused when the change is one that a live deployment must not see (R033, R041 to R046)."""
    live = await read()
    wanted = stack.endpoints[endpoint]
    shown = live.deployments.get(name) if live else None
    refusals = guard_deployment(
        f"endpoints.{endpoint}.deployments.{name}",
        wanted.kind,
        deployment_from(args.old_inputs or {"properties": {}}),
        wanted.deployments[name],
        _moves(name, live or ObservedEndpoint(), step),
        state=shown.state if shown else READY,
    )
    if refusals:
        raise Refused(refusals)


async def read_back(name: str, args: pulumi.ResourceHookArgs, read: Read, seconds: float = READ_BACK_SECONDS) -> None:
    """Wait until Azure shows the maps that were sent: it shows the old ones for a while after success (facts T4).

    Raises pulumi.RunError after `seconds` with what is live.
    """
    sent, waited, pause = _step(args.new_inputs), 0.0, 0.2
    while True:
        live = await read()
        if live and (live.traffic, live.mirror) == (sent.traffic, sent.mirror):
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


def _moves(name: str, live: ObservedEndpoint, step: Step) -> Moves:
    maps = (live.traffic, step.traffic, live.mirror, step.mirror)
    return Moves(*(of.get(name, 0) for of in maps))


def _step(inputs: Mapping[str, Any] | None) -> Step:
    properties = (inputs or {}).get("properties") or {}
    return Step(shares_from(properties.get("traffic")), shares_from(properties.get("mirrorTraffic")))
