"""What a stack applied last, asked of the engine; `rollout check` says where it can't be known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ops.engine import Engine, PulumiError
from ops.messages import UserError
from ops.project import Place, stack_of
from rollout.applied import applied_from, former_place
from rollout.guard import guard_gone
from rollout.model import Applied, ObservedEndpoint
from settings.refusal import Refusal
from settings.stack import Stack


@dataclass(frozen=True, slots=True)
class Kept:
    """`applied` is None before the stack's first whole `up`, and where it was not read; `unread` says why not."""

    applied: Applied | None = None
    unread: str | None = None
    engine: Engine | None = None


def gone_from_azure(
    stack: Stack, applied: Applied, seen: Mapping[str, ObservedEndpoint], kept: Kept
) -> Iterator[Refusal]:
    """R122 for what was applied and Azure denies, as far as the state holds it still: after a refresh it does not."""
    missing = [*_missing(stack, applied, seen)]
    held = kept.engine.held() if missing and kept.engine else set()
    for endpoint, deployment in missing:
        kind, name = ("OnlineDeployment", f"{endpoint}-{deployment}") if deployment else ("OnlineEndpoint", endpoint)
        if (kind, name) in held:
            yield from guard_gone(endpoint, None, deployment)


def _missing(stack: Stack, applied: Applied, seen: Mapping[str, ObservedEndpoint]) -> Iterator[tuple[str, str | None]]:
    if former_place(stack, applied):
        return
    for name in sorted(applied.endpoints.keys() & stack.endpoints.keys()):
        if name not in seen:
            yield name, None
            continue
        there = applied.endpoints[name].deployments.keys() & stack.endpoints[name].deployments.keys()
        yield from ((name, each) for each in sorted(there - seen[name].deployments.keys()))


def read_kept(place: Place) -> Kept:
    """The outputs of the stack's last `up`. Never fails: what can't be read is said."""
    stack = stack_of(place)
    if not stack:
        return Kept(unread="the stack file's name names no stack")
    try:
        engine = replace(place, stack=stack).engine()
        return Kept(applied_from(engine.outputs()), engine=engine)
    except PulumiError as error:
        first = next((line.strip() for line in error.diagnostics.splitlines() if line.strip()), "it gave no reason")
        return Kept(unread=f"the engine said: {first.removeprefix('error: ')}")
    except UserError as error:
        return Kept(unread=str(error))
    except ValueError:
        return Kept(unread="the engine's answer was no JSON")
