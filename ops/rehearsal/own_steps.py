"""The steps of a project's own rehearsal, from its plan: the same kind of steps as the sample's."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ops.rehearsal import checks
from ops.rehearsal.answers import References, is_same
from ops.rehearsal.own import Own, Part, paths
from ops.rehearsal.scene import Scene
from ops.rehearsal.steps import RehearsalStep, Up


def own_steps(own: Own, expected: Mapping[str, Any], same_model: bool) -> tuple[RehearsalStep, ...]:
    """From the estate to its end. `expected` are answers by request, None where none is known.

    `same_model`: the candidate serves the same files, so the same answers are expected of it.
    """
    first, candidate = own.first.name, own.candidate.name
    at = f"{own.project}:endpoints.{own.endpoint}"
    makes_first = _deployment(own, own.first, {first: 100})
    of_candidate = expected if same_model else dict.fromkeys(expected)
    return (
        RehearsalStep("estate", ups=(Up(),)),
        RehearsalStep("model, environment, code", action="register"),
        RehearsalStep(
            f"endpoint and {first}; the next up opens it",
            ups=(makes_first, Up({first: 100}, check=checks.opened)),
        ),
        RehearsalStep(
            "scored by key and by name", action="score", check=partial(_learnt, deployment=first, expected=expected)
        ),
        RehearsalStep(f"{candidate} without traffic", ups=(_deployment(own, own.candidate, {}, {first: 100}),)),
        RehearsalStep(
            f"{candidate} by name, alone",
            action="score",
            check=partial(_learnt, deployment=candidate, expected=of_candidate),
        ),
        *_plan(own, at),
        *_closing(own, at),
        RehearsalStep("destroy", action="destroy", check=checks.nothing_left),
    )


def _plan(own: Own, at: str) -> list[RehearsalStep]:
    first, candidate = own.first.name, own.candidate.name
    steps, is_mirrored, share = [], False, 0
    for step in own.plan:
        if step.mirror is not None:
            up = Up(_split(own, share), put={f"{at}.mirror.{candidate}": str(step.mirror)})
            check = partial(checks.mirrored, percent=step.mirror)
            mirror = {candidate: step.mirror}
            steps.append(RehearsalStep(f"mirror {step.mirror} to {candidate}", "up", (up,), mirror, True, check))
            is_mirrored = True
            continue
        share = step.traffic or 0
        put = {f"{at}.traffic.{first}": str(100 - share), f"{at}.traffic.{candidate}": str(share)}
        off = (f"{at}.mirror.{candidate}",) if is_mirrored else ()
        name = f"{'mirror off, ' if is_mirrored else ''}{100 - share}/{share}"
        after = checks.not_mirrored if is_mirrored else None
        steps.append(RehearsalStep(name, ups=(Up(_split(own, share), put=put, remove=off),), loaded=True, check=after))
        is_mirrored = False
    return steps


def _closing(own: Own, at: str) -> list[RehearsalStep]:
    """The first one goes where the plan has ended with all traffic at the candidate."""
    if not own.plan or own.plan[-1].traffic != 100:
        return []
    first, candidate = own.first.name, own.candidate.name
    gone = Up({candidate: 100}, remove=(f"{at}.deployments.{first}", f"{at}.traffic.{first}"))
    return [RehearsalStep(f"{first} removed", ups=(gone,), loaded=True, check=checks.gone_by_name)]


def _split(own: Own, share: int) -> dict[str, int]:
    weights = {own.first.name: 100 - share, own.candidate.name: share}
    return {name: weight for name, weight in weights.items() if weight}


def _deployment(own: Own, part: Part, opens: Mapping[str, int], stays: Mapping[str, int] | None = None) -> Up:
    at = f"{own.project}:endpoints.{own.endpoint}"
    put, text = {}, {}
    for path, value in paths(f"{at}.deployments.{part.name}", part.keys):
        if isinstance(value, str) and not value.startswith("azureml:"):
            text[path] = value
        else:
            put[path] = (str(value).lower() if isinstance(value, bool) else str(value)).replace("{", "{{")
    put |= {f"{at}.deployments.{part.name}.instanceCount": "1"}
    put |= {f"{at}.traffic.{name}": str(weight) for name, weight in opens.items()}
    check = checks.held_back if opens else checks.unnamed
    return Up(stays or {}, put=put, text=text, check=check)


def _learnt(scene: Scene, deployment: str, expected: Mapping[str, Any]) -> list[str]:
    """A deployment alone: its answers are those that are expected, and from now on what it has to answer.

    A model that does not answer the same twice is not held to an answer, only to a status of 200.
    """
    assert isinstance(scene.expected, References)
    problems = checks.scored(scene) if deployment == scene.first else checks.by_name_alone(scene)
    for sample in scene.samples:
        bodies = [each.body for each in scene.asked if (each.sample, each.deployment) == (sample, deployment)]
        wanted = expected.get(sample)
        if wanted is not None and not all(is_same(body, wanted) for body in bodies):
            problems.append(
                f"{deployment} answered {sample} with {str(bodies[-1:])[:200]}, expected {str(wanted)[:200]}"
            )
        if bodies and all(is_same(body, bodies[0]) for body in bodies):
            scene.expected.known[sample, deployment] = bodies[0]
    return problems
