"""What can be rehearsed: the sample of this repository, or a project's own stack file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import yaml

from ops.engine import Engine
from ops.local.view import LocalView
from ops.paths import CHECKOUT, IS_CHECKOUT, PROJECT
from ops.project import find_place
from ops.register.project import read_assets
from ops.rehearsal.answers import References
from ops.rehearsal.load import IN_FLIGHT
from ops.rehearsal.own import STAND_IN, estate, expected, find_own
from ops.rehearsal.own import requests as own_requests
from ops.rehearsal.own_steps import own_steps
from ops.rehearsal.scene import Scene, samples
from ops.rehearsal.steps import STEPS, RehearsalStep

STACK_FILE = "Pulumi.local.yaml"


@dataclass(frozen=True)
class Play:
    """What is rehearsed: the steps, the stack file's text to begin with, and the scene, made for an engine."""

    steps: Sequence[RehearsalStep]
    stack_file: Callable[[], str]
    scene: Callable[[Engine, LocalView], Scene]
    in_flight: int = IN_FLIGHT
    notes: Sequence[str] = ()


def sample_play(request: Sequence[Path] | None, candidate: Path | None, endpoint: str | None) -> Play:
    """The sample's rehearsal, in a checkout. Raises BadParameter for what goes with a stack file alone."""
    if request or candidate or endpoint:
        raise typer.BadParameter("--request, --candidate and --endpoint go with --stack, such as Pulumi.dev.yaml")
    if not IS_CHECKOUT:
        raise typer.BadParameter("name your project's stack file: rollout rehearsal --stack Pulumi.dev.yaml")
    return Play(
        STEPS,
        lambda: empty_stack(CHECKOUT / STACK_FILE),
        lambda engine, local: Scene(engine, local, samples()),
    )


def own_play(file: Path, request: Sequence[Path], candidate: Path | None, endpoint: str | None) -> Play:
    """The rehearsal of a project's stack file. Raises UserError or Refused."""
    place = find_place(file=file)
    stack, root = place.settings(), place.root
    own = find_own(stack, place.project.name, read_assets(root), root, endpoint, candidate)
    asked = own_requests(request, root)
    answers = {name: expected(path) for name, path in asked.items()}
    bodies = {name: path.read_bytes() for name, path in asked.items()}

    def scene(engine: Engine, local: LocalView) -> Scene:
        return Scene(
            engine,
            local,
            bodies,
            own.endpoint,
            own.first.name,
            own.candidate.name,
            own.registrations,
            models={part.name: part.model for part in (own.first, own.candidate)},
            expected=References(),
        )

    def stack_file() -> str:
        kept: dict[str, Any] = yaml.safe_load((PROJECT / STACK_FILE).read_text(encoding="utf-8"))
        return yaml.safe_dump({"config": estate(own, stack), "encryptionsalt": kept["encryptionsalt"]}, sort_keys=False)

    notes = [f"{name} is encrypted in the stack file: the model gets the text '{STAND_IN}'" for name in own.encrypted]
    steps = own_steps(own, answers, same_model=own.first.model == own.candidate.model)
    return Play(steps, stack_file, scene, min(own.first.concurrency, own.candidate.concurrency, IN_FLIGHT), notes)


def empty_stack(stack_file: Path) -> str:
    """The stack file as committed but with no endpoints: a person may have put some there for another stack `local`."""
    document: dict[str, Any] = yaml.safe_load(stack_file.read_text(encoding="utf-8"))
    document["config"]["safe-rollout:endpoints"] = {}
    return yaml.safe_dump(document, sort_keys=False)
