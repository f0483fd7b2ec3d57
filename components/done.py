"""What is said of an endpoint when the engine is done with it: read from Azure again, and never taken from the wish."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.observed import Observation, observe_endpoint
from rollout.applied import candidate_to_keep, digest, endpoint_digest, proven_to_keep
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
        digests = {name: digest(wanted.kind, wanted.deployments[name]) for name in sorted(wanted.deployments)}
        candidate = candidate_to_keep(wanted, self.observation.endpoints.get(self.name), kept)
        told: dict[str, object] = {
            "traffic": dict(split.traffic),
            "mirror": dict(split.mirror),
            "deployments": digests,
            "settings": endpoint_digest(self.stack, self.name),
            "proven": proven_to_keep(split, candidate, kept, digests),
        }
        if over:
            told["overwrote"] = {"traffic": dict(over.traffic), "mirror": dict(over.mirror)}
        if candidate:
            told["candidate"] = candidate
        return told

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
            live, asked = (f"traffic {shares(of.traffic)}, mirror {shares(of.mirror)}" for of in (self.live, self.step))
            pulumi.log.warn(
                f"{self.name}: live is {live}; the stack file asks for {asked}, and this 'pulumi up' did not "
                "change it. Run it without --target and --exclude, or look with 'rollout check'."
            )
        return self.live.split
