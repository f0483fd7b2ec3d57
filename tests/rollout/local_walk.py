"""The walk with the local Azure beside the model: it gets the requests that the real program makes of each step."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rollout.model import ObservedEndpoint, Step
from settings.stack import Stack
from tests.rollout.local_azure import LocalAzure
from tests.rollout.walk import Walk

WORKSPACE = "ws-dev"


class LocalWalk(Walk):
    """All that is observed comes from the local Azure's answers; no accepted step is refused by it or fails in it."""

    local: LocalAzure

    def __init__(self) -> None:
        super().__init__()
        self.local = LocalAzure(WORKSPACE)
        self.identity = self.local.identity

    def teardown(self) -> None:
        """End the local Azure of this walk."""
        self.local.close()

    def observed(self, read: Iterable[str] | None = None) -> ObservedEndpoint | None:
        """What the local Azure shows, which is what the model shows."""
        whole, model = self.local.observed(), super().observed()
        if whole is None or model is None:
            assert whole is model
            return None
        assert _essence(whole) == _essence(model)
        asked = {name: of for name, of in whole.deployments.items() if read is None or name in read}
        return replace(whole, deployments=asked, applied=model.applied)

    def turn(self, state: str, deployment: str | None = None) -> None:
        """In both."""
        super().turn(state, deployment)
        self.local.turn(state, deployment)

    def put_by_hand(self, traffic: dict[str, int]) -> None:
        """In both."""
        super().put_by_hand(traffic)
        self.local.shift(traffic)

    def apply(self, stack: Stack, step: Step) -> None:
        """In both, and then both show the same maps and deployments."""
        super().apply(stack, step)
        self.local.up(self.config())
        shown = self.observed()
        assert shown
        assert (dict(shown.traffic), dict(shown.mirror)) == (dict(step.traffic), dict(step.mirror))


def _essence(seen: ObservedEndpoint) -> tuple[Any, ...]:
    return (
        seen.state,
        seen.auth,
        seen.identity,
        seen.kind,
        dict(seen.traffic),
        dict(seen.mirror),
        {name: replace(of, instance_count=None, egress=None, id=None) for name, of in seen.deployments.items()},
    )
