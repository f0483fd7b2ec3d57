"""The local Azure answers recorded exchanges as Azure did."""

import json
import os
from pathlib import Path

import pytest

from localazure.testing.client import Arm
from tests.azure.replay import Replay

pytestmark = pytest.mark.anyio
FOLDER = Path(os.environ.get("AZURE_RECORDINGS", Path(__file__).parent / "recordings"))
RECORDINGS = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
async def test_recorded_exchanges(estate: Arm, recording: Path) -> None:
    """Status, headers, states and bodies are as recorded, ids, times and redactions aside.

    Other recordings in the same form: AZURE_RECORDINGS=FOLDER.
    """
    replay = Replay.of(estate, json.loads(recording.read_text(encoding="utf-8")))
    assert await replay.run() == []
    assert replay.replayed > 0
