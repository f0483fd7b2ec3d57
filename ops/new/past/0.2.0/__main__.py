"""The stack: settings, what Azure shows, the step or its refusals, then the resources."""

import asyncio

import pulumi

from components.classes import load
from components.observed import observe
from components.options import prepare_engine
from components.report import advise, refuse
from rollout.decide import decide, judge
from settings.load import from_engine
from settings.refusal import Refused


async def main() -> pulumi.Inputs:
    """Declare the stack and return its outputs."""
    prepare_engine()
    try:
        stack = from_engine()
    except Refused as refused:
        raise refuse(refused.refusals) from None

    # The provider starts and answers while the resources' classes, most of a preview's time, are imported.
    observed, declare = await asyncio.gather(observe(stack), asyncio.to_thread(load, stack))
    decisions = decide(stack, observed)
    refusals = [*judge(stack), *(one for decision in decisions.values() for one in decision.refusals)]
    if refusals:
        raise refuse(refusals)
    advise(advice for decision in decisions.values() for advice in decision.advice)

    steps = {name: decision.step for name, decision in decisions.items() if decision.step}
    return declare(stack, steps, observed)


pulumi.run(main)
