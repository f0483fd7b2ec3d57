"""What a stack applied last, asked of the engine; `rollout check` says where it can't be known."""

from dataclasses import dataclass, replace
from pathlib import Path

from ops.engine import PulumiError
from ops.messages import UserError
from ops.project import Place
from rollout.applied import applied_from
from rollout.model import Applied


@dataclass(frozen=True, slots=True)
class Kept:
    """`applied` is None before the stack's first whole `up`, and where it was not read; `unread` says why not."""

    applied: Applied | None = None
    unread: str | None = None


def read_kept(place: Place) -> Kept:
    """The outputs of the stack's last `up`. Never fails: what can't be read is said."""
    stack = place.stack or _stack_of(place.path)
    if stack is None:
        return Kept(unread="the stack file's name names no stack")
    try:
        return Kept(applied_from(replace(place, stack=stack).engine().outputs()))
    except PulumiError as error:
        first = next((line.strip() for line in error.diagnostics.splitlines() if line.strip()), "it gave no reason")
        return Kept(unread=f"the engine said: {first.removeprefix('error: ')}")
    except UserError as error:
        return Kept(unread=str(error))
    except ValueError:
        return Kept(unread="the engine's answer was no JSON")


def _stack_of(file: Path) -> str | None:
    """The stack whose file this is: Pulumi.NAME.yaml."""
    name = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    return name if file.name == f"Pulumi.{name}.yaml" else None
