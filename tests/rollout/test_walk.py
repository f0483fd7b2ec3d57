"""Any sequence of stack files, walked through the rules against a model of Azure that is written apart from them."""

import os

from tests.rollout.running import walk
from tests.rollout.walk import Walk

PAIRS = int(os.environ.get("SAFE_ROLLOUT_PAIRS", "5000"))


def test_no_accepted_sequence_harms_callers() -> None:
    """No accepted step loses live traffic, names what is not there, or is refused by the model of Azure."""
    walk(Walk, PAIRS)
    assert Walk.accepted > Walk.pairs // 20
