"""`rollout history`: what was live when, from the engine's own history, with what commands did beside it."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from ops.look import endpoint_in
from ops.operate.past import split_in
from ops.operate.trail import read_trail
from ops.project import FileOption, StackOption, find_place
from rollout.model import Split
from rollout.words import shares


def command(
    endpoint: Annotated[str | None, typer.Argument(help="The endpoint; without it, all of the stack.")] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="How many updates of the engine to look at.")] = 50,
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what the stack asked for when, who did it, and why; the newest last.

    Updates come from 'pulumi stack history'; a run that was killed leaves none. What rollout did past the engine comes
    from the trail, .rollout/STACK.jsonl beside the stack file.

    Example: rollout history diabetes --json
    """
    place = find_place(stack, config_file)
    settings = place.settings()
    names = [endpoint_in(settings, endpoint)] if endpoint else sorted(settings.endpoints)
    updates = place.engine().history(count)
    project = place.project.name
    found = [row for update in reversed(updates) for row in rows_of(update, names, project)]
    found += [row for line in read_trail(place) for row in row_of_trail(line, names)]
    found.sort(key=lambda row: str(row["time"]))
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        _show(found)


def rows_of(update: Mapping[str, Any], names: list[str], project: str) -> Iterator[dict[str, Any]]:
    """An update of the engine: one row for each endpoint that it had."""
    who = update.get("environment") or {}
    for name in names:
        split = split_in(update, project, name)
        if split is not None:
            yield {
                "time": str(update.get("startTime", ""))[:19] + "Z",
                "endpoint": name,
                "what": str(update.get("kind", "")),
                "result": str(update.get("result", "")),
                "asked": _maps(split),
                "who": who.get("git.author.email") or who.get("git.author") or "",
                "commit": who.get("git.head", ""),
                "reason": str(update.get("message", "")),
            }


def row_of_trail(line: Mapping[str, Any], names: list[str]) -> Iterator[dict[str, Any]]:
    """A line of the trail that went past the engine: what goes through it is in its own history."""
    if line.get("endpoint") not in names or line.get("command") not in ("abort", "undo", "tick: abort"):
        return
    yield {
        "time": str(line.get("time", "")).replace("+00:00", "Z"),
        "endpoint": line["endpoint"],
        "what": line["command"],
        "result": "succeeded",
        "asked": line.get("to") or {"traffic": {}, "mirror": {}},
        "who": line.get("who", ""),
        "commit": "",
        "reason": line.get("reason", ""),
    }


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for title in ("time (UTC)", "endpoint", "what", "asked for", "why"):
        table.add_column(title, overflow="fold")
    for row in rows:
        asked = shares(row["asked"]["traffic"])
        mirror = f", mirror {shares(row['asked']['mirror'])}" if row["asked"]["mirror"] else ""
        what = row["what"] if row["result"] == "succeeded" else f"{row['what']}: {row['result']}"
        table.add_row(row["time"].rstrip("Z").replace("T", " "), row["endpoint"], what, asked + mirror, row["reason"])
    Console().print(table)


def _maps(split: Split) -> dict[str, dict[str, int]]:
    return {"traffic": dict(split.traffic), "mirror": dict(split.mirror)}
