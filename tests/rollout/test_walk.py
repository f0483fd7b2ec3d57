"""Any sequence of stack files, walked through the rules against a model of Azure that is written apart from them."""

import os

import pytest

from tests.rollout.local_walk import LocalWalk
from tests.rollout.running import walk
from tests.rollout.walk import Walk

PAIRS = int(os.environ.get("SAFE_ROLLOUT_PAIRS", "5000"))
LOCAL_PAIRS = PAIRS // 12


def test_no_accepted_sequence_harms_callers() -> None:
    """No accepted step loses live traffic, names what is not there, or is refused by the model of Azure."""
    walk(Walk, PAIRS)
    assert Walk.accepted > Walk.pairs // 20


@pytest.mark.timeout(7200)
def test_no_accepted_sequence_is_refused_by_the_local_azure() -> None:
    """What the program sends for accepted steps succeeds, and then the local Azure shows the step."""
    walk(LocalWalk, LOCAL_PAIRS, shrinks=False)
    assert LocalWalk.accepted > LocalWalk.pairs // 20
