"""The rehearsal's steps as data: what a person changes in the stack file, and what must hold afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ops.rehearsal import checks
from ops.rehearsal.scene import ENDPOINT, Scene

Check = Callable[[Scene], list[str]]

_AT = f"safe-rollout:endpoints.{ENDPOINT}"
_BLUE, _GREEN = f"{_AT}.deployments.blue", f"{_AT}.deployments.green"

WORKERS = "8"
"""Workers of an instance, and so its requests in parallel; Azure refuses more than twice as many with 429. With one
worker two requests wait at most, and a pause of 50 ms anywhere would be a lost request at the rehearsal's rate."""


@dataclass(frozen=True, slots=True)
class Up:
    """One `pulumi up` after its preview: keys of the stack file (paths) that are set and removed before it.

    `{first}` and `{second}` stand for the models' references, `{environment}` and `{code}` for theirs; `text` are keys
    whose values stay text where they look like numbers. `traffic` is what is in force afterwards, in percent.
    """

    traffic: Mapping[str, int] = field(default_factory=dict)
    put: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class RehearsalStep:
    """One step: its `ups`, or another action; `check` is the last thing in it. `loaded` ones run under steady load."""

    name: str
    action: Literal["up", "register", "score", "destroy"] = "up"
    ups: tuple[Up, ...] = ()
    mirror: Mapping[str, int] = field(default_factory=dict)
    loaded: bool = False
    check: Check | None = None


def _deployment(path: str, model: str) -> dict[str, str]:
    return {
        f"{path}.model": model,
        f"{path}.environment": "{environment}",
        f"{path}.code": "{code}",
        f"{path}.instanceType": "Standard_DS3_v2",
        f"{path}.instanceCount": "1",
        f"{path}.requests.maxConcurrentPerInstance": WORKERS,
    }


def _variables(path: str) -> dict[str, str]:
    return {f"{path}.variables.WORKER_COUNT": WORKERS, f"{path}.variables.WORKER_PRELOAD": "true"}


def _shift(blue: int, green: int) -> dict[str, str]:
    return {f"{_AT}.traffic.blue": str(blue), f"{_AT}.traffic.green": str(green)}


_ALL_BLUE, _ALL_GREEN = {"blue": 100}, {"green": 100}
_FIRST = _deployment(_BLUE, "{first}") | {f"{_AT}.traffic.blue": "100"}
_TWO = {f"{_BLUE}.instanceCount": "2"}
_MIRROR = {f"{_AT}.mirror.green": "10"}

STEPS = (
    RehearsalStep("estate", ups=(Up(),)),
    RehearsalStep("two models, an environment, code", action="register"),
    RehearsalStep(
        "endpoint and blue; the next up opens it",
        ups=(Up(put=_FIRST, text=_variables(_BLUE), check=checks.held_back), Up(_ALL_BLUE, check=checks.opened)),
    ),
    RehearsalStep("scored by key and by name", action="score", check=checks.sample_scored),
    RehearsalStep("blue on two instances", ups=(Up(_ALL_BLUE, put=_TWO, check=checks.unnamed),)),
    RehearsalStep(
        "green without traffic",
        ups=(Up(_ALL_BLUE, put=_deployment(_GREEN, "{second}"), text=_variables(_GREEN), check=checks.unnamed),),
    ),
    RehearsalStep("green by name, alone", action="score", check=checks.by_name_alone),
    RehearsalStep(
        "mirror 10 to green",
        ups=(Up(_ALL_BLUE, put=_MIRROR),),
        mirror={"green": 10},
        loaded=True,
        check=checks.mirrored,
    ),
    RehearsalStep(
        "mirror off, 90/10",
        ups=(Up({"blue": 90, "green": 10}, put=_shift(90, 10), remove=(f"{_AT}.mirror.green",)),),
        loaded=True,
        check=checks.not_mirrored,
    ),
    RehearsalStep("50/50", ups=(Up({"blue": 50, "green": 50}, put=_shift(50, 50)),), loaded=True),
    RehearsalStep("0/100", ups=(Up(_ALL_GREEN, put=_shift(0, 100)),), loaded=True),
    RehearsalStep(
        "blue removed",
        ups=(Up(_ALL_GREEN, remove=(_BLUE, f"{_AT}.traffic.blue")),),
        loaded=True,
        check=checks.gone_by_name,
    ),
    RehearsalStep("destroy", action="destroy", check=checks.nothing_left),
)
