"""What every resource of a stack shares: type tokens, child options, and how the engine is made quick and quiet."""

import os
import signal
import sys
from importlib.metadata import version
from types import FrameType

import pulumi

TYPE_PREFIX = "safe-rollout:components"
AZURE_NATIVE_VERSION = version("pulumi-azure-native")


def child(parent: pulumi.Resource, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
    """Options of a component's child. The method form of merge would give the child the component's own parent."""
    merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=parent))
    assert merged is not None
    return merged


def prepare_engine() -> None:
    """Call once, before the first resource: drop azure-native's aliases, and end in silence when the engine says so.

    azure-native gives each resource some 32 aliases of versioned types, and resolving them is most of a large
    preview's time; this stack never held such types. A refused step is followed by SIGINT, after which the language
    host would wait for 5 s and print a traceback.
    """
    pulumi.runtime.register_stack_transformation(_without_versioned_aliases)
    signal.signal(signal.SIGINT, _end)


def _without_versioned_aliases(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    aliases = args.opts.aliases
    if not aliases or not isinstance(aliases, list) or not args.type_.startswith("azure-native:"):
        return None
    args.opts.aliases = [alias for alias in aliases if not _is_versioned(alias)]
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _is_versioned(alias: object) -> bool:
    return isinstance(alias, pulumi.Alias) and isinstance(alias.type_, str) and alias.type_.startswith("azure-native:")


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(130)
