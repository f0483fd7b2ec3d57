"""`rollout gate`: judge a rollout now, with all numbers, limits, evidence, and what is still missing."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.exits import Exit
from ops.gates.run import Judged, judge_now
from ops.look import endpoint_in
from ops.project import FileOption, StackOption, find_place
from rollout.gates.verdict import Kind

if TYPE_CHECKING:
    from rich.table import Table

EXITS: Mapping[Kind, Exit] = {
    "pass": Exit.DONE,
    "fail": Exit.FAILED,
    "inconclusive": Exit.HOLDS,
    "error": Exit.UNJUDGED,
    "cancelled": Exit.CANCELLED,
}
STYLES: Mapping[Kind, str] = {
    "pass": "green",
    "fail": "red",
    "cancelled": "red",
    "error": "red",
    "inconclusive": "yellow",
}


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    stack: StackOption = None,
    config_file: FileOption = None,
    anew: Annotated[bool, typer.Option("--anew", help="Forget what was seen before, a failure too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge the deployment that comes in by the plan's gates. Evidence goes on from call to call; call it any time.

    Exit 0: pass; 3: fail; 4: inconclusive (it says what is missing); 5: error (a source is out of reach);
    6: cancelled (the old deployment breaks too).

    Example: rollout gate diabetes --json
    """
    place = find_place(stack, config_file)
    settings = place.settings()
    judged = judge_now(place, settings, endpoint_in(settings, endpoint), anew)
    if as_json:
        typer.echo(json.dumps(judged.as_dict(), indent=2))
    else:
        _show(judged)
    raise typer.Exit(EXITS[judged.verdict.kind])


def _show(judged: Judged) -> None:
    from rich.console import Console
    from rich.text import Text

    console, verdict = Console(highlight=False), judged.verdict
    step = judged.evidence.step or "nothing"
    console.print(Text(f"{judged.subject.endpoint}: {judged.subject.new} at {step}", style="bold"))
    if verdict.numbers.get("tests"):
        console.print(_table(verdict.numbers["tests"]))
    for side, durations in verdict.numbers.get("durations", {}).items():
        if durations:
            console.print(Text(f"  {side}, last minutes: {', '.join(_quantiles(durations))}"))
    for one in verdict.numbers.get("smoke", ()):
        console.print(Text(f"  smoke {one['sample']}: {one['verdict']} ({one['status']})"))
    console.print(Text.assemble((f"{verdict.kind} ", STYLES[verdict.kind]), verdict.reason))
    if verdict.missing:
        console.print(Text(f"Missing: {verdict.missing}"))


def _quantiles(durations: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    return [
        f"{name} {told['value']:g} ms ({told['low']:g} to {'?' if told['high'] is None else format(told['high'], 'g')})"
        for name, told in durations.items()
    ]


def _table(tests: Mapping[str, Any]) -> "Table":
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("test")
    for title in ("new", "old", "worse", "fails at", "well", "passes at"):
        table.add_column(title, justify="right")
    for name, told in tests.items():
        sides = [f"{told[side]['bad']:,} of {told[side]['requests']:,}" for side in ("new", "old")]
        figures = [f"{told[key]:,.1f}" for key in ("peak", "failsAt", "evidenceWell", "passesAt")]
        table.add_row(f"{name}{' (dry run)' if told['dryRun'] else ''}", *sides, *figures)
    return table
