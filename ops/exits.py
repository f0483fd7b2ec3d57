"""The exit codes of the operator's commands; docs/commands.md shows them as one table."""

from enum import IntEnum


class Exit(IntEnum):
    """What a command ended with; 2 is wrong usage or something a person can mend, 70 a bug, 130 an interrupt."""

    DONE = 0
    REFUSED = 1
    """Nothing was done, and a person has to look: refused by a rule, a split made by hand, nothing to go back to."""
    FAILED = 3
    """A verdict was `fail`: traffic went back."""
    HOLDS = 4
    """A verdict is still out, or Azure is busy: call again later."""
    UNJUDGED = 5
    """A verdict could not be had: its source is out of reach."""
    CANCELLED = 6
    """A verdict was given up: the old deployment breaks too."""
    DRIFT = 7
    """What is live is not what this stack applied."""
    UNAPPLIED = 8
    """The stack file asks for something else than is live."""
    UNHEALTHY = 9
    """A deployment that gets requests is not healthy, or the endpoint is not there."""
