"""A step's verdict where it has no gates."""

import pytest

from rollout.pauses import judge_pause
from settings.plan import PlanStep


@pytest.mark.parametrize(
    ("step", "seconds", "kind", "missing"),
    [
        ({"pause": "10m"}, 599.5, "inconclusive", "1 s more"),
        ({"pause": "10m"}, 600.0, "pass", ""),
        ({"pause": "10m"}, -5.0, "inconclusive", "605 s more"),
        ({"pause": "10m"}, None, "inconclusive", "a person's word: rollout next diabetes --up"),
        ({"pause": "approval"}, 1e9, "inconclusive", "a person's word: rollout next diabetes --up"),
        ({}, 1e9, "inconclusive", "a person's word: rollout next diabetes --up"),
        ({"pause": "1s", "requests": 900}, 1e9, "inconclusive", "a person's word: rollout next diabetes --up"),
    ],
)
def test_only_a_pause_that_is_over_passes(
    step: dict[str, object], seconds: float | None, kind: str, missing: str
) -> None:
    """What is not known holds, and says what is missing."""
    verdict = judge_pause(PlanStep.model_validate({"traffic": 10, **step}), seconds, "diabetes")
    assert (verdict.kind, verdict.missing) == (kind, missing)
