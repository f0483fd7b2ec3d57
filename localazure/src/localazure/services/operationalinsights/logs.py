"""The tables of online endpoints in Log Analytics, in a file of their own. Names and types: Azure Monitor, tables.

A row arrives later than it is of: `at` is its time, and it is shown when the delay has passed.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from localazure.services.operationalinsights.kql import Table, answer
from localazure.services.operationalinsights.kql_values import Columns

_COMMON = {
    "TimeGenerated": "datetime",
    "OperationName": "string",
    "Location": "string",
    "AzureMLWorkspaceId": "string",
    "AzureMLWorkspaceName": "string",
    "EndpointName": "string",
    "DeploymentName": "string",
    "_ResourceId": "string",
    "Type": "string",
}
_INSTANCE = {"InstanceId": "string", "ContainerName": "string", "Message": "string"}
TABLES: Mapping[str, Columns] = {
    "AmlOnlineEndpointTrafficLog": _COMMON
    | dict.fromkeys(("Method", "Path", "Protocol", "AuthType", "IdentityData", "UserAgent"), "string")
    | dict.fromkeys(("XRequestId", "XMSClientRequestId", "ResponseCodeReason", "ModelStatusReason"), "string")
    | dict.fromkeys(("ResponseCode", "ModelStatusCode", "RequestPayloadSize", "ResponsePayloadSize"), "int")
    | dict.fromkeys(("TotalDurationMs", "RequestDurationMs", "ResponseDurationMs"), "int")
    | dict.fromkeys(("RequestThrottlingDelayMs", "ResponseThrottlingDelayMs"), "int"),
    "AmlOnlineEndpointConsoleLog": _COMMON | _INSTANCE,
    "AmlOnlineEndpointEventLog": _COMMON | _INSTANCE | {"Name": "string"},
}
KEPT = 30 * 24 * 3600  # a workspace's retention where it names none
_KINDS = {"string": "TEXT", "int": "INTEGER", "datetime": "REAL"}


class Logs:
    """Rows by table and by the Log Analytics workspace that they were sent to (its id in lower case)."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        for table, columns in TABLES.items():
            listed = ", ".join(f'"{name}" {_KINDS[type_]}' for name, type_ in columns.items())
            self._db.execute(f'CREATE TABLE IF NOT EXISTS "{table}Rows" (destination TEXT, mirrored INTEGER, {listed})')
            self._db.execute(f'CREATE INDEX IF NOT EXISTS "{table}Times" ON "{table}Rows" (destination, TimeGenerated)')

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, table: str, destination: str, rows: Iterable[Mapping[str, Any]], mirrored: bool = False) -> None:
        """Rows that are on their way; what a row does not have is empty."""
        names = list(TABLES[table])
        values = [[destination, mirrored, *(row.get(name) for name in names)] for row in rows]
        holders = ", ".join("?" * (len(names) + 2))
        self._db.execute("BEGIN")
        self._db.executemany(f'INSERT INTO "{table}Rows" VALUES ({holders})', values)  # noqa: S608 (of TABLES)
        self._db.execute("COMMIT")

    def query(
        self,
        query: str,
        destination: str,
        now: datetime,
        delay: float,
        span: tuple[float, float] | None,
        mirrored: bool,
    ) -> Table:
        """The answer to a query of what has arrived by now. Raises QueryError.

        `span` bounds the rows' own times, in seconds since 1970. A table is there from its first row on.
        """
        begin, end = span or (now.timestamp() - KEPT, now.timestamp() + 1)
        shown: dict[str, Columns] = {}
        for table, columns in TABLES.items():
            own = f"destination = {_text(destination)} AND TimeGenerated <= {now.timestamp() - delay!r}"
            own += "" if mirrored else " AND NOT mirrored"
            self._db.execute(f'DROP VIEW IF EXISTS temp."{table}"')
            if self._db.execute(f'SELECT 1 FROM "{table}Rows" WHERE {own} LIMIT 1').fetchone():  # noqa: S608
                listed = ", ".join(f'"{name}"' for name in columns)
                within = f"TimeGenerated >= {begin!r} AND TimeGenerated < {end!r}"
                self._db.execute(
                    f'CREATE TEMP VIEW "{table}" AS SELECT {listed} FROM "{table}Rows" WHERE {own} AND {within}'  # noqa: S608
                )
                shown[table] = columns
        return answer(query, shown, self._db, now)

    def forget(self, before: float | None = None) -> None:
        """Drop the rows of before this moment (None: all)."""
        for table in TABLES:
            self._db.execute(f'DELETE FROM "{table}Rows" WHERE ? IS NULL OR TimeGenerated < ?', (before, before))  # noqa: S608


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
