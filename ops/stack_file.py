"""The one writer of stack files: it changes values of one endpoint and leaves every other character as it was."""

import copy
import difflib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.messages import UserError
from ops.project import Place
from ops.splice import Unspliceable, Value, is_in_braces, keys_at, rendered, with_value, without
from rollout.model import Split
from settings.document import read
from settings.nodes import Broken

Change = tuple[tuple[str, ...], Value | None]
"""A path of keys below an endpoint, and its new value; None takes it away."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A stack file before and after an edit; nothing is written yet."""

    path: Path
    before: str
    after: str

    @property
    def diff(self) -> str:
        """As `git diff` shows it, with two lines around; empty where nothing changes."""
        before, after = (text.splitlines(keepends=True) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, str(self.path), str(self.path), n=2)
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def write(self) -> None:
        """Put it in place in one go: a reader sees the file before or after. Raises OSError, also where it moved on."""
        if self.before == self.after:
            return
        if self.path.read_bytes() != self.before.encode():
            raise UserError("D025", str(self.path), "changed in this moment by somebody else", cure="Run it again.")
        place = self.path.resolve()  # a link stays a link
        with tempfile.NamedTemporaryFile("wb", dir=place.parent, prefix=f".{place.name}.", delete=False) as part:
            part.write(self.after.encode())
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).chmod(place.stat().st_mode & 0o7777)
        Path(part.name).replace(place)


def split_changes(before: Split, after: Split) -> list[Change]:
    """What to write so that a file that says `before` says `after`."""
    pairs = (("traffic", before.traffic, after.traffic), ("mirror", before.mirror, after.mirror))
    return [((key,), dict(sorted(now.items()))) for key, was, now in pairs if dict(was) != dict(now)]


def edited(place: Place, endpoint: str, changes: Sequence[Change]) -> Edited:
    """The stack file with these changes of an endpoint. Raises UserError where they can't be made on their own."""
    try:
        text = place.path.read_bytes().decode()
        section = next(
            key for key in (f"{place.project.name}:endpoints", "endpoints") if keys_at(text, ["config", key])
        )
        at = ("config", section, endpoint)
        after = text
        for path, value in changes:
            after = _changed(after, (*at, *path), value, as_json=place.path.suffix == ".json")
        _check(text, after, at, changes)
    except (Unspliceable, StopIteration, Broken, UnicodeDecodeError) as error:
        raise UserError(
            "D024",
            f"{place.path}: endpoints.{endpoint}",
            f"can't be edited on its own ({error or 'it does not stand in this file'})",
            cure=f"Write it yourself: {in_yaml(changes)}",
        ) from None
    return Edited(place.path, text, after)


def in_yaml(changes: Sequence[Change]) -> str:
    """The changes as a person would write them."""
    said = (f"{'.'.join(path)}: {'(removed)' if value is None else rendered(value)}" for path, value in changes)
    return "; ".join(said)


def _changed(text: str, path: tuple[str, ...], value: Value | None, as_json: bool) -> str:
    if value is None:
        return without(text, path)
    names = keys_at(text, path)
    if not isinstance(value, Mapping) or not value or not names or is_in_braces(text, path):
        has = names or path[-1] in keys_at(text, path[:-1])
        # An empty map that is not there says nothing, and stays away.
        return text if value == {} and not has else with_value(text, path, value, as_json=as_json)
    # A block keeps its lines, with the comments behind them.
    written = {name.lower(): name for name in names}
    for name, one in value.items():
        text = with_value(text, (*path, written.get(name.lower(), name)), one, as_json=as_json)
    for name in names:
        if name.lower() not in value:
            text = without(text, (*path, name))
    return text


def _check(before: str, after: str, at: Sequence[str], changes: Sequence[Change]) -> None:
    """The new text means what was meant, and nothing else: an alias would change elsewhere too. Raises Unspliceable."""
    wanted = copy.deepcopy(read(before.encode()))
    endpoint = wanted
    for key in at:
        endpoint[key] = dict(endpoint[key])
        endpoint = endpoint[key]
    for path, value in changes:
        _apply(endpoint, path, value)
    if _plain(read(after.encode())) != _plain(wanted):
        raise Unspliceable("an alias or a merge stands there")


def _apply(endpoint: dict[str, Any], path: Sequence[str], value: Value | None) -> None:
    for key in path[:-1]:
        endpoint[key] = dict(endpoint.get(key) or {})
        endpoint = endpoint[key]
    if value is None:
        endpoint.pop(path[-1], None)
    else:
        endpoint[path[-1]] = value


def _plain(value: Any) -> Any:
    """For comparing: names of shares in lower case, no empty maps and no nulls, which mean the same here."""
    if isinstance(value, Mapping):
        kept = {str(key).lower(): _plain(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in ({}, None)}
    return [_plain(one) for one in value] if isinstance(value, list) else value
