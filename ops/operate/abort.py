"""`rollout abort`: traffic back to what was live before, in one request, whatever the engine or the stack file say."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, NoReturn

import typer

from ops.arm import Arm, open_arm
from ops.check.state import Kept, read_kept
from ops.exits import Exit
from ops.look import Look, bodies, lock_of, seen_as
from ops.operate.going_back import Back, back_to, stop_own
from ops.operate.target import Readable, read_settings, target_of
from ops.project import FileOption, Place, StackOption, find_place, stack_option
from rollout.words import shares


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    to: Annotated[str | None, typer.Option("--to", help="The deployment that gets all traffic.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the trail and the commit.")] = "",
    stack: StackOption = None,
    config_file: FileOption = None,
    workspace: Annotated[str | None, typer.Option(help="Where the stack file can't be read.")] = None,
    resource_group: Annotated[str | None, typer.Option(help="Where the stack file can't be read.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Also to a deployment that is not healthy.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put traffic back to what was live before this rollout, end the mirror, and say so in the stack file.

    It goes past the engine: a lock, a running 'pulumi up' or a broken stack file do not hold it up.
    Exit 0: it is live, and the stack file says so; 8: it is live, and the stack file could not be edited; 1: refused.

    Example: rollout abort diabetes --reason "p99 doubled"
    """
    place = find_place(stack, config_file)
    where = Where(to, workspace, resource_group)
    back = go_back(place, endpoint, where, lambda found: _ask(found, force), "abort", reason)
    tell(back, f"Abort {back.look.name}" + (f": {reason}" if reason else ""), as_json)


@dataclass(frozen=True, slots=True)
class Where:
    """Where to go back to, and the workspace, as far as a person named them."""

    to: str | None = None
    workspace: str | None = None
    resource_group: str | None = None


def go_back(
    place: Place, endpoint: str, where: Where, check: Callable[[Back], None], command: str, reason: str
) -> Back:
    """Look, ask `check`, write the stack file, PUT, read back, record. Raises UserError where nothing was shifted."""
    readable = read_settings(place)
    with ThreadPoolExecutor() as pool:
        kept = pool.submit(read_kept, place)
        with open_arm(target_of(place, kept.result, where.workspace, where.resource_group)) as arm:
            look = _look(arm, readable, endpoint, Kept() if where.to else kept.result())
            back = back_to(place, look, where.to)
            check(back)
            back.notes += stop_own(lock_of(place))
            back.write()  # first: a run that is killed in between leaves a file that says the way back
            with _waiting() as on_line:
                back.shift(arm, on_line)
    if readable.why:
        back.notes.append(f"The stack file can't be read: {readable.why}")
    back.record(command, reason)
    return back


def tell(back: Back, commit: str, as_json: bool) -> NoReturn:
    """Say what is live now, and end with the exit code."""
    if as_json:
        typer.echo(json.dumps(_as_dict(back), indent=2))
    else:
        _show(back, commit)
    raise typer.Exit(Exit.UNAPPLIED if back.unwritten else Exit.DONE)


def _look(arm: Arm, readable: Readable, endpoint: str, kept: Kept) -> Look:
    declared = readable.stack.endpoints if readable.stack else {}
    name = next((each for each in declared if each.lower() == endpoint.lower()), endpoint)
    applied = kept.applied.endpoints.get(name) if kept.applied else None
    return seen_as(name, declared.get(name), *bodies(arm, name), applied)


def _ask(back: Back, force: bool) -> None:
    """What is not healthy gets traffic only if a person wants it so. Raises UserError, or typer.Abort."""
    if force or not back.unsound:
        return
    if not sys.stdin.isatty():
        back.check()
    said = "; ".join(back.unsound)
    typer.confirm(
        f"{said}; live is {shares(back.before.traffic)}. Shift to {shares(back.to.traffic)} anyway?", abort=True
    )


@contextmanager
def _waiting() -> Iterator[Callable[[str], None]]:
    from rich.console import Console

    with Console(stderr=True).status("PUT traffic") as status:
        yield status.update


def _show(back: Back, commit: str) -> None:
    name, options = back.look.name, stack_option(back.place)
    mirror = f", mirror {shares(back.to.mirror)}" if back.to.mirror else ", mirror none"
    was = shares(back.before.traffic) + (f", mirror {shares(back.before.mirror)}" if back.before.mirror else "")
    typer.echo(f"live: {name} {shares(back.to.traffic)}{mirror} (was {was})")
    for note in back.notes:
        typer.echo(note)
    if back.unwritten:
        typer.echo(back.unwritten)
    elif back.diff:
        typer.echo(back.diff, nl=False)
    lost = ", ".join(back.leaving) or "the other split"
    typer.echo(f"Commit it, or the next merge brings {lost} back:")
    typer.echo(f"  git commit -m {shlex.quote(commit)} {shlex.quote(str(back.place.path))}")
    typer.echo(f"Then, so that the engine's state says it too: pulumi up{options}")


def _as_dict(back: Back) -> dict[str, object]:
    pairs = (("was", back.before), ("live", back.to))
    return {
        "endpoint": back.look.name,
        **{key: {"traffic": dict(split.traffic), "mirror": dict(split.mirror)} for key, split in pairs},
        "takenBack": back.leaving,
        "stackFile": {"edited": bool(back.diff), "problem": back.unwritten or None},
        "notes": back.notes,
    }
