"""Where the programs are that the set-up brought."""

from dataclasses import dataclass
from pathlib import Path

from ops import messages
from ops.setup.engine import find_engine
from ops.setup.node import find_azurite, find_node


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs are that `.venv` does not hold."""

    engine: Path
    """Folder with pulumi and its language host."""
    node: Path
    """The Node.js program."""
    azurite: Path
    """Folder with node_modules."""


def find_tools() -> Tools:
    """What the set-up brought; UserError T005 where it has not run (or the cache was emptied)."""
    engine, node, azurite = find_engine(), find_node(), find_azurite()
    if engine is None:
        raise messages.not_set_up("the Pulumi engine")
    if node is None:
        raise messages.not_set_up("Node.js")
    if azurite is None:
        raise messages.not_set_up("Azurite")
    return Tools(engine, node, azurite)
