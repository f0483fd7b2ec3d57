"""Queries in Kusto's language over the tables of a Log Analytics workspace, answered by SQLite. Pure.

A table, then `where`, `extend`, `project`, `summarize`, `distinct`, `order by`, `top`, `take`, `count`, each after a
`|`. Anything else is refused by name.
"""

# ruff: noqa: S608 (names are words of the lexer, and texts are quoted)

import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localazure.services.operationalinsights.kql_text import QueryError, Words, not_modelled, unknown
from localazure.services.operationalinsights.kql_values import Columns, Expressions, Value, shown

OPERATORS = {"where", "filter", "extend", "project", "summarize", "distinct", "order", "sort", "top", "take", "limit"}
OPERATORS |= {"count"}


@dataclass(frozen=True, slots=True)
class Table:
    """What an answer holds: columns by name and type, and rows."""

    columns: Columns
    rows: Sequence[Sequence[Any]]

    def document(self) -> dict[str, Any]:
        """As the API answers it."""
        columns = [{"name": name, "type": type_} for name, type_ in self.columns.items()]
        return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": [list(row) for row in self.rows]}]}


def answer(query: str, tables: Mapping[str, Columns], database: sqlite3.Connection, now: datetime) -> Table:
    """The query's rows; each table is a view of its name in the database. Raises QueryError."""
    database.create_function("kql_bin", 2, _bin, deterministic=True)
    database.create_aggregate("kql_percentile", 2, _Percentile)  # type: ignore[arg-type]
    words = Words(query)
    name = words.name()
    if words.now.text == "(" or name in {"let", "set", "union", "print", "search", "find", "datatable", "range"}:
        raise not_modelled(f"'{name}'")
    if name not in tables:
        raise unknown("table or column expression", name)
    sql, columns = f'SELECT * FROM "{name}"', dict(tables[name])
    while words.now.kind != "end":
        words.need("|")
        sql, columns = _Step(words, sql, columns, now).apply()
    rows = database.execute(sql).fetchall()
    types = list(columns.values())
    return Table(columns, [[shown(value, type_) for value, type_ in zip(row, types, strict=True)] for row in rows])


class _Step:
    """One operator over what the ones before it gave."""

    def __init__(self, words: Words, sql: str, columns: dict[str, str], now: datetime) -> None:
        self._words, self._sql, self._columns, self._now = words, sql, columns, now

    def apply(self) -> tuple[str, dict[str, str]]:
        """The SQL and the columns of the result."""
        operator = self._words.name()
        if operator not in OPERATORS:
            raise not_modelled(f"the operator '{operator}'")
        name = {"filter": "where", "sort": "order", "limit": "take"}.get(operator, operator)
        found: tuple[str, dict[str, str]] = getattr(self, f"_{name}")()
        return found

    def _where(self) -> tuple[str, dict[str, str]]:
        condition = self._value()
        if condition.type != "bool":
            raise QueryError("'where' operator: expected a predicate", "SemanticError", "SEM0204")
        return f"SELECT * FROM ({self._sql}) WHERE {condition.sql}", self._columns

    def _extend(self) -> tuple[str, dict[str, str]]:
        more = self._named()
        kept = {name: Value(f'"{name}"', type_) for name, type_ in self._columns.items()}
        return self._select({**kept, **more})

    def _project(self) -> tuple[str, dict[str, str]]:
        return self._select(self._named())

    def _distinct(self) -> tuple[str, dict[str, str]]:
        sql, columns = self._select(self._named())
        return sql.replace("SELECT", "SELECT DISTINCT", 1), columns

    def _summarize(self) -> tuple[str, dict[str, str]]:
        found = {} if self._words.now.text == "by" else self._named(aggregates=True)
        keys = self._named() if self._words.has("by") else {}
        sql, columns = self._select({**keys, **found})
        return sql + (f" GROUP BY {', '.join(key.sql for key in keys.values())}" if keys else ""), columns

    def _order(self) -> tuple[str, dict[str, str]]:
        self._words.need("by")
        return f"SELECT * FROM ({self._sql}) ORDER BY {self._ordering()}", self._columns

    def _top(self) -> tuple[str, dict[str, str]]:
        many = self._number()
        self._words.need("by")
        return f"SELECT * FROM ({self._sql}) ORDER BY {self._ordering()} LIMIT {many}", self._columns

    def _take(self) -> tuple[str, dict[str, str]]:
        return f"SELECT * FROM ({self._sql}) LIMIT {self._number()}", self._columns

    def _count(self) -> tuple[str, dict[str, str]]:
        return f'SELECT count(*) AS "Count" FROM ({self._sql})', {"Count": "long"}

    def _ordering(self) -> str:
        parts: list[str] = []
        while not parts or self._words.has(","):
            value = self._value()
            parts.append(f"{value.sql} {(self._words.has('asc', 'desc') or 'desc').upper()}")
        return ", ".join(parts)

    def _number(self) -> int:
        token = self._words.take()
        if token.kind != "number" or not token.text.isdecimal():
            raise QueryError(f"Query could not be parsed at '{token.text}': expected a number of rows")
        return int(token.text)

    def _named(self, aggregates: bool = False) -> dict[str, Value]:
        """Values with commas between them, each with the name that it is given or has."""
        found: dict[str, Value] = {}
        while not found or self._words.has(","):
            name = ""
            if self._words.now.kind == "name" and self._words.after.text == "=":
                name = self._words.name()
                self._words.need("=")
            value = self._value(aggregates)
            name = name or value.name or f"Column{len(found) + 1}"
            while name in found:
                name += "1"
            found[name] = value
        return found

    def _value(self, aggregates: bool = False) -> Value:
        return Expressions(self._words, self._columns, self._now, aggregates).value()

    def _select(self, values: Mapping[str, Value]) -> tuple[str, dict[str, str]]:
        listed = ", ".join(f'{value.sql} AS "{name}"' for name, value in values.items())
        return f"SELECT {listed} FROM ({self._sql})", {name: value.type for name, value in values.items()}


def _bin(value: float | None, width: float) -> float | None:
    if value is None or not width:
        return None
    return math.floor(value / width) * width


class _Percentile:
    """The smallest value that this share of all do not exceed."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._percent = 50.0

    def step(self, value: float | None, percent: float) -> None:
        """One row."""
        self._percent = percent
        if value is not None:
            self._values.append(value)

    def finalize(self) -> float | None:
        """Of all rows."""
        ordered = sorted(self._values)
        return ordered[max(0, math.ceil(len(ordered) * self._percent / 100) - 1)] if ordered else None
