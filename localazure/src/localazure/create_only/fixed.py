"""One row of the table, and what a service asks of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

Effect = Literal["replaces", "refuses", "ignores"]


class Fixed(NamedTuple):
    """What becomes of an edit, and who says so; `may` are changes (old, new) that Azure takes all the same."""

    effect: Effect
    source: str
    may: tuple[tuple[str, str], ...] = ()


def changed(rows: Mapping[str, Fixed], before: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """The paths of `rows` that a PUT would change, of those that Azure refuses; what is not sent stays as it is.

    Both mappings have the shape of the SDK's inputs. Texts are compared without regard to case, as ARM does with ids.
    """
    for path, row in rows.items():
        if row.effect == "ignores" or "[*]" in path:
            continue
        old, new = _at(before, path), _at(wanted, path)
        if new is None or _same(old, new) or (_text(old), _text(new)) in row.may:
            continue
        yield path


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return all(_same(old.get(key), value) for key, value in new.items())
    if isinstance(old, list) and isinstance(new, list):
        return [_text(item) for item in old] == [_text(item) for item in new]
    return old == new or (isinstance(old, str) and isinstance(new, str) and old.lower() == new.lower())


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower()
