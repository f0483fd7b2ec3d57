"""`rollout promote`: all steps that are left, one after the other, without waiting between them."""

import json
from dataclasses import dataclass
from typing import Annotated

import typer

from ops.look import endpoint_in
from ops.messages import UserError
from ops.operate.judging import judge_of
from ops.operate.ticker import Ticker
from ops.project import FileOption, StackOption, find_place
from rollout.gates.verdict import Verdict
from rollout.tick import Do, Judge, Question

_GOES_ON = {Do.APPLY, Do.NEXT}


@dataclass(frozen=True, slots=True)
class Forced:
    """A person's word in place of a verdict."""

    reason: str

    def judge(self, question: Question) -> Verdict:  # noqa: ARG002 (what is asked does not matter)
        """Always a pass, with the reason."""
        return Verdict("pass", f"promoted by force: {self.reason}")


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    force: Annotated[bool, typer.Option("--force", help="Past pauses and gates; say why.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the trail and the engine's history.")] = "",
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line for each step.")] = False,
) -> None:
    """Take all steps that are left. Each is still a step of the plan: the rules and largestJump hold.

    Without --force each step's verdict is asked, and the first that does not pass ends it. Exit codes are those of
    'rollout tick'.

    Example: rollout promote diabetes --force --reason "blue errs, green does not"
    """
    if force and not reason:
        raise UserError("D020", "--force", "no reason", "--reason TEXT", "It is what others read in the trail.")
    place = find_place(stack, config_file)
    name = endpoint_in(place.settings(), endpoint)
    judge: Judge = Forced(reason) if force else judge_of(place)
    ticker = Ticker(place, name, judge, lambda line: typer.echo(line, err=True))
    while True:
        done = ticker.tick()
        said = {"endpoint": name, **done.as_dict()}
        typer.echo(json.dumps(said) if as_json else f"{done.said}\n{name}: {done.step}")
        if done.action.do not in _GOES_ON or done.is_last:
            raise typer.Exit(done.code)
