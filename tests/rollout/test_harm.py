"""The converse of the walk: a harmful step that is applied anyway is refused by the local Azure, or fails in it."""

from collections.abc import Iterator
from typing import Any

import pytest

from rollout.decide import decide
from settings.load import from_config
from tests.rollout.edits import CONFIG, SPEC
from tests.rollout.local_azure import LocalAzure, Refused

LIVE = {"deployments": {"blue": SPEC, "green": SPEC}, "traffic": {"blue": 100}}
MANY = {f"many-{number}": SPEC for number in range(21)}
# What is written into the stack file of an endpoint that serves with blue, by the rule that refuses it.
STEPS: dict[str, dict[str, Any]] = {
    "R001": {"deployments": {**LIVE["deployments"], "two--dashes": SPEC}},
    "R004": {"deployments": {**LIVE["deployments"], **MANY}},
    "R011": {"traffic": {"blue": 90, "green": 20}},
    "R012": {"traffic": {"blue": 90, "gray": 10}},
    "R021": {"deployments": {**LIVE["deployments"], "gray": SPEC}, "mirror": {"green": 10, "gray": 10}},
    "R022": {"mirror": {"green": 60}},
    "R023": {"traffic": {"blue": 90, "green": 10}, "mirror": {"green": 10}},
    "R031": {"deployments": {**LIVE["deployments"], "gray": SPEC}, "traffic": {"blue": 90, "gray": 10}},
    "R061": {"identity": {"type": "userAssigned", "ids": ["IDENTITY"]}},
    "R065": {"kind": "kubernetes", "compute": "aks-inference"},
    "R071": {"deployments": {**LIVE["deployments"], "gray": {**SPEC, "requests": {"timeoutMs": 200_000}}}},
    "R082": {"deployments": {**LIVE["deployments"], "gray": {**SPEC, "instanceCount": 51}}},
}
# Where an operation of somebody else runs meanwhile.
BUSY: dict[str, tuple[dict[str, Any], str | None]] = {
    "R034": ({"traffic": {"green": 100}}, None),
    "R045": ({"deployments": {**LIVE["deployments"], "green": {**SPEC, "instanceCount": 5}}}, "green"),
}


@pytest.fixture
def local() -> Iterator[LocalAzure]:
    """A local Azure with an endpoint that serves with blue and has green idle."""
    azure = LocalAzure("ws-dev")
    azure.up(_config({"deployments": LIVE["deployments"]}))
    azure.up(_config(LIVE))
    yield azure
    azure.close()


@pytest.mark.parametrize("code", [*STEPS, *BUSY])
def test_azure_refuses_what_the_rule_refuses(code: str, local: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule refuses the step; with all rules away the program sends it, and the local Azure says no."""
    change, busy = BUSY[code] if code in BUSY else (STEPS[code], None)
    if code in BUSY:
        local.turn("Updating", busy)
    config = _config({**LIVE, **change}, local.identity)
    stack = from_config(config)
    observed = local.observed()
    assert observed
    assert code in {one.code for one in decide(stack, {"diabetes": observed})["diabetes"].refusals}
    monkeypatch.setattr("rollout.decide.RULES", ())
    with pytest.raises(Refused):
        local.up(config)


def test_a_live_deployment_that_is_removed_ends_failed(local: LocalAzure) -> None:
    """R051: the deletion is taken, and then fails."""
    with pytest.raises(Refused, match="non-zero traffic weight"):
        local.delete("blue")
    observed = local.observed()
    assert observed
    assert observed.deployments["blue"].state == "Failed"


def _config(endpoint: dict[str, Any], identity: str = "") -> dict[str, Any]:
    who = endpoint.get("identity")
    named = {**endpoint, "identity": {**who, "ids": [identity]}} if who else endpoint
    return {**CONFIG, "safe-rollout:endpoints": {"diabetes": named}}
