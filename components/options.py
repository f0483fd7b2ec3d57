"""What every resource of a stack shares: type tokens, child options, and how the engine is made quick and quiet."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Call once, before the first resource.

    - azure-native's aliases go: each resource has some 32 of versioned types, resolving them is most of a large
      preview's time, and this stack never held such types.
    - The SDK's own debug messages go unless SAFE_ROLLOUT_DEBUG is set: each is a call that the program waits for, six a
      resource, and half of a large preview's time.
    - The program ends in silence when the engine says so: a refused step is followed by SIGINT, after which the
      language host would wait for 5 s and print a traceback.
    """
    pulumi.runtime.register_stack_transformation(_without_versioned_aliases)
    if "SAFE_ROLLOUT_DEBUG" not in os.environ:
        pulumi.log.debug = _unsaid
    signal.signal(signal.SIGINT, _end)


@contextmanager
def short_stacks() -> Iterator[None]:
    """Resources made within name the frames next to them only: the SDK sends each one's whole stack to the engine."""
    sys.tracebacklimit = 8
    try:
        yield
    finally:
        del sys.tracebacklimit


def _unsaid(*_message: object, **_options: object) -> None:
    """Takes the place of pulumi.log.debug."""


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
