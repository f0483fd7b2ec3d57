"""The rehearsal's steps: an edit of each is a step that the rules accept, and they tell the whole story."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from ops.paths import CHECKOUT
from ops.rehearsal.plays import empty_stack
from ops.rehearsal.steps import STEPS, Up
from rollout.decide import decide
from rollout.model import ObservedDeployment, ObservedEndpoint
from settings.load import from_config

REFERENCES = {
    "first": "azureml:diabetes-ridge:1",
    "second": "azureml:diabetes-ridge:2",
    "environment": "azureml:scoring:1",
    "code": "azureml:scoring-code:1",
}


@dataclass
class Person:
    """Edits a stack file in memory, as `pulumi config --path` does, and remembers what each `up` made."""

    config: dict[str, Any]
    observed: dict[str, ObservedEndpoint] = field(default_factory=dict)
    project: str = "safe-rollout"
    endpoint: str = "diabetes"

    def edit(self, up: Up) -> None:
        """Set and remove keys by their paths."""
        for path, value in up.put.items():
            *keys, last = path.split(".")
            text = value.format(**REFERENCES)
            self._place(keys)[last] = int(text) if text.isdecimal() else text
        for path, value in up.text.items():
            *keys, last = path.split(".")
            self._place(keys)[last] = value
        for path in up.remove:
            *keys, last = path.split(".")
            del self._place(keys)[last]

    def up(self) -> ObservedEndpoint:
        """Decide as the program does; whatever is accepted is what Azure shows next."""
        stack = from_config(self.config, self.project)
        decision = decide(stack, self.observed)[self.endpoint]
        assert decision.refusals == ()
        assert decision.step is not None
        deployments = {
            name: ObservedDeployment(
                model=wanted.model,
                environment=wanted.environment,
                code=wanted.code,
                instance_type=wanted.instance_type,
                instance_count=wanted.instance_count,
            )
            for name, wanted in stack.endpoints[self.endpoint].deployments.items()
        }
        shown = ObservedEndpoint(traffic=decision.step.traffic, mirror=decision.step.mirror, deployments=deployments)
        self.observed[self.endpoint] = shown
        return shown

    def _place(self, keys: list[str]) -> dict[str, Any]:
        place = self.config
        for key in keys:
            place = place.setdefault(key, {})
        return place


def test_the_rules_accept_every_step_and_leave_what_it_says() -> None:
    """Each edit passes the rules on what the one before left, and ends in the step's traffic and mirror."""
    person = Person(yaml.safe_load(empty_stack(CHECKOUT / "Pulumi.local.yaml"))["config"])
    for step in STEPS:
        for up in step.ups:
            person.edit(up)
            if person.config["safe-rollout:endpoints"]:
                shown = person.up()
                assert (dict(shown.traffic), dict(shown.mirror)) == (dict(up.traffic), dict(step.mirror)), step.name


def test_the_story_is_the_whole_safe_rollout() -> None:
    """Thirteen steps, from an empty subscription through mirror and split to nothing again."""
    assert len(STEPS) == 13
    splits = [(dict(step.ups[-1].traffic), dict(step.mirror)) for step in STEPS if step.loaded]
    assert splits == [
        ({"blue": 100}, {"green": 10}),
        ({"blue": 90, "green": 10}, {}),
        ({"blue": 50, "green": 50}, {}),
        ({"green": 100}, {}),
        ({"green": 100}, {}),
    ]
    assert [step.action for step in STEPS if not step.ups] == ["register", "score", "score", "destroy"]


def test_the_rehearsals_stack_file_begins_without_endpoints(tmp_path: Any) -> None:
    """Endpoints that a person has in the stack file for another stack `local` do not get into the rehearsal."""
    mine = tmp_path / "Pulumi.local.yaml"
    mine.write_text("config:\n  azure-native:location: westeurope\n  safe-rollout:endpoints:\n    mine: {}\n")
    made = yaml.safe_load(empty_stack(mine))
    assert made == {"config": {"azure-native:location": "westeurope", "safe-rollout:endpoints": {}}}
