"""The tricks that hook into Pulumi's SDK; `prepare_engine` sets them up, once, before the first resource."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pulumi

from components.speed import is_on

FRAMES = 8


def prepare_engine() -> None:
    """Call once, before the first resource: aliases, debug messages, and the end."""
    if is_on("aliases"):
        pulumi.runtime.register_stack_transformation(_without_versioned_aliases)
    if is_on("debug"):
        pulumi.log.debug = _unsaid
    if is_on("end"):
        signal.signal(signal.SIGINT, _end)


@contextmanager
def short_stacks() -> Iterator[None]:
    """Resources made within name the frames next to them only."""
    if not is_on("stacks"):
        yield
        return
    sys.tracebacklimit = FRAMES
    try:
        yield
    finally:
        del sys.tracebacklimit


@contextmanager
def no_collection() -> Iterator[None]:
    """The garbage collector rests within, and lets alone afterwards what was made: it stays until the end.

    The interpreter's last collection alone would walk the imported classes for a third of a second.
    """
    if not is_on("collector"):
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


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
