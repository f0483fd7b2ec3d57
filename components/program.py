"""The program of a stack: settings, what Azure shows, the step or its refusals, then the resources."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pulumi

from components import taking_down
from components.adopted import find_adopted
from components.command import own_stack_file
from components.observed import observe
from components.report import advise, refuse
from components.speed.ahead import load
from components.speed.tricks import prepare_engine
from rollout.assets import judge_assets
from rollout.decide import counsel, decide, judge, judge_standing
from rollout.model import Step
from rollout.rules.standing import Standing
from settings.load import from_engine
from settings.refusal import Refused


def _declare() -> Callable[..., pulumi.Inputs]:
    from components.estate import declare  # it imports the SDK

    return declare


async def main() -> pulumi.Inputs:
    """Declare the stack and return its outputs."""
    prepare_engine()
    takes_down = taking_down.is_under_way()
    try:
        stack = from_engine(own_stack_file)
    except Refused as refused:
        if takes_down:
            return taking_down.without_settings()
        raise refuse(refused.refusals) from None

    # The provider starts and answers while the resources' classes, most of a preview's time, are imported.
    observation, adopted, declare = await asyncio.gather(
        observe(stack), find_adopted(stack), asyncio.to_thread(load, stack, _declare)
    )
    decisions = decide(stack, observation.endpoints)
    if takes_down:
        steps = {name: decision.step or Step({}, {}) for name, decision in decisions.items()}
        observation = replace(observation, takes_down=True)
        taken_down: pulumi.Inputs = declare(stack, steps, observation, adopted)
        return taken_down

    refusals = [*judge(stack), *observation.gone]
    refusals += judge_standing(Standing(stack, observation.applied, observation.made))
    refusals += [one for decision in decisions.values() for one in decision.refusals]
    project, option = pulumi.get_project(), f" --stack {pulumi.get_stack()}"
    unregistered = judge_assets(observation.found, stack.workspace.name, project, option)
    # A preview shows what a stack would be, also before there is anything to register in.
    waits = not observation.found.in_workspace and pulumi.runtime.is_dry_run()
    refusals += () if waits else unregistered
    if refusals:
        raise refuse(refusals)
    advise(
        [
            *(unregistered if waits else ()),
            *counsel(stack),
            *(one for decision in decisions.values() for one in decision.advice),
        ]
    )

    steps = {name: decision.step for name, decision in decisions.items() if decision.step}
    outputs: pulumi.Inputs = declare(stack, steps, observation, adopted)
    return outputs
