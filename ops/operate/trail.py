"""What commands did, one JSON line each, appended to a file beside the stack file: who, when, from, to, why."""

import getpass
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.project import Place, stack_of
from rollout.gates.enforce import FOLDER
from rollout.model import Split


def record(place: Place, command: str, endpoint: str, before: Split, after: Split, reason: str, **more: Any) -> Path:
    """Append one line. Raises OSError where the file can't be written."""
    file = trail_of(place)
    file.parent.mkdir(exist_ok=True)
    line = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": f"{getpass.getuser()}@{socket.gethostname()}",
        "command": command,
        "endpoint": endpoint,
        "from": {"traffic": dict(before.traffic), "mirror": dict(before.mirror)},
        "to": {"traffic": dict(after.traffic), "mirror": dict(after.mirror)},
        "reason": reason,
        **more,
    }
    # One write in append mode: two commands at once leave two whole lines.
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, (json.dumps(line, ensure_ascii=False) + "\n").encode())
    finally:
        os.close(handle)
    return file


def read_trail(place: Place) -> list[dict[str, Any]]:
    """All lines, the oldest first; a line that a full disk cut off is left out."""
    try:
        text = trail_of(place).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    found = []
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict):
            found.append(one)
    return found


def trail_of(place: Place) -> Path:
    """The stack's file."""
    return place.path.parent / FOLDER / f"{stack_of(place).rpartition('/')[2] or place.path.stem}.jsonl"
