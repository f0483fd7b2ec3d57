"""What is to be said of one endpoint: how it stands to the stack file, in words, as an exit code, what to type next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.exits import Exit
from ops.lock import Lock
from ops.look import Look
from rollout.applied import digest
from rollout.model import Split, Step
from rollout.words import in_words, shares


@dataclass(frozen=True, slots=True)
class Standing:
    """One endpoint's standing. `remarks` are sentences, the gravest first; `next` is a command."""

    code: Exit
    remarks: tuple[str, ...]
    next: str


def standing_of(look: Look, locks: tuple[Lock, ...] | None, options: str) -> Standing:
    """The gravest thing decides the exit code and the command; `options` name the stack to a pulumi command."""
    found = [*_judged(look, locks, options)]
    if not found:
        return Standing(Exit.DONE, (), "")
    codes, remarks, commands = zip(*found, strict=True)
    return Standing(codes[0], tuple(filter(None, remarks)), next(filter(None, commands), ""))


def _judged(look: Look, locks: tuple[Lock, ...] | None, options: str) -> Iterator[tuple[Exit, str, str]]:
    seen, name = look.seen, look.name
    if seen is None:
        gone = look.kept is not None
        said = "gone from Azure: the stack made it, and Azure denies it" if gone else "not in Azure yet"
        yield Exit.UNHEALTHY if gone else Exit.UNAPPLIED, said, f"pulumi {'refresh' if gone else 'up'}{options}"
        return
    for deployment, state in sorted(look.unhealthy.items()):
        yield Exit.UNHEALTHY, f"{deployment} gets requests and is {state}", f"rollout abort {name}{options}"
    if look.is_moved and seen.applied:
        said = f"shifted by hand: this stack applied {_split(seen.applied)}, and live is {_split(seen.split)}"
        yield (
            Exit.DRIFT,
            said,
            f"rollout adopt {name}{options}   (or, where it is wrong: rollout abort {name}{options})",
        )
    yield from _of_locks(locks, options)
    for said in unapplied(look):
        yield Exit.UNAPPLIED, said, f"pulumi up{options}"
    if look.kept and look.kept.split != seen.split and not look.is_moved:
        yield Exit.DONE, f"the engine's state still says {_split(look.kept.split)}", f"pulumi up{options}"
    if look.way.next and not look.is_moved:
        yield Exit.DONE, "", f"rollout next {name}{options}"


def _of_locks(locks: tuple[Lock, ...] | None, options: str) -> Iterator[tuple[Exit, str, str]]:
    for lock in locks or ():
        if lock.state == "stale":
            yield Exit.DONE, "a killed run left the stack's lock", f"pulumi cancel{options}"


def unapplied(look: Look) -> Iterator[str]:
    """What the next `pulumi up` would change, in words."""
    wanted, seen = look.wanted, look.seen
    if wanted is None or seen is None:
        return
    split = Split(wanted.traffic, wanted.mirror)
    if split != seen.split:
        step = Step(split.traffic, split.mirror)
        yield f"not applied yet: {in_words(look.name, seen, step).partition(': ')[2]}"
    kept = look.kept.deployments if look.kept else {}
    for name in sorted(wanted.deployments):
        if name not in seen.deployments:
            yield f"not applied yet: {name} is to be made"
        elif look.kept and kept.get(name) != digest(wanted.kind, wanted.deployments[name]):
            yield f"not applied yet: {name} is edited"
    for name in sorted(kept.keys() - wanted.deployments.keys()):
        yield f"not applied yet: {name} is to be removed"


def step_words(look: Look) -> str:
    """`step 2 of 4 (traffic 10 to green)`, or why there is no step."""
    way = look.way
    if way.candidate is None or look.wanted is None or look.wanted.rollout is None:
        return way.why
    total = len(way.steps)
    if not way.done:
        return f"step 0 of {total}: {way.candidate} waits"
    step = look.wanted.rollout.steps[way.done - 1]
    share = f"mirror {step.mirror}" if step.traffic is None else f"traffic {step.traffic}"
    return f"step {way.done} of {total} ({share} to {way.candidate})"


def as_dict(look: Look, standing: Standing) -> dict[str, Any]:
    """As JSON; what is not known is null."""
    seen, wanted, way = look.seen, look.wanted, look.way
    names = {*(wanted.deployments if wanted else ()), *(seen.deployments if seen else ())}
    return {
        "live": _maps(seen.split) if seen else None,
        "wanted": _maps(Split(wanted.traffic, wanted.mirror)) if wanted else None,
        "applied": _maps(seen.applied) if seen and seen.applied else None,
        "state": seen.state if seen else None,
        "deployments": {name: _deployment(look, name) for name in sorted(names)},
        "step": {"candidate": way.candidate, "done": way.done, "of": len(way.steps), "why": way.why or None},
        "drift": look.is_moved,
        "remarks": list(standing.remarks),
        "exitCode": int(standing.code),
        "next": standing.next or None,
    }


def _deployment(look: Look, name: str) -> dict[str, Any]:
    one = look.seen.deployments.get(name) if look.seen else None
    wanted = look.wanted.deployments.get(name) if look.wanted else None
    return {
        "state": one.state if one else None,
        "model": one.model if one else None,
        "wantedModel": wanted.model if wanted else None,
        "instances": one.instance_count if one else None,
    }


def _maps(split: Split) -> dict[str, dict[str, int]]:
    return {"traffic": dict(split.traffic), "mirror": dict(split.mirror)}


def _split(split: Split) -> str:
    return shares(split.traffic) + (f", mirror {shares(split.mirror)}" if split.mirror else "")
