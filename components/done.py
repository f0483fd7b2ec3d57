"""What is said of an endpoint when the engine is done with it: read from Azure again, and never taken from the wish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi

from components.command import is_whole_run
from components.observed import Observation, observe_endpoint
from rollout.applied import candidate_to_keep, digest, endpoint_digest, proven_to_keep, stays_unmarked, values_digest
from rollout.model import AppliedEndpoint, ObservedEndpoint, Split, Step
from rollout.words import live, shares
from settings.stack import Stack


@dataclass(slots=True)
class Done:
    """One endpoint's outputs; in a preview they are those of the step, as nothing is done yet."""

    stack: Stack
    name: str
    step: Step
    observation: Observation
    is_done: Callable[[str, str], bool]
    live: ObservedEndpoint | None = None

    async def outputs(self, scoring_uri: str) -> dict[str, object]:
        """The public outputs. Warns where what is live is not what the stack file asks for."""
        split = await self._split()
        return {
            "scoringUri": scoring_uri,
            "traffic": dict(split.traffic),
            "mirror": dict(split.mirror),
            "deployments": sorted(self.stack.endpoints[self.name].deployments),
            "heldBack": dict(self.step.held_back),
        }

    def in_words(self) -> str:
        """What is live now, or what a preview's step would make so: `blue 90, green 10`."""
        return live(self.live.split if self.live else self.step.split)

    def applied(self) -> dict[str, object]:
        """What the next run has to know of this one. What was not part of it stays as it was."""
        wanted, kept = self.stack.endpoints[self.name], self._kept
        split, over = self.step.split, wanted.overwrite
        if self.live and self.live.split != split and kept:
            split = kept.split
        digests = {name: self._digest(name) for name in sorted(wanted.deployments)}
        candidate = candidate_to_keep(wanted, self.observation.endpoints.get(self.name), kept)
        told: dict[str, object] = {
            "traffic": dict(split.traffic),
            "mirror": dict(split.mirror),
            "deployments": digests,
            "settings": endpoint_digest(self.stack, self.name),
            "proven": proven_to_keep(split, candidate, kept, digests),
        }
        if stays_unmarked(self.observation.endpoints.get(self.name), self.step.split, kept):
            told["unmarked"] = True
        if over:
            told["overwrote"] = {"traffic": dict(over.traffic), "mirror": dict(over.mirror)}
        if candidate:
            told["candidate"] = candidate
        return told

    def values(self) -> dict[str, str]:
        """Digests of the variables' values, for those that have some; to be kept as a secret."""
        wanted, kept = self.stack.endpoints[self.name].deployments, self._kept.values if self._kept else {}
        told = {name: values_digest(each) if self._is_done(name) else kept.get(name) for name, each in wanted.items()}
        return {name: value for name, value in sorted(told.items()) if value and wanted[name].variables}

    def _digest(self, name: str) -> str:
        """Of what was applied last."""
        wanted, kept = self.stack.endpoints[self.name], self._kept.deployments.get(name) if self._kept else None
        return kept if kept and not self._is_done(name) else digest(wanted.kind, wanted.deployments[name])

    def _is_done(self, name: str) -> bool:
        """Whether a deployment is as the stack file says: with --target only what was changed is."""
        return pulumi.runtime.is_dry_run() or is_whole_run() or self.is_done(self.name, name)

    @property
    def _kept(self) -> AppliedEndpoint | None:
        return self.observation.applied.endpoints.get(self.name)

    async def _split(self) -> Split:
        if pulumi.runtime.is_dry_run() or self.observation.takes_down:
            return self.step.split
        self.live = await observe_endpoint(self.stack, self.name, expected=True)
        if self.live is None:
            raise pulumi.RunError(f"{self.name}: Azure shows no such endpoint after the step. Look: 'pulumi refresh'.")
        if self.live.split != self.step.split:
            now, asked = (f"traffic {shares(of.traffic)}, mirror {shares(of.mirror)}" for of in (self.live, self.step))
            pulumi.log.warn(
                f"{self.name}: live is {now}; the stack file asks for {asked}, and this 'pulumi up' did not "
                "change it. Run it without --target and --exclude, or look with 'rollout check'."
            )
        return self.live.split
