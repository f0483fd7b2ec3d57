"""Texts and names that can't be meant: changed on the way, not to be seen, or encrypted where they decide."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from settings.document import Written
from settings.nodes import DEEPEST
from settings.refusal import Refusal
from settings.values import HIDDEN

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \S+")
# Control characters, and marks that turn the direction of a line or break it.
_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SECRETS_IN = {"variables", "tags", "webhooks", "emails"}
_SECRETS = {"description", "friendlyName"}
_LONGEST_NAME = 512
_OR_TYPE = "or: pulumi config set --path --type string."
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_NUMBER_AS_NAME = re.compile(r"[-+.\d]|true$|false$|<nil>$|NaN$")
_TEXTS_IN, _TEXTS = {"variables", "tags"}, {"description", "friendlyName"}
"""Where numbers, true and false are taken for the text that they are read as."""


def unfit(raw: Mapping[str, Any]) -> list[Refusal]:
    """What is wrong with the texts and names of a configuration, whatever they are for: S006, S007, S010, S011."""
    return [*_in_map(raw, "", 0)]


def has_number_for_text(raw: Any, key: str = "") -> bool:
    """Whether a number, true or false stands where text is meant: it may have been written otherwise."""
    if isinstance(raw, dict):
        is_text = key in _TEXTS_IN
        return any(
            (isinstance(value, bool | int) and (is_text or name in _TEXTS))
            or (is_text and _NUMBER_AS_NAME.match(str(name)))
            or has_number_for_text(value, str(name))
            for name, value in raw.items()
        )
    return isinstance(raw, list) and any(map(has_number_for_text, raw))


def may_be_octal(data: bytes) -> bool:
    """Whether a file has anything that looks like a number with a leading 0."""
    return re.search(rb"[\s\[{,][-+]?0[0-9_]", data) is not None


def rewritten(raw: Mapping[str, Any], written: Written, project: str) -> Iterator[Refusal]:
    """S010 for texts and names that YAML has made other ones of: 83 of 0123, true of True; and for octal numbers."""
    for path, text in sorted(written.values.items()):
        at = _ours(path, project)
        value, is_text = _at(raw, at), {*at[-1:]} & _TEXTS or {*at[-2:-1]} & _TEXTS_IN
        if is_text and isinstance(value, bool | int):
            shown = str(value).lower() if isinstance(value, bool) else value
            cure = (
                f'Write it in quotes, as it is meant: {at[-1]}: "{text}"; or: pulumi config set --path --type string.'
            )
            yield Refusal("S010", ".".join(at), f"{text}, which YAML reads as {shown}", "text", cure)
        elif isinstance(value, int) and _OCTAL.fullmatch(text) and value != int(text):
            got = f"{text}, which YAML reads as {value}: a leading 0 makes it octal"
            yield Refusal("S010", ".".join(at), got, "a number without a leading 0", f"Write {int(text)}, or {value}.")
    for path, text in sorted(written.names.items()):
        *holder, name = _ours(path, project) or ("",)
        if holder and _at(raw, holder) is not None:
            cure = f'Write it in quotes, as it is meant: "{text}": ...'
            yield Refusal("S010", ".".join(holder), f"the name {text}, which YAML reads as {name}", "text", cure)


def _ours(path: tuple[str, ...], project: str) -> tuple[str, ...]:
    """A path without our own namespace; empty where it is of another one."""
    namespace, _, key = path[0].partition(":")
    return (key, *path[1:]) if namespace == project else ()


def _at(raw: Any, path: Sequence[str]) -> Any:
    for part in path or ("",):
        if isinstance(raw, dict):
            raw = raw.get(part)
        else:
            raw = raw[int(part)] if isinstance(raw, list) and part.isdecimal() and int(part) < len(raw) else None
    return raw


def _in_map(of: Mapping[Any, Any], path: str, depth: int) -> Iterator[Refusal]:
    for key, value in of.items():
        if type(key) is str and (not key.isprintable() or len(key) > _LONGEST_NAME) and (wrong := _name(key, path)):
            yield wrong
            continue
        kind = type(value)
        if kind is str:
            if (len(value) > 24 or not value.isprintable()) and (wrong := _text(value, path, str(key))):
                yield wrong
        elif kind is dict or kind is list:
            yield from _deeper(value, f"{path}.{key}" if path else str(key), depth)


def _deeper(value: Any, path: str, depth: int) -> Iterator[Refusal]:
    if depth >= DEEPEST:
        cure = "Correct the nesting; the settings need ten levels."
        yield Refusal("S006", path[:80], "maps or lists nested too deep", f"at most {DEEPEST} levels", cure)
    elif isinstance(value, dict):
        yield from _in_map(value, path, depth + 1)
    else:
        yield from _in_map(dict(enumerate(value)), path, depth + 1)


def _name(key: str, path: str) -> Refusal | None:
    if len(key) > _LONGEST_NAME:
        got, expected = f"a name of {len(key):,} characters", f"at most {_LONGEST_NAME}"
        return Refusal("S011", path or "config", got, expected, "Shorten it.")
    if not _UNSEEN.search(key):
        return None
    got, expected = f"the name {key!a}", "a name of characters that a terminal shows"
    return Refusal("S011", path or "config", got, expected, "Type the name again.")


def _text(value: str, path: str, key: str) -> Refusal | None:
    where = f"{path}.{key}" if path else key
    if value == HIDDEN:
        if path.rpartition(".")[2] in _SECRETS_IN or key in _SECRETS:
            return None
        got, expected = "encrypted", "a value in clear: what it decides can't be checked otherwise, and is no secret"
        return Refusal("S007", where, got, expected, f"Type: pulumi config set --plaintext --path {where} VALUE")
    if "\0" in value:
        return Refusal("S011", where, "text with a NUL", "text that a process can get", "Type the text again.")
    if _DATE.fullmatch(value):
        cure = f'Write it in quotes, as it is meant: {key}: "{value[:10]}"; {_OR_TYPE}'
        return Refusal("S010", where, f"the date {value!r}", "text; without quotes YAML makes a date of it", cure)
    return None
