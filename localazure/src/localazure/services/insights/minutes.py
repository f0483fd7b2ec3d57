"""What was answered in each minute, in a file of its own, for as long as Azure Monitor keeps metrics (93 days)."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS minutes (
    endpoint TEXT NOT NULL, begin INTEGER NOT NULL, deployment TEXT NOT NULL,
    statuses TEXT NOT NULL, latencies TEXT NOT NULL, PRIMARY KEY (endpoint, begin, deployment)) WITHOUT ROWID;
"""
MIRRORED = "/mirrored"
"""Behind an endpoint's name: the minutes of its mirrored requests, which metrics show where they are told to."""
KEPT = 93 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Minute:
    """Requests by status and the model's status, and by latency in milliseconds."""

    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    latencies: Counter[float] = field(default_factory=Counter)


class Minutes:
    """Minutes by endpoint (in lower case), by their begin in seconds since 1970 and by deployment.

    Metrics are no state: a write is not waited for until it is on the disk.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, endpoint: str, begin: int, deployment: str, more: Minute) -> None:
        """Count these too."""
        minute = self.between(endpoint, begin, begin + 1).get(begin, {}).get(deployment, Minute())
        statuses = [[*key, count] for key, count in (minute.statuses + more.statuses).items()]
        latencies = [[key, count] for key, count in (minute.latencies + more.latencies).items()]
        row = endpoint, begin, deployment, json.dumps(statuses), json.dumps(latencies)
        self._db.execute("REPLACE INTO minutes VALUES (?, ?, ?, ?, ?)", row)

    def between(self, endpoint: str, begin: int, end: int) -> Mapping[int, Mapping[str, Minute]]:
        """An endpoint's that begin in [begin, end)."""
        query = (
            "SELECT begin, deployment, statuses, latencies FROM minutes WHERE endpoint = ? AND begin BETWEEN ? AND ?"
        )
        found: defaultdict[int, dict[str, Minute]] = defaultdict(dict)
        for at, deployment, statuses, latencies in self._db.execute(query, (endpoint, begin, end - 1)):
            told = Counter({(status, model): count for status, model, count in json.loads(statuses)})
            found[at][deployment] = Minute(told, Counter(dict(json.loads(latencies))))
        return found

    def forget(self, before: int | None = None) -> None:
        """Drop those that began before this moment (None: all)."""
        self._db.execute("DELETE FROM minutes WHERE ? IS NULL OR begin < ?", (before, before))
