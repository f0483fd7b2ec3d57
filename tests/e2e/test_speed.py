"""What is there for speed alone changes no result: the same previews with all of it and with none."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.speed import VARIABLE
from ops.engine import Engine, PulumiError
from tests.e2e.conftest import Rollout

pytestmark = pytest.mark.slow


def plain(engine: Engine) -> Engine:
    """The engine whose program does without any trick."""
    return replace(engine, environment={**engine.environment, VARIABLE: "all"})


HOW = ("aliases", "sourcePosition", "stackTrace")
"""What a registration says of how it was made: names that were never used, and the program's frames."""


def bare(step: dict[str, Any]) -> dict[str, Any]:
    """A step whose states say only what they hold."""
    states = {name: step[name] for name in ("oldState", "newState") if name in step}
    return step | {
        name: {key: in_order(key, value) for key, value in state.items() if key not in HOW}
        for name, state in states.items()
    }


def in_order(key: str, value: Any) -> Any:
    """Dependencies are sets, which the SDK sends in any order."""
    if key == "propertyDependencies":
        return {name: sorted(urns) for name, urns in value.items()}
    return sorted(value) if key == "dependencies" else value


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[Any]:
    """What of two steps is not the same."""
    pairs = [(name, one.get(name, {}), other.get(name, {})) for name in ("oldState", "newState")]
    states = [(name, key, a.get(key), b.get(key)) for name, a, b in pairs for key in a | b if a.get(key) != b.get(key)]
    rest = [(key, one.get(key), other.get(key)) for key in one | other if one.get(key) != other.get(key)]
    return states or rest


def planned(engine: Engine) -> Any:
    """All that a preview plans, as the engine tells it to programs: steps with old and new states, outputs, words."""
    told = json.loads(engine.run("preview", "--json", "--show-secrets"))
    told.pop("duration", None)
    told["steps"] = [bare(step) for step in told["steps"]]
    messages = [one["message"] for one in told.pop("diagnostics", ()) if one.get("severity") == "info"]
    return told, sorted(messages)


def test_a_preview_says_the_same_with_and_without(rollout: Rollout) -> None:
    """Every step with its old and new state, and the words; a new deployment and a shift in one preview."""
    rollout.write({"blue": 90, "green": 10}, also="violet")
    quick, slow = planned(rollout.engine), planned(plain(rollout.engine))
    assert {step["op"] for step in quick[0]["steps"]} >= {"create", "update"}
    assert any("blue 100 -> 90" in message for message in quick[1])
    for one, other in zip(quick[0].pop("steps"), slow[0].pop("steps"), strict=True):
        assert differing(one, other) == []
    assert quick == slow


def test_a_refusal_says_the_same_with_and_without(rollout: Rollout) -> None:
    """The same exit code, and the same refusals word for word."""
    rollout.write({"blue": 80, "green": 10})
    with pytest.raises(PulumiError) as quick:
        rollout.engine.preview()
    with pytest.raises(PulumiError) as slow:
        plain(rollout.engine).preview()
    assert refusals(quick.value) == refusals(slow.value) != []
    assert quick.value.exit_code == slow.value.exit_code


def refusals(error: PulumiError) -> list[str]:
    """The lines of a refusal."""
    return [line.strip() for line in error.output.splitlines() if line.strip().startswith("R")]
