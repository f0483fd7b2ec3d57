"""The plan that a rollout of an endpoint follows."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.gates import Duration, Gates, Pause, StepGates
from settings.types import Percent, Shape, Text, lower_keys


class PlanStep(Shape):
    """One step of a plan: what the new deployment gets of the mirror, or of the traffic. One of the two.

    Example:
      [{mirror: 10, pause: 15m}, {traffic: 10, requests: 900}, {traffic: 50, pause: approval}, {traffic: 100}]
    """

    mirror: Percent | None = None
    """Percent of the live requests that are copied to it."""
    traffic: Percent | None = None
    """Percent of the live requests that it answers."""
    pause: Pause | None = None
    """How long the step lasts at least, such as 10m; or approval, until somebody goes on."""
    requests: Annotated[int, Field(ge=0)] | None = None
    """How many requests the new deployment answers in it at least."""
    gates: StepGates | None = None
    """What it is judged by otherwise than the plan says."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.mirror is None) == (self.traffic is None):
            raise ValueError("either mirror or traffic in a step, for example {traffic: 10}")
        return self


class RolloutPlan(Shape):
    """The steps that a rollout of this endpoint goes through. Rules hold `pulumi up` to them.

    Example:
      candidate: green
      steps: [{mirror: 10}, {traffic: 10}, {traffic: 100}]
      largestJump: 90
      keep: 2h
      aborted: {teal: "azureml:diabetes-ridge:3 azureml:scoring-code:1 azureml:scoring:1"}
    """

    candidate: str | None = None
    """The new deployment. Left out: the one without traffic."""
    aborted: Annotated[dict[str, Text], BeforeValidator(lower_keys)] = Field(default_factory=dict)
    """Releases that were taken back; `rollout abort` writes it. They wait until they change, or the line is gone."""
    steps: tuple[PlanStep, ...] = Field(default=(), strict=False)
    """The steps, in their order."""
    largest_jump: Percent = 50
    """The most percent points that one step may give a deployment. Going back may be as large as you like."""
    keep: Duration | None = None
    """How long the old deployment stays after the last step. Left out: until a person removes it."""
    gates: Gates | None = None
    """What the steps are judged by."""
