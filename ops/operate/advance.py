"""One step onwards: judged by the rules, written into the stack file, applied by the engine."""

from collections.abc import Callable
from dataclasses import replace

from ops.look import Look
from ops.messages import UserError
from ops.operate.standing import standing_of, unapplied
from ops.project import Place
from ops.stack_file import Edited, edited, split_changes
from rollout.decide import decide, judge
from rollout.model import Split, Step
from settings.refusal import Refusal
from settings.stack import Stack


def next_step(look: Look, options: str) -> Step:
    """The maps of the step that comes next. Raises UserError where none may come now, with what to type instead."""
    seen, path = look.seen, f"endpoints.{look.name}"
    if seen is None or not seen.serves:
        cure = f"The first release skips the steps: pulumi up{options}"
        raise UserError("D016", path, "it serves nothing yet", cure=cure)
    if look.is_moved:
        standing = standing_of(look, (), options)
        raise UserError("D017", path, standing.remarks[0], cure=f"Type: {standing.next}")
    if waits := next(unapplied(look), ""):
        raise UserError("D018", path, waits, cure=f"Type: pulumi up{options}")
    way = look.way
    if way.next is None:
        got = way.why or f"the plan is at its end: {way.candidate} has all that it gives"
        raise UserError("D019", f"{path}.rollout", got)
    return way.next


def refusals(stack: Stack, look: Look, split: Split) -> list[Refusal]:
    """What the rules say against this split, before anything is written."""
    wanted = stack.endpoints[look.name].model_copy(
        update={"traffic": dict(split.traffic), "mirror": dict(split.mirror)}
    )
    changed = stack.model_copy(update={"endpoints": {**stack.endpoints, look.name: wanted}})
    decision = decide(changed, {look.name: look.seen} if look.seen else {})[look.name]
    return [*judge(changed), *decision.refusals]


def written(place: Place, look: Look, split: Split) -> Edited:
    """Write a split into the stack file; the edit that was made. Raises UserError."""
    assert look.wanted is not None
    before = Split(look.wanted.traffic, look.wanted.mirror)
    edit = edited(place, look.name, split_changes(before, split))
    edit.write()
    return edit


def apply(place: Place, look: Look, message: str, on_line: Callable[[str], None]) -> str:
    """`pulumi up`, with a message that the engine's history keeps. Raises PulumiError.

    After a way back past the engine its state says the old split: it reads first, or it would see nothing to do.
    """
    lags = look.kept is not None and look.seen is not None and look.kept.split != look.seen.split
    return replace(place.engine(), on_line=on_line).up(extra=["--message", message, *(["--refresh"] if lags else [])])
