"""`rollout check`: is the step from what is observed to a stack file allowed? Needs no engine, and no Azure if told."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from pydantic_core import to_json

from ops.check.details import as_dict
from ops.check.markdown import Preview, comment
from ops.check.observed import observed_from
from ops.check.state import gone_from_azure, read_kept
from ops.check.verdict import Verdict, verdict, verdicts
from ops.engine import PulumiError
from ops.messages import UserError
from ops.project import Place, StackOption, find_place, stack_of
from ops.setup.progress import Progress
from ops.workspace import find_target
from rollout.assets import judge_assets
from rollout.guard import guard_subscription
from rollout.model import Applied, ObservedEndpoint
from rollout.rules.standing import Standing
from rollout.words import unchanged
from settings.parse import printable
from settings.refusal import Refused
from settings.stack import Stack

if TYPE_CHECKING:
    from rich.console import Console


def command(
    stack_file: Annotated[Path | None, typer.Argument(help="The stack file, for example Pulumi.dev.yaml.")] = None,
    stack: StackOption = None,
    observed: Annotated[
        typer.FileText | None, typer.Option(help="What is live, as JSON. Left out: Azure is asked.")
    ] = None,
    pairs: Annotated[
        typer.FileText | None,
        # A line that is no UTF-8 is told as the others are.
        typer.Option(
            help="A file with a stack and an observation in each line, as JSON; - is standard input.",
            errors="surrogateescape",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="The verdict as a pull request's comment, with the engine's diff.")
    ] = False,
) -> None:
    """Say what the next 'pulumi up' would do to traffic, or why it is refused. Exit 0: allowed; 1: refused.

    2: wrong usage, or an observation in the wrong form.
    """
    if as_json and as_markdown:
        raise typer.BadParameter("either --json or --markdown")
    if pairs is not None:
        if stack or stack_file or observed:
            raise typer.BadParameter("--pairs stands alone: each line names its stack and its observation")
        raise typer.Exit(_check_pairs(pairs))
    if stack_file and stack:
        raise typer.BadParameter("name one stack: 'rollout check --stack dev' or 'rollout check Pulumi.dev.yaml'")
    place = find_place(stack, stack_file)
    if not place.is_there and not place.project.config:
        raise typer.BadParameter(f"{printable(str(place.path))} is no file; name a stack file, such as Pulumi.dev.yaml")
    try:
        seen = _observed(observed) if observed else None
    except Refused as refused:
        wrong = Verdict(refused.refusals)
        _tell(wrong, observed.name if observed else "", as_json)
        raise typer.Exit(2) from None
    with Progress().waiting("reading what is live"):
        said = _said(place, seen)
    if as_markdown:
        with Progress().waiting("pulumi preview --diff"):
            preview = _preview(place)
        typer.echo(comment(said, stack_of(place), preview), nl=False)
        raise typer.Exit(1 if preview.is_refused or not said.ok else 0)
    _tell(said, str(place.path), as_json, place.options)
    raise typer.Exit(0 if said.ok else 1)


def _preview(place: Place) -> Preview:
    """What the engine says, also where it refuses; where it can't be asked, why."""
    try:
        return Preview(replace(place, stack=stack_of(place)).engine().preview())
    except PulumiError as error:
        return Preview(error.output, is_refused=True)
    except UserError as error:
        return Preview(str(error))


def _said(place: Place, observed: Mapping[str, ObservedEndpoint] | None) -> Verdict:
    try:
        stack = place.settings()
    except Refused as refused:
        return Verdict(refused.refusals)
    return _live(stack, place) if observed is None else verdict(stack, observed)


def _live(stack: Stack, place: Place) -> Verdict:
    from ops.check.observe import observe  # azure-identity takes its time to import

    kept = read_kept(place)
    applied = kept.applied or Applied()
    subscription = find_target(os.environ, place, stack.workspace.name, stack.workspace.resource_group).subscription
    if elsewhere := guard_subscription(applied.subscription, subscription):
        return Verdict(tuple(elsewhere))
    live = observe(stack, place, applied)
    said = verdict(stack, live.seen, Standing(stack, applied, live.made), kept.unread)
    gone = tuple(gone_from_azure(stack, applied, live.seen, kept))
    missing = tuple(judge_assets(live.found, stack.workspace.name, place.project.name, place.options))
    refused, warned = (missing, ()) if live.found.in_workspace else ((), missing)
    return replace(
        said,
        refusals=(*gone, *said.refusals, *refused),
        advice=(*warned, *said.advice),
        assets=live.found.assets,
    )


def _observed(file: TextIO) -> Mapping[str, ObservedEndpoint]:
    try:
        return observed_from(json.load(file))
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"--observed {file.name}: no JSON ({error})") from None


def _check_pairs(lines: Iterable[str]) -> int:
    ok = True
    for said in verdicts(lines):
        sys.stdout.write(f"{to_json(said.as_dict()).decode()}\n")
        ok = ok and said.ok
    return 0 if ok else 1


def _tell(said: Verdict, file: str, as_json: bool, options: str = "") -> None:
    if as_json:
        typer.echo(json.dumps(as_dict(said), indent=2))
    else:
        _show(said, file, options)


def _show(said: Verdict, file: str, options: str) -> None:
    from rich.console import Console  # many pairs and JSON need none of it

    console = Console(soft_wrap=True, highlight=False)
    for refusal in said.all_refusals:
        _line(console, "refused", "red", str(refusal))
    for advice in said.advice:
        _line(console, "warning", "yellow", str(advice))
    for advice in (one for decision in said.decisions.values() for one in decision.advice):
        _line(console, "warning", "yellow", str(advice))
    for one in (one for one in said.told if one.mark != "="):
        _line(console, "allowed", "green", one.line)
    staying = {one.name: said.observed[one.name].split for one in said.told if one.mark == "="}
    if staying:
        console.print(unchanged(staying), markup=False)
    if said.unread:
        _line(console, "unread", "yellow", f"what the stack applied last ({said.unread}); a preview may refuse more")
    ready = f"Next: pulumi preview{options}"
    console.print(ready if said.ok else f"Nothing was touched. Correct {file}, then check it again.", markup=False)


def _line(console: "Console", word: str, style: str, text: str) -> None:
    from rich.text import Text

    console.print(Text.assemble((f"{word:<8} ", style), text))
