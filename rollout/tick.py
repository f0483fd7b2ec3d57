"""What `rollout tick` does: where an endpoint stands, what was judged, and in one table the action that is due.

Pure: whoever asks looks first, acts afterwards, and looks again before the next action. docs/commands.md draws it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from rollout.case import READY, TERMINAL
from rollout.model import AppliedEndpoint, ObservedEndpoint, Split, Step
from rollout.way import Way, is_aborted, way_of
from settings.endpoint import Endpoint
from settings.plan import PlanStep

Kind = Literal["pass", "fail", "inconclusive", "error", "cancelled"]


class Verdict(Protocol):
    """What a judge says. `missing` is what is still needed: "190 more requests, about 4 min"."""

    @property
    def kind(self) -> Kind:
        """One of the five."""

    @property
    def reason(self) -> str:
        """In a sentence."""

    @property
    def missing(self) -> str:
        """Empty where nothing is."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be judged: the step that is live, for so many `seconds`; None where Azure does not say since when."""

    endpoint: str
    candidate: str
    old: tuple[str, ...]
    step: PlanStep
    seconds: float | None


class Judge(Protocol):
    """Judges a step. Never raises: what it can't find out is a verdict too."""

    def judge(self, question: Question) -> Verdict:
        """The verdict of now; it is asked again right before each action."""


class Stand(StrEnum):
    """Where an endpoint stands: the first that holds, in this order."""

    UNPLANNED = "it has no plan"
    FIRST = "it serves nothing yet"
    UNKNOWN = "what the stack applied last is not known"
    MOVED = "it was shifted by hand"
    BUSY = "Azure is at work on it"
    SICK = "an old deployment, or the endpoint itself, is not healthy"
    BROKEN = "the new deployment has requests and is not healthy"
    WRITTEN = "the next step stands in the stack file and is not live yet"
    SKIPPING = "the stack file gives the new deployment more than the next step does"
    EDITED = "the stack file asks for something else that gives the new deployment no more"
    UNCLEAR = "it is not clear which deployment comes in"
    UNFIT = "the new deployment waits and is not healthy"
    WAITING = "the new deployment waits"
    UNDER_WAY = "a step is live"
    ENDED = "the last step is live, and the old deployment is to be removed"
    SETTLED = "there is nothing to do"


class Do(StrEnum):
    """An action. All but HOLD, STOP and NOTHING change something; ABORT goes past the engine."""

    APPLY = "apply"
    NEXT = "next"
    CLEAN_UP = "clean up"
    ABORT = "abort"
    HOLD = "hold"
    STOP = "stop"
    NOTHING = "nothing"


def _judged(when_passed: Do) -> dict[Kind, Do]:
    return {"pass": when_passed, "fail": Do.ABORT, "inconclusive": Do.HOLD, "error": Do.HOLD, "cancelled": Do.STOP}


TABLE: Mapping[Stand, Do | Mapping[Kind, Do]] = {
    Stand.UNPLANNED: Do.NOTHING,
    Stand.FIRST: Do.APPLY,
    Stand.UNKNOWN: Do.STOP,
    Stand.MOVED: Do.STOP,
    Stand.BUSY: Do.HOLD,
    Stand.SICK: Do.STOP,
    Stand.BROKEN: Do.ABORT,
    Stand.WRITTEN: _judged(Do.APPLY),
    Stand.SKIPPING: Do.STOP,
    Stand.EDITED: Do.APPLY,
    Stand.UNCLEAR: Do.STOP,
    Stand.UNFIT: Do.STOP,
    Stand.WAITING: Do.NEXT,
    Stand.UNDER_WAY: _judged(Do.NEXT),
    Stand.ENDED: _judged(Do.CLEAN_UP),
    Stand.SETTLED: Do.NOTHING,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One endpoint as it is to be decided on; `seen` has all deployments, `unapplied` says that others are edited."""

    name: str
    wanted: Endpoint
    seen: ObservedEndpoint | None
    kept: AppliedEndpoint | None
    unapplied: bool = False

    @property
    def way(self) -> Way:
        """Where the plan stands; for an endpoint that is there."""
        return way_of(self.wanted, self.seen or ObservedEndpoint(), self.kept)

    @property
    def asked(self) -> Split:
        """What the stack file says."""
        return Split(self.wanted.traffic, self.wanted.mirror)


@dataclass(frozen=True, slots=True)
class Action:
    """What is due, and why. `step` are the maps of NEXT, `removed` the deployments of CLEAN_UP."""

    do: Do
    stand: Stand
    reason: str
    step: Step | None = None
    removed: tuple[str, ...] = ()
    verdict: Kind | None = None


def stand_of(scene: Scene) -> Stand:
    """Where it stands. Each line is a row of the table."""
    seen, wanted, way = scene.seen, scene.wanted, scene.way
    if wanted.rollout is None or not wanted.rollout.steps:
        return Stand.UNPLANNED
    if seen is None or not seen.serves:
        return Stand.FIRST
    if seen.applied is None:
        return Stand.UNKNOWN
    if seen.split not in (seen.applied, scene.asked):
        return Stand.MOVED
    return _health(seen, way) or _file(scene, seen, way) or _plan(scene, seen, way)


def decide(scene: Scene, verdict: Verdict | None) -> Action:
    """The action that is due. `verdict` is None where nothing was judged: then what needs one holds."""
    stand, way = stand_of(scene), scene.way
    row = TABLE[stand]
    if isinstance(row, Do):
        reason = way.why if stand in (Stand.SETTLED, Stand.UNCLEAR) and way.why else str(stand)
        return _action(scene, row, stand, reason, None)
    if stand is Stand.WRITTEN and not way.done:
        return _action(scene, Do.APPLY, stand, "the first step stands in the stack file", None)
    if verdict is None:
        return _action(scene, Do.HOLD, stand, "not judged", None)
    reason = f"{verdict.reason}; missing: {verdict.missing}" if verdict.missing else verdict.reason
    return _action(scene, row[verdict.kind], stand, reason, verdict.kind)


def question(scene: Scene, seconds: float | None) -> Question | None:
    """What is to be judged before `decide`; None where the table asks for no verdict."""
    stand, way, plan = stand_of(scene), scene.way, scene.wanted.rollout
    if isinstance(TABLE[stand], Do) or plan is None or (stand is Stand.WRITTEN and not way.done):
        return None
    seen = scene.seen or ObservedEndpoint()
    candidate = way.candidate or next(iter(seen.traffic))
    live = plan.steps[way.done - 1] if way.candidate else plan.steps[-1]
    if stand is Stand.ENDED:
        live = live.model_copy(update={"pause": plan.keep})
    old = tuple(sorted(seen.traffic.keys() - {candidate})) or left_over(scene)
    return Question(scene.name, candidate, old, live, seconds)


def left_over(scene: Scene) -> tuple[str, ...]:
    """Deployments that a finished rollout leaves: proven, without any share, not taken back."""
    seen, wanted = scene.seen or ObservedEndpoint(), scene.wanted
    idle = wanted.deployments.keys() & seen.deployments.keys() - seen.traffic.keys() - seen.mirror.keys()
    return tuple(sorted(name for name in idle & {*(seen.proven or ())} if not is_aborted(wanted, name)))


def _health(seen: ObservedEndpoint, way: Way) -> Stand | None:
    states = {name: one.state for name, one in seen.deployments.items()}
    concerned = {*seen.traffic, *seen.mirror, *([way.candidate] if way.candidate in states else [])}
    if seen.state not in TERMINAL or any(states.get(name, READY) not in TERMINAL for name in concerned):
        return Stand.BUSY
    sick = {name for name in {*seen.traffic, *seen.mirror} if states.get(name) != READY}
    if seen.state != READY or sick - {way.candidate}:
        return Stand.SICK
    return Stand.BROKEN if sick else None


def _file(scene: Scene, seen: ObservedEndpoint, way: Way) -> Stand | None:
    asked = scene.asked
    if asked == seen.split:
        return Stand.EDITED if scene.unapplied else None
    if way.next is not None and asked == way.next.split:
        return Stand.WRITTEN
    known = {*seen.traffic, *(seen.proven or ())} - {way.candidate}  # to go back to one of these is always allowed
    more = {*asked.traffic, *asked.mirror} - known
    if any(_gains(asked, seen.split, name) for name in more):
        return Stand.SKIPPING
    return Stand.EDITED


def _gains(asked: Split, live: Split, name: str) -> bool:
    had, has = live.traffic.get(name, 0), asked.traffic.get(name, 0)
    return has > had or (not had and asked.mirror.get(name, 0) > live.mirror.get(name, 0))


def _plan(scene: Scene, seen: ObservedEndpoint, way: Way) -> Stand:
    if way.unclear:
        return Stand.UNCLEAR
    if way.next is not None and way.candidate:
        if way.done:
            return Stand.UNDER_WAY
        new = seen.deployments.get(way.candidate)
        return Stand.WAITING if new and new.state == READY else Stand.UNFIT
    is_kept = scene.wanted.rollout is None or scene.wanted.rollout.keep is None
    return Stand.SETTLED if is_kept or len(seen.traffic) != 1 or not left_over(scene) else Stand.ENDED


def _action(scene: Scene, do: Do, stand: Stand, reason: str, verdict: Kind | None) -> Action:
    step = scene.way.next if do is Do.NEXT else None
    removed = left_over(scene) if do is Do.CLEAN_UP else ()
    return Action(do, stand, reason, step, removed, verdict)
