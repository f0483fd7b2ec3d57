"""How refusals and advice reach the person at the preview."""

from collections.abc import Iterable

import pulumi

from settings.refusal import Refusal


def refuse(refusals: Iterable[Refusal]) -> pulumi.RunError:
    """The error that stops the program before any resource: all refusals, no traceback, no wait."""
    lines = "\n".join(f"  {refusal}" for refusal in refusals)
    return pulumi.RunError(f"refused, nothing was touched:\n{lines}")


def advise(advice: Iterable[Refusal]) -> None:
    """Show advice as the engine's warnings."""
    for one in advice:
        pulumi.log.warn(str(one))
