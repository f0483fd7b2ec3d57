"""The stack: settings, what Azure shows, the step or its refusals, then the resources."""

import pulumi

from components.base import Base
from components.endpoint import Endpoint
from components.observed import observe
from components.options import prepare_engine
from components.registry import Registry
from components.report import advise, refuse
from components.workspace import Workspace
from rollout.decide import decide
from settings.load import from_engine
from settings.refusal import Refused


async def main() -> pulumi.Inputs:
    """Declare the stack and return its outputs."""
    prepare_engine()
    try:
        stack = from_engine()
    except Refused as refused:
        raise refuse(refused.refusals) from None

    observed = await observe(stack)
    decisions = decide(stack, observed)
    refusals = [refusal for decision in decisions.values() for refusal in decision.refusals]
    if refusals:
        raise refuse(refusals)
    advise(advice for decision in decisions.values() for advice in decision.advice)

    base = Base("base", stack)
    registry = Registry("registry", stack, base)
    workspace = Workspace("workspace", stack, base, registry)
    endpoints = [
        Endpoint(name, stack, decision.step, observed.get(name), workspace)
        for name, decision in decisions.items()
        if decision.step
    ]
    return {
        "resourceGroup": base.resource_group,
        "workspace": workspace.name,
        "registry": registry.login_server,
        "endpoints": {endpoint.name: endpoint.outputs for endpoint in endpoints},
        "keys": {endpoint.name: endpoint.keys for endpoint in endpoints if endpoint.keys is not None},
    }


pulumi.run(main)
