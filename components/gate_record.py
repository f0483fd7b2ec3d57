"""The verdict that `rollout gate` recorded, read right before a step is made."""

import json
import os
from pathlib import Path

import pulumi

from rollout.gates.enforce import FOLDER, RECORDS, record_name
from rollout.gates.recorded import Recorded, recorded_from


def recorded_verdict(endpoint: str) -> Recorded | None:
    """Of this stack's endpoint, in the project's folder (where the engine runs this); None where none can be read."""
    folder = os.environ.get(RECORDS) or FOLDER
    try:
        raw = json.loads((Path(folder) / record_name(pulumi.get_stack(), endpoint)).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return recorded_from(raw) if isinstance(raw, dict) else None
