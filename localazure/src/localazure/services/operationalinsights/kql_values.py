"""Expressions of Kusto's language as SQL of SQLite, with their types. Pure.

Times and timespans are seconds. What Azure has beyond this is refused by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from localazure.services.operationalinsights.kql_text import QueryError, Words, not_modelled, seconds, unknown, unquoted

Columns = Mapping[str, str]
"""Name -> type: datetime, timespan, string, int, long, real, bool."""
NUMBERS = {"int", "long", "real"}
COMPARED = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
CASTS = {"toint": ("int", "INTEGER"), "tolong": ("long", "INTEGER"), "todouble": ("real", "REAL")}
CASTS |= {"toreal": ("real", "REAL"), "tostring": ("string", "TEXT")}
AGGREGATES = ("count", "countif", "sum", "sumif", "avg", "min", "max", "percentile", "dcount")


@dataclass(frozen=True, slots=True)
class Value:
    """An expression in SQL; `name` is what a column of it is called where it is given none."""

    sql: str
    type: str
    name: str = ""


class Expressions:
    """Reads expressions over some columns; `aggregates` says whether count() and the like may stand in them."""

    def __init__(self, words: Words, columns: Columns, now: datetime, aggregates: bool = False) -> None:
        self._words, self._columns, self._now, self._aggregates = words, columns, now, aggregates

    def value(self) -> Value:
        """An expression."""
        found = self._both()
        while self._words.has("or"):
            found = Value(f"({found.sql} OR {self._both().sql})", "bool")
        return found

    def _both(self) -> Value:
        found = self._compared()
        while self._words.has("and"):
            found = Value(f"({found.sql} AND {self._compared().sql})", "bool")
        return found

    def _compared(self) -> Value:
        left, words = self._sum(), self._words
        if sign := words.has(*COMPARED):
            right = self._sum()
            _check_comparable(left, right)
            return Value(f"({left.sql} {COMPARED[sign]} {right.sql})", "bool")
        if sign := words.has("=~", "!~"):
            equal = "=" if sign == "=~" else "<>"
            return Value(f"(lower({left.sql}) {equal} lower({self._sum().sql}))", "bool")
        if sign := words.has("in", "!in", "in~", "!in~"):
            items, any_case = self._items(), sign.endswith("~")
            for item in items:
                _check_comparable(left, item)
            listed = ", ".join(f"lower({item.sql})" if any_case else item.sql for item in items)
            subject = f"lower({left.sql})" if any_case else left.sql
            return Value(f"({subject} {'NOT ' if sign[0] == '!' else ''}IN ({listed}))", "bool")
        if words.has("between"):
            words.need("(")
            low = self._sum()
            words.need("..")
            high = self._sum()
            words.need(")")
            return Value(f"({left.sql} BETWEEN {low.sql} AND {high.sql})", "bool")
        if sign := words.has("contains", "startswith", "endswith"):
            part = f"replace(replace(lower({self._sum().sql}), '%', '\\%'), '_', '\\_')"
            around = {"contains": f"'%' || {part} || '%'", "startswith": f"{part} || '%'", "endswith": f"'%' || {part}"}
            return Value(f"(lower({left.sql}) LIKE {around[sign]} ESCAPE '\\')", "bool")
        if words.now.kind == "name" and words.now.text in {"has", "matches", "has_any", "hasprefix", "contains_cs"}:
            raise not_modelled(f"the operator '{words.now.text}'")
        return left

    def _sum(self) -> Value:
        found = self._product()
        while sign := self._words.has("+", "-"):
            found = _reckoned(found, sign, self._product())
        return found

    def _product(self) -> Value:
        found = self._one()
        while sign := self._words.has("*", "/", "%"):
            found = _reckoned(found, sign, self._one())
        return found

    def _one(self) -> Value:
        token = self._words.take()
        if token.kind == "number":
            return Value(token.text, "real" if set(token.text) & set(".eE") else "long")
        if token.kind == "span":
            return Value(repr(seconds(token.text)), "timespan")
        if token.kind == "text":
            return Value("'" + unquoted(token.text).replace("'", "''") + "'", "string")
        if token.text == "(":
            inner = self.value()
            self._words.need(")")
            return Value(f"({inner.sql})", inner.type)
        if token.text == "-":
            inner = self._one()
            return Value(f"(-{inner.sql})", inner.type)
        if token.kind != "name":
            raise QueryError(f"Query could not be parsed at '{token.text or 'the end'}'")
        if self._words.now.text == "(":
            return self._call(token.text)
        if token.text in {"true", "false"}:
            return Value("1" if token.text == "true" else "0", "bool")
        if token.text not in self._columns:
            raise unknown("column or scalar expression", token.text)
        return Value(f'"{token.text}"', self._columns[token.text], token.text)

    def _items(self) -> list[Value]:
        self._words.need("(")
        items: list[Value] = []
        while not self._words.has(")"):
            if items:
                self._words.need(",")
            items.append(self.value())
        return items

    def _call(self, name: str) -> Value:
        if name == "datetime":
            return self._datetime()
        if name in AGGREGATES:
            return self._aggregate(name)
        made: Mapping[str, Callable[[list[Value]], Value]] = {
            "ago": lambda of: Value(f"({self._now.timestamp()!r} - {of[0].sql})", "datetime"),
            "now": lambda _: Value(repr(self._now.timestamp()), "datetime"),
            "bin": lambda of: Value(f"kql_bin({of[0].sql}, {of[1].sql})", of[0].type, of[0].name),
            "not": lambda of: Value(f"(NOT {of[0].sql})", "bool"),
            "isnull": lambda of: Value(f"({of[0].sql} IS NULL)", "bool"),
            "isnotnull": lambda of: Value(f"({of[0].sql} IS NOT NULL)", "bool"),
            "isempty": lambda of: Value(f"(coalesce({of[0].sql}, '') = '')", "bool"),
            "isnotempty": lambda of: Value(f"(coalesce({of[0].sql}, '') <> '')", "bool"),
            "iff": lambda of: Value(f"(CASE WHEN {of[0].sql} THEN {of[1].sql} ELSE {of[2].sql} END)", of[1].type),
            "tolower": lambda of: Value(f"lower({of[0].sql})", "string"),
            **{cast: partial(_cast, *to) for cast, to in CASTS.items()},
        }
        if name not in made:
            raise not_modelled(f"the function '{name}()'")
        given = self._items()
        try:
            return made[name](given)
        except IndexError:
            raise QueryError(f"{name}(): function expects more arguments", "SemanticError", "SEM0219") from None

    def _datetime(self) -> Value:
        """A literal; quotes may be left out, and then its text comes in pieces."""
        text = self._words.raw(")")
        try:
            moment = datetime.fromisoformat(text.strip().strip("'\""))
        except ValueError:
            raise QueryError(f"datetime(): '{text}' is no time", "SemanticError", "SEM0256") from None
        return Value(repr((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()), "datetime")

    def _aggregate(self, name: str) -> Value:
        if not self._aggregates:
            raise QueryError(f"Function '{name}' cannot be invoked in current context", "SemanticError", "SEM0271")
        given = Expressions(self._words, self._columns, self._now)._items()
        if len(given) != {"count": 0, "sumif": 2, "percentile": 2}.get(name, 1):
            raise QueryError(f"{name}(): wrong number of arguments", "SemanticError", "SEM0219")
        first = given[0] if given else Value("*", "long")
        named = f"{name}_" + (first.name if name not in {"count", "countif"} else "")
        sums = {
            "count": ("count(*)", "long"),
            "countif": (f"coalesce(sum({first.sql}), 0)", "long"),
            "sum": (f"coalesce(sum({first.sql}), 0)", first.type),
            "avg": (f"avg({first.sql})", "real"),
            "min": (f"min({first.sql})", first.type),
            "max": (f"max({first.sql})", first.type),
            "dcount": (f"count(DISTINCT {first.sql})", "long"),
        }
        if name == "sumif":
            return Value(f"coalesce(sum(CASE WHEN {given[1].sql} THEN {first.sql} END), 0)", first.type, named)
        if name == "percentile":
            return Value(
                f"kql_percentile({first.sql}, {given[1].sql})", first.type, f"percentile_{first.name}_{given[1].sql}"
            )
        sql, type_ = sums[name]
        return Value(sql, type_, named)


def _cast(type_: str, sql: str, given: list[Value]) -> Value:
    return Value(f"CAST({given[0].sql} AS {sql})", type_)


def _check_comparable(left: Value, right: Value) -> None:
    """Kusto compares no number with a text."""
    kinds = {"number" if each.type in NUMBERS else each.type for each in (left, right)}
    if len(kinds) > 1:
        message = f"Cannot compare values of types {left.type} and {right.type}. Try adding explicit casts"
        raise QueryError(message, "SemanticError", "SEM0064")


def _reckoned(left: Value, sign: str, right: Value) -> Value:
    types = left.type, right.type
    if types == ("datetime", "datetime") and sign == "-":
        return Value(f"({left.sql} - {right.sql})", "timespan")
    if left.type == "datetime" and right.type == "timespan" and sign in "+-":
        return Value(f"({left.sql} {sign} {right.sql})", "datetime")
    if not set(types) <= NUMBERS:
        if types == ("timespan", "timespan") and sign == "/":
            return Value(f"({left.sql} / {right.sql})", "real")
        message = f"Arithmetic expression {left.type} {sign} {right.type} is not supported"
        raise QueryError(message, "SemanticError", "SEM0085")
    return Value(f"({left.sql} {sign} {right.sql})", "real" if "real" in types else "long")


def shown(value: object, type_: str) -> object:
    """A value of a column as the API's JSON has it."""
    if value is None:
        return None
    if type_ == "datetime":
        moment = datetime.fromtimestamp(float(str(value)), UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"
    return bool(value) if type_ == "bool" else value
