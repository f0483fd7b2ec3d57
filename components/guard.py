"""Hooks for what only the engine knows: what this stack applied last, against what is live at that moment."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pulumi

from components.observed import observe_endpoint
from rollout.bodies import deployment_from, shares_from
from rollout.guard import guard_live
from rollout.model import ObservedEndpoint, Step
from rollout.rules.changes import guard_deployment
from rollout.words import shares
from settings.refusal import Refused
from settings.stack import Stack

READ_BACK_SECONDS = 60.0


def endpoint_hooks(stack: Stack, name: str) -> pulumi.ResourceHookBinding:
    """Refuse to overwrite a split made by hand, in preview too; after an update wait until Azure shows it."""

    async def before(args: pulumi.ResourceHookArgs) -> None:
        await refuse_drift(name, args, lambda: observe_endpoint(stack, name))

    async def after(args: pulumi.ResourceHookArgs) -> None:
        await read_back(name, args, lambda: observe_endpoint(stack, name))

    in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
    return pulumi.ResourceHookBinding(
        before_update=[pulumi.ResourceHook(f"refuse-drift-{name}", before, in_preview)],
        after_update=[pulumi.ResourceHook(f"read-back-{name}", after)],
    )


def deployment_hooks(stack: Stack, step: Step, endpoint: str, name: str) -> pulumi.ResourceHookBinding:
    """Refuse a change of a live deployment, in preview too; the program reads deployments only where traffic moves."""

    async def before(args: pulumi.ResourceHookArgs) -> None:
        await refuse_change(stack, step, endpoint, name, args, lambda: observe_endpoint(stack, endpoint))

    in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
    hook = pulumi.ResourceHook(f"refuse-change-{endpoint}-{name}", before, in_preview)
    return pulumi.ResourceHookBinding(before_update=[hook])


Read = Callable[[], Awaitable[ObservedEndpoint | None]]


async def refuse_drift(name: str, args: pulumi.ResourceHookArgs, read: Read) -> None:
    """Raises Refused when what is live is neither what this stack applied nor what it is about to apply."""
    live = await read()
    if live is None:
        return
    applied, wanted = _step(args.old_inputs), _step(args.new_inputs)
    if (live.traffic, live.mirror) == (wanted.traffic, wanted.mirror):
        return
    refusals = guard_live(name, applied, live)
    if refusals:
        raise Refused(refusals)


async def refuse_change(
    stack: Stack, step: Step, endpoint: str, name: str, args: pulumi.ResourceHookArgs, read: Read
) -> None:
    """Raises Refused when the change is one that a live deployment must not see (R041 to R044)."""
    live = await read()
    wanted = stack.endpoints[endpoint]
    refusals = guard_deployment(
        f"endpoints.{endpoint}.deployments.{name}",
        wanted.kind,
        deployment_from(args.old_inputs or {"properties": {}}),
        wanted.deployments[name],
        live=live.traffic.get(name, 0) if live else 0,
        share=step.traffic.get(name, 0),
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


def _step(inputs: Mapping[str, Any] | None) -> Step:
    properties = (inputs or {}).get("properties") or {}
    return Step(shares_from(properties.get("traffic")), shares_from(properties.get("mirrorTraffic")))
