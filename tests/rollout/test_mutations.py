"""Each rule about steps is taken away in turn: the walk must come to harm, or the list here says why it can not."""

import os

import pytest

from ops.rules_page import page_of
from rollout.rulebook import RULES, EndpointRule
from tests.rollout.azure_model import No
from tests.rollout.running import walk
from tests.rollout.walk import Walk

PAIRS = max(10_000, int(os.environ.get("SAFE_ROLLOUT_PAIRS", "0")) // 10)
# Rules that the engine's hook asks by another way too; a rule is away when both are.
HOOKS = {"R033": "_opens", "R041": "_live", "R042": "_count", "R043": "_type", "R044": "_grows", "R045": "_busy"}
# Modules about steps. All others judge one stack file, without what is live: there the corpus says all that there is.
STEPS = ("names", "traffic", "mirror", "opening", "changes", "removal", "endpoint", "scale")
CORPUS_ONLY = {
    "R046": "for networks of the older kind, which the walk's stack has not",
    "R064": "what Azure says to an identity that nobody named is open; what it lacks shows when it serves",
    "R081": "the autoscaler and the stack undo each other's count over hours, not in a step",
    "R083": "judges an autoscaler's own numbers, without what is live",
}
CODES = {rule: page_of(rule).code for rule in RULES}
WALKED = [
    rule for rule in RULES if rule.__module__.removeprefix("rollout.rules.") in STEPS and CODES[rule] not in CORPUS_ONLY
]


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("away", WALKED, ids=lambda rule: CODES[rule])
def test_the_walk_comes_to_harm_without_the_rule(away: EndpointRule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within PAIRS pairs the model of Azure refuses an accepted step, or callers are harmed by it."""
    monkeypatch.setattr("rollout.decide.RULES", tuple(rule for rule in RULES if rule is not away))
    if hook := HOOKS.get(CODES[away]):
        monkeypatch.setattr(f"rollout.rules.changes.{hook}", lambda *_: [])
    with pytest.raises(No):
        walk(Walk, PAIRS, shrinks=False)


def test_exceptions_are_rules_about_steps() -> None:
    """What is listed as the corpus's alone is there, and is not walked for nothing."""
    assert set(CORPUS_ONLY) <= {CODES[rule] for rule in RULES}
    assert len(WALKED) >= 25
