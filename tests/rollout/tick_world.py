"""A small Azure, stack file and engine in which ticks walk: a run may die before any of its effects.

The rules are asked as the program asks them, and outputs are kept as the program keeps them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rollout.applied import candidate_to_keep, digest, proven_to_keep
from rollout.decide import decide as judge_step
from rollout.model import AppliedEndpoint, ObservedDeployment, ObservedEndpoint, Split
from rollout.tick import Action, Do, Scene, Verdict, decide, question
from rollout.way import release_of, way_back
from settings.endpoint import Endpoint
from settings.load import from_config
from settings.stack import Stack

NAME = "diabetes"
ONE = {"model": "azureml:m:1", "environment": "azureml:e:1", "code": "azureml:c:1", "instanceType": "Standard_DS3_v2"}


def stack_with(endpoint: Endpoint) -> Stack:
    """A stack of one endpoint."""
    config = {
        "azure-native:location": "westeurope",
        "safe-rollout:workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
        "safe-rollout:registry": {"name": "acrdev01"},
    }
    return from_config(config).model_copy(update={"endpoints": {NAME: endpoint}})


@dataclass
class World:
    """What is in the stack file, in Azure and in the engine's outputs."""

    file: Endpoint
    live: Split = field(default_factory=Split)
    mark: Split | None = None
    there: dict[str, str] = field(default_factory=dict)
    kept: AppliedEndpoint | None = None
    asked: list[str] = field(default_factory=list)
    before: list[Split] = field(default_factory=list)

    @property
    def seen(self) -> ObservedEndpoint | None:
        """The endpoint as a command sees it."""
        if self.kept is None and not self.there:
            return None
        shown = {name: ObservedDeployment(state) for name, state in self.there.items()}
        proven = self.kept.proven if self.kept else None
        split = self.live
        return ObservedEndpoint(
            traffic=split.traffic, mirror=split.mirror, deployments=shown, applied=self.mark, proven=proven
        )

    @property
    def scene(self) -> Scene:
        """All that a tick decides on."""
        kept = self.kept.deployments if self.kept else {}
        wanted = {name: digest("managed", one) for name, one in self.file.deployments.items()}
        return Scene(NAME, self.file, self.seen, self.kept, unapplied=wanted != kept)

    def due(self, verdict: Verdict) -> Action:
        """What is due, with this verdict if one is asked for."""
        asked = question(self.scene, 60.0)
        if asked:
            self.asked.append(asked.candidate)
        return decide(self.scene, verdict if asked else None)

    def effects(self, action: Action) -> Iterator[str]:
        """Does it, one effect after the other; whoever stops to iterate is a run that was killed."""
        if action.do is Do.NEXT and action.step:
            yield self._write(action.step.split)
        if action.do is Do.CLEAN_UP:
            rest = {name: one for name, one in self.file.deployments.items() if name not in action.removed}
            self.file = self.file.model_copy(update={"deployments": rest})
            yield "file"
        if action.do in (Do.NEXT, Do.CLEAN_UP, Do.APPLY):
            yield from self._up()
        if action.do is Do.ABORT:
            yield from self._abort()

    def _write(self, split: Split) -> str:
        self.file = self.file.model_copy(update={"traffic": dict(split.traffic), "mirror": dict(split.mirror)})
        return "file"

    def _up(self) -> Iterator[str]:
        seen = self.seen
        decision = judge_step(stack_with(self.file), {NAME: seen} if seen else {})[NAME]
        if decision.step is None:
            return
        if self.seen is not None and self.live.traffic and decision.step.split != self.live:
            self.before.append(self.live)
        if seen is not None:
            self.live = self.mark = decision.step.split
            yield "put"
        for name in self.file.deployments:
            if name not in self.there:
                self.there[name] = "Succeeded"
                yield "made"
        for name in [*self.there]:
            if name not in self.file.deployments:
                del self.there[name]
                yield "removed"
        digests = {name: digest("managed", one) for name, one in self.file.deployments.items()}
        candidate = candidate_to_keep(self.file, seen, self.kept)
        proven = tuple(proven_to_keep(self.live, candidate, self.kept, digests))
        self.kept = AppliedEndpoint(self.live, digests, None, candidate, proven)
        self.mark = self.live
        yield "outputs"

    def _abort(self) -> Iterator[str]:
        seen = self.seen
        assert seen is not None
        to = way_back(seen, self.kept, None, reversed(self.before))
        assert to is not None, "nothing to go back to"
        plan = self.file.rollout
        assert plan is not None
        gone = {*seen.traffic, *seen.mirror} - to.traffic.keys()
        aborted = {**plan.aborted, **{name: release_of(self.file.deployments[name]) for name in gone}}
        self.file = self.file.model_copy(update={"rollout": plan.model_copy(update={"aborted": aborted})})
        yield self._write(to)
        self.live = self.mark = to
        yield "put"


def fail(world: World, name: str) -> None:
    """A deployment breaks, or is well again."""
    if name in world.there:
        world.there[name] = "Failed" if world.there[name] == "Succeeded" else "Succeeded"


def by_hand(world: World, split: Split) -> None:
    """Somebody shifts past the stack, between deployments that are there."""
    if split.traffic.keys() | split.mirror.keys() <= world.there.keys() and world.live.traffic:
        world.live = split


def other_release(world: World) -> None:
    """Green becomes another release, while it has nothing."""
    green = world.file.deployments.get("green")
    if green and "green" not in world.live.traffic and "green" not in world.live.mirror:
        new = green.model_copy(update={"model": "azureml:m:9"})
        world.file = world.file.model_copy(update={"deployments": {**world.file.deployments, "green": new}})


def copy_of(world: World) -> World:
    """The world as it is now."""
    return replace(world, there=dict(world.there), asked=[], before=[*world.before])
