"""`rollout check`: is the step from what is observed to a stack file allowed? Needs no engine, and no Azure if told."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.text import Text

from ops.check.observed import observed_from
from ops.check.verdict import Verdict, verdict, verdicts
from rollout.model import ObservedEndpoint
from rollout.words import in_words
from settings.load import from_file
from settings.refusal import Refused
from settings.stack import Stack


def command(
    stack_file: Annotated[Path | None, typer.Argument(help="The stack file, for example Pulumi.dev.yaml.")] = None,
    stack: Annotated[str | None, typer.Option(help="The stack's name: its file is Pulumi.NAME.yaml.")] = None,
    observed: Annotated[
        typer.FileText | None, typer.Option(help="What is live, as JSON; without it Azure is asked.")
    ] = None,
    pairs: Annotated[
        typer.FileText | None, typer.Option(help="JSON lines of stacks and observations; - is standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The verdict as JSON.")] = False,
) -> None:
    """Say what the next 'pulumi up' would do to traffic, or why it is refused. Exit 0: allowed; 1: refused."""
    if pairs is not None:
        if stack or stack_file or observed:
            raise typer.BadParameter("--pairs stands alone: each line names its stack and its observation")
        raise typer.Exit(_check_pairs(pairs))
    path = _path(stack_file, stack)
    if not path.is_file():
        raise typer.BadParameter(f"{path} is no file; name a stack file, for example Pulumi.dev.yaml")
    said = _said(path, observed)
    if as_json:
        typer.echo(json.dumps(said.as_dict(), indent=2))
    else:
        _show(said, path)
    raise typer.Exit(0 if said.ok else 1)


def _path(stack_file: Path | None, stack: str | None) -> Path:
    if (stack_file is None) == (stack is None):
        raise typer.BadParameter("name one stack: 'rollout check --stack dev' or 'rollout check Pulumi.dev.yaml'")
    return stack_file or Path(f"Pulumi.{stack}.yaml")


def _said(path: Path, observed: TextIO | None) -> Verdict:
    try:
        stack = from_file(path)
    except Refused as refused:
        return Verdict(refused.refusals)
    return verdict(stack, _observed(observed) if observed else _live(stack, path))


def _live(stack: Stack, path: Path) -> Mapping[str, ObservedEndpoint]:
    from ops.check.observe import observe  # azure-identity takes its time to import

    return observe(stack, path)


def _observed(file: TextIO) -> Mapping[str, ObservedEndpoint]:
    try:
        return observed_from(json.load(file))
    except ValueError as error:
        raise typer.BadParameter(f"--observed {file.name}: no JSON ({error})") from None
    except Refused as refused:
        raise typer.BadParameter(f"--observed {file.name}: {refused}") from None


def _check_pairs(lines: Iterable[str]) -> int:
    ok = True
    for said in verdicts(lines):
        sys.stdout.write(f"{json.dumps(said.as_dict())}\n")
        ok = ok and said.ok
    return 0 if ok else 1


def _show(said: Verdict, path: Path) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for refusal in said.all_refusals:
        _line(console, "refused", "red", str(refusal))
    for name, decision in said.decisions.items():
        if decision.step:
            _line(console, "allowed", "green", in_words(name, said.observed.get(name), decision.step))
        for advice in decision.advice:
            _line(console, "warning", "yellow", str(advice))
    stack = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
    ready = f"Next: pulumi preview --stack {stack}"
    console.print(ready if said.ok else f"Nothing was touched. Correct {path}, then check it again.", markup=False)


def _line(console: Console, word: str, style: str, text: str) -> None:
    console.print(Text.assemble((f"{word:<8} ", style), text))
