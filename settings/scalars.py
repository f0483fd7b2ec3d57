"""Scalars as the engine's YAML library (Go, gopkg.in/yaml.v3) reads them, and as its JSON writes them.

YAML 1.1's yes, no, on, off and 12:30 are text; a leading 0 is octal as in 0o; a date is a date. Source: yaml.v3 3.0.1,
resolve.go; Go's strconv, time and encoding/json. tests/settings/engine_reads.json holds what the engine itself said.
"""

import base64
import binascii
import calendar
import math
import re
from dataclasses import dataclass
from decimal import Decimal

INT64, UINT64 = 2**63, 2**64
_PREFIX = "tag:yaml.org,2002:"
_RESOLVED = {"", "!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp"}
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_BASES = {"0x": 16, "0X": 16, "0b": 2, "0B": 2, "0o": 8, "0O": 8}
_DIGITS = {2: re.compile("[01]+"), 8: re.compile("[0-7]+"), 10: re.compile("[0-9]+"), 16: re.compile("[0-9a-fA-F]+")}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?P<mark>[Tt]| +)(?P<hour>\d\d?):(?P<minute>\d\d?):(?P<second>\d\d?)(?:[.,](?P<fraction>\d+))?"
    r"(?P<zone>Z|[-+]\d\d:\d\d)?)?",
    re.ASCII,
)


class NotThat(ValueError):
    """A value that is not what its tag says, or that the engine can't hand to the program."""


@dataclass(frozen=True, slots=True)
class Date:
    """A date or time. The program gets it as text: `2024-01-01 00:00:00 +0000 UTC`; Pulumi.yaml's own as RFC 3339."""

    text: str
    rfc3339: str


Scalar = None | bool | int | float | str | Date


def short(tag: str | None) -> str:
    """A tag as it is written: `!!int`; empty where there is none."""
    return "!!" + tag.removeprefix(_PREFIX) if tag and tag.startswith(_PREFIX) else tag or ""


def resolve(tag: str, text: str) -> Scalar:
    """The value of a scalar with this (short) tag. Raises NotThat where the tag does not fit."""
    if tag == "!!binary":
        try:
            return base64.b64decode(text, validate=True).decode(errors="replace")
        except (binascii.Error, ValueError):
            raise NotThat("!!binary that is not base64") from None
    if tag not in _RESOLVED or tag == "!!str":
        return text
    value = _plain(text, with_dates=tag in {"", "!!timestamp"})
    if tag == "!!float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if tag not in {"", kind(value)}:
        raise NotThat(f"{text!r} as {tag}")
    return value


def kind(value: Scalar) -> str:
    """The tag that the value has by itself."""
    if value is None:
        return "!!null"
    names = {bool: "!!bool", int: "!!int", float: "!!float", Date: "!!timestamp"}
    return names.get(type(value), "!!str")


def number(value: float) -> int | float:
    """A float as it comes out of the engine's JSON: a whole one has lost its point. Raises NotThat where none can."""
    if not math.isfinite(value):
        raise NotThat("a number without end (.inf or .nan)")
    # Go writes the shortest digits that tell the number apart, and noughts behind them.
    return int(Decimal(repr(value))) if value == int(value) and abs(value) < 1e21 else value


def key_text(value: Scalar) -> str:
    """A key as text, as Go's %v writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Date):
        return value.text
    if value is None:
        return "<nil>"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'+' if value > 0 else '-'}Inf"
    return str(int(value) if _is_plain(value) else _shortest(value))


def _is_plain(value: float) -> bool:
    return isinstance(value, int) or (value == int(value) and abs(value) < 1e6)


def _shortest(value: float) -> str:
    """Go's %g: the shortest digits, with an exponent from 1e+06 on and below 1e-04."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    power = len(digits) + exponent - 1
    text = "".join(map(str, digits))
    if -5 < power < 21 and not (power < -4 or power >= 6):
        return format(Decimal(repr(value)).normalize(), "f")
    head = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
    return f"{'-' if sign else ''}{head}e{'-' if power < 0 else '+'}{abs(power):02}"


def _plain(text: str, with_dates: bool) -> Scalar:
    first = text[:1]
    if text and first not in "0123456789+-.yYnNtTfFoO~":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if first == ".":
        return _float(text)
    if not first or first not in "0123456789+-":
        return text
    date = _date(text) if with_dates else None
    if date:
        return date
    plain = text.replace("_", "")
    whole = _whole(plain)
    if whole is not None:
        return whole
    found = _float(plain)
    return text if isinstance(found, str) else found


def _whole(text: str) -> int | None:
    """Go's ParseInt and ParseUint with base 0; None where it is no whole number of 64 bits."""
    sign, digits = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    base = _BASES.get(digits[:2], 10)
    if base != 10:
        digits = digits[2:]
    elif len(digits) > 1 and digits[0] == "0":
        base = 8
    if not _DIGITS[base].fullmatch(digits) or len(digits) > 100:
        return None
    value = int(digits, base)
    if sign:
        value = -value if sign == "-" else value
        return value if -INT64 <= value < INT64 else None
    return value if value < UINT64 else None


def _float(text: str) -> float | str:
    if not _FLOAT.fullmatch(text):
        return text
    value = float(text)
    return value if math.isfinite(value) else text


def _date(text: str) -> Date | None:
    found = _DATE.fullmatch(text)
    if (
        found is None
        or (found["zone"] is None) == (found["mark"] in {"T", "t"})
        or (found["mark"] == " " and found["zone"])
    ):
        return None
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if not (1 <= month <= 12 and 1 <= day <= _days(year, month) and hour < 24 and minute < 60 and second < 60):
        return None
    zone = found["zone"] or "Z"
    if zone != "Z" and (int(zone[1:3]) > 24 or int(zone[4:]) > 60):
        return None
    fraction = (found["fraction"] or "")[:9].rstrip("0")
    moment = f"{hour:02}:{minute:02}:{second:02}{'.' if fraction else ''}{fraction}"
    at_utc = zone in {"Z", "+00:00", "-00:00"}
    offset = zone.replace(":", "")
    day_text = f"{year:04}-{month:02}-{day:02}"
    return Date(
        f"{day_text} {moment} {'+0000 UTC' if at_utc else f'{offset} {offset}'}",
        f"{day_text}T{moment}{'Z' if at_utc else zone}",
    )


def _days(year: int, month: int) -> int:
    return 28 + calendar.isleap(year) if month == 2 else 30 + (month in {1, 3, 5, 7, 8, 10, 12})
