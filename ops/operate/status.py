"""`rollout status`: what is live beside what is wanted and what was applied, and what to type next."""

import json
import time
from typing import TYPE_CHECKING, Annotated

import typer

from ops.exits import Exit
from ops.look import Look, Looked, endpoint_in, look
from ops.operate.standing import Standing, as_dict, standing_of, step_words
from ops.project import FileOption, Place, StackOption, find_place, stack_option
from settings.stack import Stack

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_EVERY = 5.0
_GRAVEST = (Exit.UNHEALTHY, Exit.DRIFT, Exit.UNAPPLIED, Exit.DONE)


def command(
    endpoints: Annotated[list[str] | None, typer.Argument(help="The endpoints; without any, all of the stack.")] = None,
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help=f"Look again every {_EVERY:.0f} s, until Ctrl-C.")] = False,
) -> None:
    """Say what is live, what is wanted, what was applied, and what to type next. Changes nothing.

    Exit 0: as the stack file says; 7: shifted by hand; 8: not applied yet; 9: something that serves is not healthy.

    Example: rollout status diabetes --watch
    """
    place = find_place(stack, config_file)
    settings = place.settings()
    names = [endpoint_in(settings, name) for name in endpoints or settings.endpoints]
    if watch and not as_json:
        _watch(place, settings, names)
    found = look(place, settings, names)
    standings = _standings(found, stack_option(place))
    if as_json:
        typer.echo(json.dumps(_as_dict(found, standings), indent=2))
    else:
        from rich.console import Console

        Console().print(_shown(found, standings))
    raise typer.Exit(next(code for code in _GRAVEST if code is Exit.DONE or _has(standings, code)))


def _has(standings: dict[str, Standing], code: Exit) -> bool:
    return any(one.code is code for one in standings.values())


def _standings(found: Looked, options: str) -> dict[str, Standing]:
    return {name: standing_of(one, found.locks, options) for name, one in found.endpoints.items()}


def _watch(place: Place, settings: Stack, names: list[str]) -> None:
    from rich.live import Live

    with Live(auto_refresh=False) as screen:
        while True:
            found = look(place, settings, names)
            screen.update(_shown(found, _standings(found, stack_option(place))), refresh=True)
            time.sleep(_EVERY)
            settings = place.fresh().settings()


def _as_dict(found: Looked, standings: dict[str, Standing]) -> dict[str, object]:
    return {
        "endpoints": {name: as_dict(one, standings[name]) for name, one in found.endpoints.items()},
        "lock": None if found.locks is None else [lock.as_dict() for lock in found.locks],
        "stateUnread": found.unread,
    }


def _shown(found: Looked, standings: dict[str, Standing]) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = []
    for name, one in found.endpoints.items():
        parts += [Text(f"{name}: {step_words(one)}", style="bold"), *([_table(one)] if one.seen else [])]
        said = standings[name]
        style = {Exit.DONE: "", Exit.UNAPPLIED: "yellow"}.get(said.code, "red")
        parts += [Text(f"  {remark}", style=style) for remark in said.remarks]
        if not said.remarks:
            parts.append(Text("  as the stack file says", style="green"))
        if said.next:
            parts.append(Text(f"  Next: {said.next}"))
    parts += [Text(f"locked by {lock.text}", style="yellow") for lock in found.locks or ()]
    if found.locks is None:
        parts.append(Text("the lock: the backend is none of files; the engine tells at the next 'pulumi up'"))
    if found.unread:
        parts.append(Text(f"what was applied last is not known: {found.unread}", style="yellow"))
    return Group(*parts)


def _table(one: Look) -> "Table":
    from rich.table import Table

    assert one.seen is not None
    seen, applied, wanted = one.seen, one.seen.applied, one.wanted
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("deployment")
    for title in ("live", "wanted", "applied", "mirror", "count"):
        table.add_column(title, justify="right")
    table.add_column("state")
    table.add_column("model", overflow="fold")
    for name in sorted({*seen.deployments, *(wanted.deployments if wanted else ())}):
        shown = seen.deployments.get(name)
        mirror = seen.mirror.get(name)
        table.add_row(
            name,
            str(seen.traffic.get(name, 0)),
            str(wanted.traffic.get(name, 0)) if wanted else "?",
            str(applied.traffic.get(name, 0)) if applied else "?",
            str(mirror) if mirror else "-",
            str(shown.instance_count) if shown and shown.instance_count is not None else "-",
            shown.state if shown else "not there",
            (shown.model or "-").removeprefix("azureml:") if shown else "-",
        )
    return table
