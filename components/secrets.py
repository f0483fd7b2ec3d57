"""What the stack file has encrypted stays so in the state: marked as secret where resources take it as free text.

The engine says only which keys of the stack file hold something encrypted, so all free text under such a key is marked:
variables, descriptions, tags, addresses. Names and references stay readable: they are no secrets, and the preview needs
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi

from settings.stack import Stack

_ML = "azure-native:machinelearningservices"
# Type -> the stack file's key, and where its free text goes.
_TEXTS = {
    f"{_ML}:OnlineDeployment": (
        ("endpoints", "properties.environment_variables"),
        ("endpoints", "properties.description"),
        ("endpoints", "tags"),
    ),
    f"{_ML}:OnlineEndpoint": (("endpoints", "properties.description"), ("endpoints", "tags")),
    f"{_ML}:Workspace": (("workspace", "friendly_name"),),
    "azure-native:monitor:ActionGroup": (("watching", "email_receivers"),),
}
_OF_ALL = (("tags", "tags"),)


def keep_secret(stack: Stack) -> None:
    """Mark the free text of all resources that are declared from here on. Call once, before the first resource."""

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        marked = [place for place in _secret_places(stack, args.type_) if _mark(args.props, place)]
        if not marked:
            return None
        # Below its top level the engine marks an output only where the provider answers, so what an older version left
        # in clear would stay so: without an update nobody asks the provider.
        deep = sorted({first for first, _, rest in (place.partition(".") for place in marked) if rest})
        options = pulumi.ResourceOptions(additional_secret_outputs=deep)
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, options))

    pulumi.runtime.register_stack_transformation(transform)


async def opened(args: pulumi.ResourceHookArgs) -> pulumi.ResourceHookArgs:
    """A hook's arguments with their secrets readable: a map with one secret in it comes as an output otherwise."""
    return pulumi.ResourceHookArgs(
        urn=args.urn,
        id=args.id,
        name=args.name,
        type=args.type,
        new_inputs=await _plain(args.new_inputs),
        old_inputs=await _plain(args.old_inputs),
        new_outputs=args.new_outputs,
        old_outputs=args.old_outputs,
    )


async def _plain(inputs: Any) -> Any:
    if not inputs or not any(isinstance(value, pulumi.Output) for value in inputs.values()):
        return inputs
    return await pulumi.Output.from_input(inputs).future(with_unknowns=True)


def _secret_places(stack: Stack, type_: str) -> Iterator[str]:
    if type_.startswith("azure-native:"):
        yield from (place for key, place in (*_TEXTS.get(type_, ()), *_OF_ALL) if stack.is_secret(key))


def _mark(props: Any, place: str) -> bool:
    """Mark what stands at a place as secret; whether something does."""
    first, _, rest = place.partition(".")
    inside = _get(props, first)
    if inside is None:
        return False
    if rest:
        return _mark(inside, rest)
    if isinstance(props, dict):
        props[first] = pulumi.Output.secret(inside)
    else:
        pulumi.set(props, first, pulumi.Output.secret(inside))
    return True


def _get(props: Any, key: str) -> Any:
    return props.get(key) if isinstance(props, dict) else getattr(props, key, None)
