"""Finding an endpoint when things are broken: a stack file that can't be read must not keep anybody from going back."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ops.check.state import Kept
from ops.messages import UserError
from ops.project import Place
from ops.workspace import Target, find_target, point_clients
from settings.refusal import Refused
from settings.stack import Stack

_CURE = "Name them: --workspace ws-diabetes --resource-group rg-diabetes"


@dataclass(frozen=True, slots=True)
class Readable:
    """The settings, None where the stack file is broken; `why` says what is wrong with it then."""

    stack: Stack | None
    why: str = ""


def read_settings(place: Place) -> Readable:
    """The settings as far as they can be read. Never fails."""
    try:
        return Readable(place.settings())
    except Refused as refused:
        return Readable(None, str(refused.refusals[0]))
    except (UserError, OSError) as error:
        return Readable(None, str(error))


def target_of(place: Place, kept: Callable[[], Kept], workspace: str | None, group: str | None) -> Target:
    """The workspace: as named, else by the stack file, however broken, else by the stack's last outputs."""
    try:
        found = find_target(os.environ, place, workspace, group)
        point_clients(os.environ, place)
        return found
    except Refused:
        blind = replace(place, path=Path(os.devnull))
        applied = kept().applied
        estate = applied.estate if applied else {}
        workspace = workspace or estate.get("workspace.name")
        group = group or estate.get("workspace.resourceGroup")
        if not workspace or not group:
            raise UserError("D015", "workspace", "the stack file can't be read", "its name", _CURE) from None
        point_clients(os.environ, blind)
        return find_target(os.environ, blind, workspace, group)
