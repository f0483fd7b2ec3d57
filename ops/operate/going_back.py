"""Going back: where to, whether that is sound, the shift itself, and the stack file that says the same afterwards."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from ops.arm import Arm
from ops.lock import Lock
from ops.look import Look
from ops.messages import UserError
from ops.operate.past import past_splits
from ops.operate.shift import Shift
from ops.operate.trail import read_trail, record
from ops.project import Place
from ops.stack_file import Change, edited, in_yaml, split_changes
from rollout.model import ObservedEndpoint, Split
from rollout.way import is_aborted, release_of, way_back
from settings.endpoint import Endpoint


@dataclass(slots=True)
class Back:
    """One endpoint on its way back. `before` is what was live; `notes` is what a person should read afterwards."""

    place: Place
    look: Look
    to: Split
    seen: ObservedEndpoint
    notes: list[str] = field(default_factory=list)
    diff: str = ""
    unwritten: str = ""

    @property
    def before(self) -> Split:
        """What was live."""
        return self.seen.split

    @property
    def leaving(self) -> list[str]:
        """The deployments that lose all that they have."""
        had = {*self.seen.traffic, *self.seen.mirror}
        return sorted(had - self.to.traffic.keys())

    @property
    def unsound(self) -> list[str]:
        """What speaks against it: deployments that are to answer and are not healthy, or have no instance."""
        found = []
        for name in sorted(self.to.traffic):
            one = self.seen.deployments[name]
            if one.state != "Succeeded":
                found.append(f"{name} is {one.state}")
            elif one.instance_count == 0:
                found.append(f"{name} has no instance")
        return found

    def check(self) -> None:
        """Raises UserError where a deployment that is to answer is not healthy."""
        if self.unsound:
            cure = "Nothing was shifted. Say --force if it is better than what is live, or name another one: --to NAME"
            raise UserError(
                "D012", f"endpoints.{self.look.name}", "; ".join(self.unsound), "a healthy deployment", cure
            )

    def shift(self, arm: Arm, tell: Callable[[str], None]) -> None:
        """PUT it and read it back; nothing where it is live already. Raises UserError."""
        if self.before != self.to or self.seen.applied != self.to:
            Shift(arm, self.look.name, tell).to(self.to, self.look.body)

    def write(self) -> None:
        """The stack file says the same, and what was taken back stays away. Never fails: `unwritten` says why not."""
        changes = changes_of(self.look.wanted, self.to, self.leaving)
        try:
            edit = edited(self.place, self.look.name, changes)
            edit.write()
            self.diff = edit.diff
        except (UserError, OSError) as error:
            self.unwritten = f"{self.place.path} was not edited ({error})."
            if not isinstance(error, UserError):
                self.unwritten += f" Write it yourself: {in_yaml(changes)}"

    def record(self, command: str, reason: str) -> None:
        """A line in the trail. Never fails: a note says so."""
        try:
            record(self.place, command, self.look.name, self.before, self.to, reason, aborted=self.leaving)
        except OSError as error:
            self.notes.append(f"The trail could not be written: {error}")


def changes_of(wanted: Endpoint | None, to: Split, leaving: list[str]) -> list[Change]:
    """What the stack file is to say: the split, and which releases were taken back where a plan would bring them in."""
    if wanted is None:
        return [(("traffic",), dict(to.traffic)), (("mirror",), dict(to.mirror))]
    changes = split_changes(Split(wanted.traffic, wanted.mirror), to)
    if wanted.rollout:
        gone = {name: release_of(wanted.deployments[name]) for name in leaving if name in wanted.deployments}
        if gone:
            changes.append((("rollout", "aborted"), {**wanted.rollout.aborted, **gone}))
    if wanted.overwrite:
        changes.append((("overwrite",), None))  # it named what was live before
    return changes


def back_to(place: Place, look: Look, named: str | None) -> Back:
    """Where to go back to. Raises UserError where there is no such deployment, or nothing tells."""
    seen = look.seen
    if seen is None:
        raise UserError("D002", f"endpoints.{look.name}", "Azure shows no such endpoint", cure="pulumi refresh")
    has = ", ".join(sorted(seen.deployments)) or "none"
    if named is not None:
        if named.lower() not in seen.deployments:
            raise UserError("D010", f"endpoints.{look.name}", f"Azure shows no deployment {named}", f"one of {has}")
        return Back(place, look, Split({named.lower(): 100}), seen)
    candidate = look.wanted.rollout.candidate if look.wanted and look.wanted.rollout else None
    past = past_splits(place, look.name)
    to = way_back(seen, look.kept, candidate.lower() if candidate else None, past, taken_back(place, look))
    if to is None:
        cure = f"Name the deployment that is to answer: rollout abort {look.name} --to NAME (there are: {has})"
        raise UserError("D011", f"endpoints.{look.name}", "nothing tells what was live before", cure=cure)
    return Back(place, look, to, seen)


def taken_back(place: Place, look: Look) -> set[str]:
    """The deployments that were taken back as they are: by the stack file, and by the last way back in the trail."""
    wanted, live = look.wanted, look.seen.split.traffic if look.seen else {}
    found = {name for name in wanted.deployments if is_aborted(wanted, name)} if wanted else set()
    lines = [line for line in read_trail(place) if line.get("endpoint") == look.name and line.get("aborted")]
    if lines and lines[-1].get("to", {}).get("traffic") == dict(live):
        found.update(map(str, lines[-1]["aborted"]))
    return found


def stop_own(locks: tuple[Lock, ...] | None) -> list[str]:
    """Ask this user's own `up` to begin nothing new, as Ctrl-C does; what it has begun ends. Others run on."""
    said = []
    for lock in locks or ():
        if lock.state == "running":
            try:
                os.kill(lock.pid, signal.SIGINT)
                said.append(f"Your 'pulumi up' (pid {lock.pid}) was asked to stop; what it has begun it ends.")
            except ProcessLookupError:
                continue
        elif lock.state == "stale":
            said.append(f"A killed run left the stack's lock: {lock.text}. Type: pulumi cancel")
        else:
            said.append(f"An update runs: {lock.text}. It is left alone; it refuses to shift what it did not judge.")
    return said
