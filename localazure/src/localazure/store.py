"""The local Azure's state: one SQLite file, every acknowledged write durable.

Resources are JSON documents under their id; `private` holds what a GET never shows (keys, what is pending).
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

VERSION = 1
"""Of what a state folder holds, in SQLite's `user_version`: one more whenever an older folder can't be gone on with."""
SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE IF NOT EXISTS resources (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, type TEXT NOT NULL, parent TEXT NOT NULL,
    document TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS resources_of_parent ON resources (parent, type);
CREATE INDEX IF NOT EXISTS resources_of_type ON resources (type);
CREATE TABLE IF NOT EXISTS operations (
    name TEXT PRIMARY KEY, target TEXT NOT NULL, running INTEGER NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (number INTEGER PRIMARY KEY AUTOINCREMENT, fault TEXT NOT NULL);
"""
CLOCK = "clock"


class StateError(Exception):
    """A state folder that this local Azure cannot go on with; the message says why."""


@dataclass(slots=True)
class Record:
    """A stored resource: `document` is what a GET answers, `private` what it does not."""

    type: str
    parent: str
    document: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id with its first spelling."""
        return str(self.document["id"])

    @property
    def key(self) -> str:
        """The id in lower case."""
        return self.id.lower()

    @property
    def name(self) -> str:
        """The last name of the id."""
        return self.id.rsplit("/", 1)[1]

    @property
    def above(self) -> str:
        """The id of what a nested resource is nested in, in its own spelling."""
        return self.id.rsplit("/", 2)[0]

    @property
    def properties(self) -> dict[str, Any]:
        """The document's own property bag."""
        bag: dict[str, Any] = self.document.setdefault("properties", {})
        return bag


class Store:
    """Resources, operations, faults and settings in one file; writes of one `transaction` become durable together.

    Raises StateError for a file of another version.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        check_version(self._db)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)
        self._depth = 0

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def save(self, path: Path) -> None:
        """A copy of everything in a file of its own, for its owner only; it appears whole or not at all."""
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        part.touch(0o600)
        try:
            with closing(sqlite3.connect(part)) as copy:
                self._db.backup(copy)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)

    def load(self, path: Path | None) -> None:
        """Resources and operations of such a copy in place of all there are (None: of none); settings stay."""
        with self.transaction():
            for table in ("operations", "resources"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 (names of ours)
            if path is None:
                return
            with closing(sqlite3.connect(path)) as copy:
                for table in ("resources", "operations"):
                    for row in copy.execute(f"SELECT * FROM {table}"):  # noqa: S608
                        marks = ", ".join("?" * len(row))
                        self._db.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside it, or none. Nests."""
        if self._depth:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._depth = 0

    def get(self, resource_id: str) -> Record | None:
        """The resource of that id, in any spelling."""
        row = self._db.execute(
            "SELECT type, parent, document, private FROM resources WHERE key = ?", (resource_id.lower(),)
        ).fetchone()
        return _record(row) if row else None

    def put(self, record: Record) -> None:
        """Store it, in place of what had its id."""
        self._db.execute(
            "INSERT INTO resources (key, type, parent, document, private) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) "
            "DO UPDATE SET document = excluded.document, private = excluded.private",
            (
                record.key,
                record.type.lower(),
                record.parent.lower(),
                *map(json.dumps, (record.document, record.private)),
            ),
        )

    def children(self, parent: str, type_name: str) -> list[Record]:
        """Resources of a type right under a parent, newest first."""
        rows = self._db.execute(
            "SELECT type, parent, document, private FROM resources WHERE parent = ? AND type = ? ORDER BY number DESC",
            (parent.lower(), type_name.lower()),
        )
        return [_record(row) for row in rows]

    def of_type(self, type_name: str, under: str = "") -> list[Record]:
        """All resources of a type, newest first, `under` an id if one is given."""
        rows = self._db.execute(
            "SELECT type, parent, document, private FROM resources WHERE type = ? AND key >= ? AND key < ? "
            "ORDER BY number DESC",
            (type_name.lower(), f"{under.lower()}/", f"{under.lower()}0"),
        )
        return [_record(row) for row in rows]

    def subtree(self, resource_id: str) -> list[Record]:
        """Everything below an id, parents before children; not the resource itself."""
        low = resource_id.lower()
        rows = self._db.execute(
            "SELECT type, parent, document, private FROM resources WHERE key >= ? AND key < ? ORDER BY key",
            (f"{low}/", f"{low}0"),
        )
        return [_record(row) for row in rows]

    def delete(self, resource_id: str) -> None:
        """Remove the resource and everything below it."""
        low = resource_id.lower()
        self._db.execute("DELETE FROM resources WHERE key = ? OR (key >= ? AND key < ?)", (low, f"{low}/", f"{low}0"))

    def get_operation(self, name: str) -> dict[str, Any] | None:
        """An operation's document."""
        row = self._db.execute("SELECT document FROM operations WHERE name = ?", (name.lower(),)).fetchone()
        return json.loads(row[0]) if row else None

    def put_operation(self, name: str, target: str, running: bool, document: dict[str, Any]) -> None:
        """Store an operation's document."""
        self._db.execute(
            "INSERT OR REPLACE INTO operations (name, target, running, document) VALUES (?, ?, ?, ?)",
            (name.lower(), target.lower(), int(running), json.dumps(document)),
        )

    def running_operations(self) -> list[dict[str, Any]]:
        """Operations that have not ended."""
        rows = self._db.execute("SELECT document FROM operations WHERE running = 1 ORDER BY rowid")
        return [json.loads(row[0]) for row in rows]

    def faults(self) -> dict[int, dict[str, Any]]:
        """Injected faults by number, oldest first."""
        return {number: json.loads(text) for number, text in self._db.execute("SELECT number, fault FROM faults")}

    def add_fault(self, fault: dict[str, Any]) -> int:
        """Store a fault; its number was no other's."""
        number = self._db.execute("INSERT INTO faults (fault) VALUES (?)", (json.dumps(fault),)).lastrowid
        return int(number or 0)

    def set_fault(self, number: int, fault: dict[str, Any] | None) -> None:
        """Store a fault in place of the one of that number; None removes it."""
        if fault is None:
            self._db.execute("DELETE FROM faults WHERE number = ?", (number,))
        else:
            self._db.execute("UPDATE faults SET fault = ? WHERE number = ?", (json.dumps(fault), number))

    def last_moment(self) -> datetime | None:
        """The latest time of Azure's clock that is stored: `set_clock`, or when an operation began or ended."""
        newest = "SELECT max(max(document ->> 'started', document ->> 'ended')) FROM operations"
        moments = [self.setting(CLOCK), self._db.execute(newest).fetchone()[0]]
        return max((datetime.fromisoformat(moment) for moment in moments if moment), default=None)

    def set_clock(self, now: datetime) -> None:
        """Store what time it is, for the next start."""
        self.set_setting(CLOCK, now.isoformat())

    def setting(self, name: str) -> str | None:
        """A setting of this local Azure (ids, secrets)."""
        row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        self._db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))


def check_file(path: Path) -> None:
    """Raises StateError unless the file is a state of this version."""
    try:
        with closing(sqlite3.connect(path)) as db:
            check_version(db)
    except sqlite3.Error as error:
        raise StateError(str(error)) from None


def check_version(db: sqlite3.Connection) -> None:
    """Raises StateError unless the file is empty or of this version."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and version != VERSION:
        raise StateError(f"it is of another version of the local Azure (it has {version}, this one {VERSION})")


def _record(row: tuple[str, str, str, str]) -> Record:
    return Record(row[0], row[1], json.loads(row[2]), json.loads(row[3]))
