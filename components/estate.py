"""The whole of a stack's resources, in the order they stand on each other."""

from collections.abc import Mapping

import pulumi

from components.base import Base
from components.endpoint import Endpoint
from components.registry import Registry
from components.workspace import Workspace
from rollout.model import ObservedEndpoint, Step
from settings.stack import Stack


def declare(stack: Stack, steps: Mapping[str, Step], observed: Mapping[str, ObservedEndpoint]) -> pulumi.Inputs:
    """Declare every resource of the stack and return its outputs; keys leave only as secrets."""
    base = Base("base", stack)
    registry = Registry("registry", stack, base)
    workspace = Workspace("workspace", stack, base, registry)
    endpoints = [Endpoint(name, stack, step, observed.get(name), workspace) for name, step in steps.items()]
    return {
        "resourceGroup": base.resource_group,
        "workspace": workspace.name,
        "registry": registry.login_server,
        "endpoints": {endpoint.name: endpoint.outputs for endpoint in endpoints},
        "keys": {endpoint.name: endpoint.keys for endpoint in endpoints if endpoint.keys is not None},
    }
