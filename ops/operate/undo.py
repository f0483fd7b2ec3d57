"""`rollout undo`: back to the release before, without steps, while its deployment is still there."""

from typing import Annotated

import typer

from ops.messages import UserError
from ops.operate.abort import Where, go_back, tell
from ops.operate.going_back import Back
from ops.project import FileOption, StackOption, find_place
from rollout.words import shares


def command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint.")],
    of: Annotated[
        str | None, typer.Option("--of", help="The release that is meant: refused where another is live.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the trail and the commit.")] = "",
    stack: StackOption = None,
    config_file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put all traffic back to what was live before a finished rollout; under a rollout it is 'rollout abort'.

    The old deployment must be healthy, and have as many instances as the one that it takes over from. Exit codes are
    those of 'rollout abort'.

    Example: rollout undo diabetes --of green
    """

    def check(back: Back) -> None:
        check_undo(back, of.lower() if of else None)

    back = go_back(find_place(stack, config_file), endpoint, Where(), check, "undo", reason)
    tell(back, f"Undo {back.look.name}" + (f": {reason}" if reason else ""), as_json)


def check_undo(back: Back, of: str | None) -> None:
    """Raises UserError where a rollout is under way, another release is live, or the old one can't carry the load."""
    name, live = back.look.name, back.before.traffic
    path = f"endpoints.{name}"
    if len(live) > 1 or back.before.mirror:
        raise UserError("D021", path, f"a rollout is under way ({shares(live)})", cure=f"Type: rollout abort {name}")
    if of is not None and of not in live:
        raise UserError("D022", path, f"live is {shares(live)}", f"{of}, the release that was meant")
    back.check()
    had = max((_count(back, each) for each in live), default=0)
    for each in sorted(back.to.traffic):
        if _count(back, each) < had:
            got = f"{each} has {_count(back, each)} instances, and takes over from {had}"
            cure = f"Scale it first: {path}.deployments.{each}.instanceCount: {had}, then 'pulumi up', then this again."
            raise UserError("D023", path, got, "as many", f"{cure} Or, at once and at your risk: rollout abort {name}")


def _count(back: Back, deployment: str) -> int:
    one = back.seen.deployments.get(deployment)
    return one.instance_count or 0 if one else 0
