"""What was judged last, in a file beside the stack file: evidence to go on from, and a verdict that expires."""

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.project import Place, stack_of
from rollout.gates.enforce import FOLDER, RECORDS, record_name
from rollout.gates.recorded import Recorded, recorded_from


@dataclass(frozen=True, slots=True)
class Record:
    """One endpoint's file."""

    path: Path
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def evidence(self) -> Any:
        """As it was kept; None where there is none."""
        return self.raw.get("evidence")

    @property
    def recorded(self) -> Recorded | None:
        """The verdict with its time and what it is of."""
        return recorded_from(self.raw)

    def write(self, evidence: dict[str, Any], recorded: Recorded) -> None:
        """Replace the file at once. Raises OSError."""
        self.path.parent.mkdir(exist_ok=True)
        text = json.dumps({"evidence": evidence, **recorded.as_dict()}, indent=1)
        handle, part = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(part).replace(self.path)


def record_of(place: Place, endpoint: str) -> Record:
    """An endpoint's record; one that can't be read is none, so that nothing is believed that was not read.

    SAFE_ROLLOUT_RECORDS names another folder, for a stack file that is none of the project's; the program reads it too.
    """
    folder = os.environ.get(RECORDS)
    path = Path(folder) if folder else place.path.parent / FOLDER
    path /= record_name(stack_of(place) or place.path.stem, endpoint)
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raw = {}
    return Record(path, raw if isinstance(raw, dict) else {})
