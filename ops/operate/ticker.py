"""One tick at the edge: look, judge, decide, and do exactly the one thing that is due."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ops.arm import open_arm
from ops.exits import Exit
from ops.look import Look, Looked, look
from ops.operate.advance import apply, refusals, written
from ops.operate.going_back import back_to
from ops.operate.standing import step_words, unapplied
from ops.operate.trail import record
from ops.project import Place, stack_option
from ops.stack_file import edited
from ops.workspace import find_target
from rollout.model import Split
from rollout.tick import Action, Do, Judge, Scene, Stand, decide, question
from rollout.words import in_words, shares
from settings.refusal import Refused

_ENGINE = {Do.APPLY, Do.NEXT, Do.CLEAN_UP}
_EXITS = {Stand.MOVED: Exit.DRIFT, Stand.SICK: Exit.UNHEALTHY}


@dataclass(frozen=True, slots=True)
class Done:
    """What a tick did. `said` is a line for a person, `step` where the plan stands afterwards."""

    action: Action
    said: str
    step: str
    steps_done: int
    is_last: bool = False
    next: str = ""

    @property
    def code(self) -> Exit:
        """The exit code."""
        do, verdict = self.action.do, self.action.verdict
        if do is Do.HOLD:
            return Exit.UNJUDGED if verdict == "error" else Exit.HOLDS
        if do is Do.STOP:
            return Exit.CANCELLED if verdict == "cancelled" else _EXITS.get(self.action.stand, Exit.REFUSED)
        return Exit.FAILED if do is Do.ABORT else Exit.DONE

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        action = self.action
        return {
            "action": str(action.do),
            "stand": action.stand.name.lower(),
            "verdict": action.verdict,
            "reason": action.reason,
            "said": self.said,
            "step": self.step,
            "next": self.next or None,
            "exitCode": int(self.code),
        }


@dataclass(frozen=True, slots=True)
class Ticker:
    """Ticks one endpoint. `on_line` gets the engine's lines."""

    place: Place
    name: str
    judge: Judge
    on_line: Callable[[str], None]

    def tick(self) -> Done:
        """Look, judge, decide, act. Raises UserError or Refused where the one thing that is due can't be done."""
        found = self._look()
        seen = found.endpoints[self.name]
        action = held_by_lock(self._decide(seen), found)
        said = self._do(action, seen)
        if action.do in (Do.HOLD, Do.STOP, Do.NOTHING):
            return Done(
                action, f"{action.do}: {action.reason}", step_words(seen), seen.way.done, next=self._cure(action)
            )
        self._record(action, seen, said)
        after = self._look().endpoints[self.name]
        command = f"rollout status {self.name}{self._options}"
        return Done(
            action, f"{said} ({action.reason})", step_words(after), after.way.done, after.way.next is None, command
        )

    def _look(self) -> Looked:
        place = self.place.fresh()
        return look(place, place.settings(), [self.name])

    def _decide(self, seen: Look) -> Action:
        assert seen.wanted is not None
        scene = Scene(self.name, seen.wanted, seen.seen, seen.kept, unapplied=any(unapplied(seen)))
        asked = question(scene, seen.seconds)
        return decide(scene, self.judge.judge(asked) if asked else None)

    def _do(self, action: Action, seen: Look) -> str:
        if action.do is Do.ABORT:
            return self._abort(seen)
        if action.do is Do.NEXT and action.step is not None:
            stack = self.place.fresh().settings()
            if refused := refusals(stack, seen, action.step.split):
                raise Refused(refused)
            written(self.place, seen, action.step.split)
            words = in_words(self.name, seen.seen, action.step)
        elif action.do is Do.CLEAN_UP:
            gone = ", ".join(action.removed)
            edited(self.place, self.name, [(("deployments", name), None) for name in action.removed]).write()
            words = f"{self.name}: {gone} removed"
        else:
            words = f"{self.name}: what the stack file says"
        if action.do in _ENGINE:
            apply(self.place, seen, f"rollout tick: {words} ({action.reason})", self.on_line)
        return words

    def _abort(self, seen: Look) -> str:
        back = back_to(self.place, seen, None)
        back.check()
        back.write()
        with open_arm(find_target(os.environ, self.place)) as arm:
            back.shift(arm, self.on_line)
        left = f" {back.unwritten}" if back.unwritten else ""
        return f"{self.name}: back to {shares(back.to.traffic)}, {', '.join(back.leaving)} taken back.{left}"

    def _record(self, action: Action, seen: Look, said: str) -> None:
        assert seen.wanted is not None
        before = seen.seen.split if seen.seen else Split()
        after = action.step.split if action.step else before
        record(self.place, f"tick: {action.do}", self.name, before, after, f"{said}; {action.reason}")

    def _cure(self, action: Action) -> str:
        name, options = self.name, self._options
        return {
            Stand.MOVED: f"rollout adopt {name}{options}, or where it is wrong: rollout abort {name}{options}",
            Stand.SICK: f"rollout status {name}{options}",
            Stand.UNPLANNED: f"pulumi up{options}",
            Stand.SKIPPING: f"pulumi up{options}, if it is meant",
        }.get(action.stand, "")

    @property
    def _options(self) -> str:
        return stack_option(self.place)


def held_by_lock(action: Action, found: Looked) -> Action:
    """An engine that runs already is waited for; what a killed one left is a person's matter."""
    locks = found.locks or ()
    if action.do not in _ENGINE or not locks:
        return action
    stale = [lock for lock in locks if lock.state == "stale"]
    reason = f"the stack is locked by {locks[0].text}"
    if len(stale) == len(locks):
        return replace(action, do=Do.STOP, reason=f"{reason}; type: pulumi cancel", verdict=None)
    return replace(action, do=Do.HOLD, reason=reason, verdict=None)
