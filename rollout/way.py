"""Where an endpoint stands on its plan: who comes in, how many steps are live, what was live before."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain

from rollout.model import AppliedEndpoint, ObservedEndpoint, Split, Step
from rollout.plan import apportion, maps
from settings.deployment import Deployment
from settings.endpoint import Endpoint
from settings.plan import PlanStep


@dataclass(frozen=True, slots=True)
class Way:
    """The plan of an endpoint that serves: `steps` are the maps that it goes through, `done` of them are live.

    `candidate` is None where no deployment waits to come in, or where a person has to say which; then `why` says so.
    """

    candidate: str | None
    done: int = 0
    steps: tuple[Step, ...] = ()
    why: str = ""
    unclear: bool = False

    @property
    def next(self) -> Step | None:
        """The maps of the step that comes next; None at the end."""
        return self.steps[self.done] if self.done < len(self.steps) else None

    @property
    def under_way(self) -> bool:
        """Whether the candidate has a share, and not yet the last one."""
        return 0 < self.done < len(self.steps)


def way_of(wanted: Endpoint, seen: ObservedEndpoint, kept: AppliedEndpoint | None) -> Way:
    """Where the plan stands, judged by what is live."""
    planned = wanted.rollout.steps if wanted.rollout else ()
    if not planned:
        return Way(None, why="the stack file has no rollout.steps")
    found = candidate_now(wanted, seen, kept)
    if found.name is None:
        return Way(None, why=found.why, unclear=found.unclear)
    stable = without(seen, found.name)
    if stable is None:
        return Way(found.name, len(planned), tuple(maps(planned, found.name, {})))
    return Way(found.name, done(planned, seen, found.name), tuple(maps(planned, found.name, stable)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """The deployment that comes in; without a name `why` says why not, and `unclear` that a person has to name it."""

    name: str | None
    why: str = ""
    unclear: bool = False


def done(steps: Iterable[PlanStep], seen: ObservedEndpoint, candidate: str) -> int:
    """How many steps are live: all before the first one that gives the candidate more than it has.

    >>> plan = [PlanStep(mirror=10), PlanStep(traffic=10), PlanStep(traffic=50)]
    >>> done(plan, ObservedEndpoint(traffic={"blue": 70, "green": 30}), "green")
    2
    """
    share, mirror = seen.traffic.get(candidate, 0), seen.mirror.get(candidate, 0)
    count = 0
    for step in steps:
        is_more = step.traffic > share if step.traffic is not None else not share and (step.mirror or 0) > mirror
        if is_more:
            break
        count += 1
    return count


def candidate_now(wanted: Endpoint, seen: ObservedEndpoint, kept: AppliedEndpoint | None) -> Candidate:
    """Who comes in: never guessed.

    It is the one that the plan names; else the one with a share that the stack's last `up` knows as the candidate, or
    that alone is mirrored to, or has traffic unproven; else the only idle one that was never proven.
    """
    named = wanted.rollout.candidate.lower() if wanted.rollout and wanted.rollout.candidate else None
    if coming := named if named in {*seen.traffic, *seen.mirror} else coming_in(seen, kept):
        return Candidate(coming)
    if seen.proven is None and not named:
        why = "what the stack applied last is not known; name the new deployment: rollout.candidate"
        return Candidate(None, why, unclear=True)
    waiting = [named] if named else sorted(wanted.deployments.keys() - seen.traffic.keys() - {*(seen.proven or ())})
    if back := [name for name in waiting if is_aborted(wanted, name)]:
        return Candidate(None, f"{', '.join(back)}: taken back; make it another release, or remove rollout.aborted")
    if len(waiting) > 1:
        return Candidate(None, f"{', '.join(waiting)} wait; name one of them: rollout.candidate", unclear=True)
    return Candidate(waiting[0]) if waiting else Candidate(None, "no new deployment waits")


def is_aborted(wanted: Endpoint, name: str) -> bool:
    """Whether this very release of a deployment was taken back."""
    back, deployment = wanted.rollout.aborted.get(name) if wanted.rollout else None, wanted.deployments.get(name)
    return back is not None and deployment is not None and back == release_of(deployment)


def release_of(deployment: Deployment) -> str:
    """What makes a deployment another release: model, code and environment."""
    return " ".join(filter(None, (deployment.model, deployment.code, deployment.environment)))


def coming_in(seen: ObservedEndpoint, kept: AppliedEndpoint | None) -> str | None:
    """The deployment that has a part of the traffic or of the mirror and is new; None where none is, or several are."""
    if kept and kept.candidate and 0 < seen.traffic.get(kept.candidate, 0) < 100:
        return kept.candidate
    if len(seen.mirror) == 1:
        return next(iter(seen.mirror))
    new = seen.traffic.keys() - {*(seen.proven or ())}
    is_one = len(new) == 1 and len(seen.traffic) > 1 and seen.proven is not None
    return next(iter(new)) if is_one else None


def without(seen: ObservedEndpoint, candidate: str) -> dict[str, int] | None:
    """How the traffic is split without the candidate; None where it has all."""
    others = {name: share for name, share in seen.traffic.items() if name != candidate}
    return apportion(others, 100) if others else None


def way_back(
    seen: ObservedEndpoint,
    kept: AppliedEndpoint | None,
    candidate: str | None,
    past: Iterable[Split],
    barred: AbstractSet[str] = frozenset(),
) -> Split | None:
    """What was live before this rollout, or before what is live; None where nothing tells.

    `candidate` is the one that the plan names; `past` are splits of the stack's earlier updates, the newest first;
    `seen` has all deployments that are there. To those that are `barred`, as they were taken back themselves, it never
    leads: else the same command twice would bring the bad one in again.
    """
    coming = candidate if candidate in {*seen.traffic, *seen.mirror} else coming_in(seen, kept)
    if coming and (stable := without(seen, coming)):
        return Split(stable)
    for split in chain([seen.applied] if seen.applied else [], past):
        if split.traffic and _is_before(split.traffic, seen) and not barred & split.traffic.keys():
            return Split(split.traffic)
    old = {*(seen.proven or ())} & seen.deployments.keys() - seen.traffic.keys() - barred
    return Split(dict.fromkeys(old, 100)) if len(old) == 1 else None


def _is_before(traffic: Mapping[str, int], seen: ObservedEndpoint) -> bool:
    """Whether it has fewer of the live deployments, or none of them; and all that it names are still there."""
    names, live = traffic.keys(), seen.traffic.keys()
    return names <= seen.deployments.keys() and (names < live or not names & live)
