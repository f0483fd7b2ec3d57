"""The program of a stack: settings, what Azure shows, the step or its refusals, then the resources."""

import asyncio
from dataclasses import replace

import pulumi

from components import taking_down
from components.observed import observe
from components.report import advise, refuse
from components.speed.ahead import load
from components.speed.tricks import prepare_engine
from components.standing import ids_to_adopt
from rollout.decide import counsel, decide, judge, judge_standing
from rollout.model import Step
from rollout.rules.standing import Standing
from settings.load import from_engine
from settings.refusal import Refused


async def main() -> pulumi.Inputs:
    """Declare the stack and return its outputs."""
    prepare_engine()
    takes_down = taking_down.is_under_way()
    try:
        stack = from_engine()
    except Refused as refused:
        if takes_down:
            return taking_down.without_settings()
        raise refuse(refused.refusals) from None

    # The provider starts and answers while the resources' classes, most of a preview's time, are imported.
    observation, adopted, declare = await asyncio.gather(
        observe(stack), ids_to_adopt(stack), asyncio.to_thread(load, stack)
    )
    decisions = decide(stack, observation.endpoints)
    if takes_down:
        steps = {name: decision.step or Step({}, {}) for name, decision in decisions.items()}
        return declare(stack, steps, replace(observation, takes_down=True), adopted)

    refusals = [*judge(stack), *observation.gone]
    refusals += judge_standing(Standing(stack, observation.applied, observation.made))
    refusals += [one for decision in decisions.values() for one in decision.refusals]
    if refusals:
        raise refuse(refusals)
    advise([*counsel(stack), *(one for decision in decisions.values() for one in decision.advice)])

    steps = {name: decision.step for name, decision in decisions.items() if decision.step}
    return declare(stack, steps, observation, adopted)
