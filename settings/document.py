"""A YAML document as the engine reads it: the same keys, merges, aliases and refusals.

The text is taken apart by libyaml, which the engine's library is a port of; what the parts mean is said here. The
engine reads a stack file, writes it again and reads that: so a key is text in the end, and 1 and 1.0 are one key.
Source: yaml.v3 3.0.1, decode.go.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from settings.nodes import DEEPEST, Broken, Node, check_keys, composed, target
from settings.scalars import INT64, Date, NotThat, Scalar, key_text, kind, number

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the file where the program gets another text: `0123` for 83, by path; `names` are keys."""

    values: dict[Path, str] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)

    def moved(self, to: Callable[[Path], Path | None]) -> "Written":
        """The same at other paths; without those that have none."""
        values, names = (
            {new: text for path, text in of.items() if (new := to(path)) is not None}
            for of in (self.values, self.names)
        )
        return Written(values, names)

    def over(self, beneath: "Written") -> "Written":
        """The two together."""
        return Written({**beneath.values, **self.values}, {**beneath.names, **self.names})


def read(data: bytes, only_text_below_config: bool = False) -> Any:
    """The first document in `data` as the program sees it: None, bool, int, float, str, list, dict and Date.

    Keys of the document and of its `config` are text; with `only_text_below_config` (Pulumi.yaml) all below it are too.
    Raises Broken where the engine would not read it, or where it is nested too deep.
    """
    return read_as_written(data, only_text_below_config)[0]


def read_as_written(data: bytes, only_text_below_config: bool = False) -> tuple[Any, Written]:
    """The same, with what was written otherwise. Raises Broken."""
    try:
        root = composed(data)
        if root is None:
            return None, Written()
        check_keys(root, only_text_below_config)
        decoder = _Decoder()
        return decoder.value(root), decoder.written
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "text that is not YAML"
        raise Broken(str(problem), mark.line + 1 if mark else None) from None


class _Decoder:
    """Makes values of nodes, and counts as the engine does how much of the work comes from aliases."""

    def __init__(self) -> None:
        self._count = self._of_aliases = self._inside = 0
        self._open: set[int] = set()
        self.written = Written()

    def value(self, node: Node, depth: int = 0, path: Path = ()) -> Any:
        """The value of a node. Raises Broken."""
        self._counted(node)
        if depth > DEEPEST:
            raise Broken("maps or lists nested too deep", node.line)
        if node.alias:
            with_alias = self._entered(node)
            value = self.value(with_alias, depth, path)
            self._left(node)
            return value
        if node.pairs is not None:
            return self._mapping(node, depth, path)
        if node.items is not None:
            return [self.value(item, depth + 1, (*path, str(place))) for place, item in enumerate(node.items)]
        if isinstance(node.value, bool | int | float) and _text(node.value) != node.text:
            self.written.values[path] = node.text
        return node.value

    def _mapping(self, node: Node, depth: int, path: Path) -> dict[str, Any]:
        found: dict[tuple[str, Scalar], Any] = {}
        self._merged(node, found, depth, set(), _is_text(node), path)
        return _with_text_keys(found, node.line)

    def _merged(
        self, node: Node, found: dict[tuple[str, Scalar], Any], depth: int, taken: set[Any], is_text: bool, path: Path
    ) -> None:
        """Into `found`: the map's own pairs but for keys in `taken`, then what it merges."""
        assert node.pairs is not None
        _each_once(node)
        merge, own = None, []
        for key, value in node.pairs:
            if key.is_merge:
                merge = value
                continue
            self._counted(key)
            name = _key(key, is_text)
            if name not in taken:
                here = (*path, key_text(name[1]))
                if here[-1] != target(key).text:
                    self.written.names[here] = target(key).text
                found[name] = self.value(value, depth + 1, here)
                own.append(name)
        taken.update(own)
        if merge is not None:
            for part in _parts(merge):
                self._counted(part)
                merged = self._entered(part) if part.alias else part
                self._merged(merged, found, depth + 1, taken, is_text, path)
                if part.alias:
                    self._left(part)

    def _entered(self, node: Node) -> Node:
        assert node.items is not None
        target = node.items[0]
        if id(target) in self._open:
            raise Broken(f"*{node.alias} within its own &{node.alias}", node.line)
        self._open.add(id(target))
        self._inside += 1
        return target

    def _left(self, node: Node) -> None:
        assert node.items is not None
        self._open.discard(id(node.items[0]))
        self._inside -= 1

    def _counted(self, node: Node) -> None:
        self._count += 1
        self._of_aliases += self._inside > 0
        if self._of_aliases > 100 and self._count > 1000 and self._of_aliases / self._count > _allowed(self._count):
            raise Broken("too many aliases", node.line)


def _text(value: float) -> str:
    """A number, true or false as the program shows it where text is meant."""
    try:
        return key_text(number(value)) if isinstance(value, float) else key_text(value)
    except NotThat:
        return ""


def _allowed(count: int) -> float:
    """The share of a document's parts that may come from aliases: 99 percent of a small one, 10 of a large one."""
    low, high = 400_000, 4_000_000
    return 0.99 - 0.89 * (min(max(count, low), high) - low) / (high - low)


def _each_once(node: Node) -> None:
    seen: set[tuple[bool, bool, str]] = set()
    for key, _ in node.pairs or ():
        # Two maps or two lists as keys are one key for the engine, which tells keys apart by their text.
        name = (key.pairs is not None, key.items is not None and not key.alias, key.alias or key.text)
        if name in seen:
            raise Broken(f"key {name[2]!r} twice", key.line)
        seen.add(name)


def _is_text(node: Node) -> bool:
    """Whether all keys are text, so that the engine makes a map of text and takes a merged key as it is written."""
    return all(key.is_merge or isinstance(target(key).value, str) for key, _ in node.pairs or ())


def _key(node: Node, is_text: bool) -> tuple[str, Scalar]:
    node = target(node)
    if node.pairs is not None or node.items is not None:
        raise Broken("a map or a list as a key", node.line)
    if is_text and not isinstance(node.value, str):
        return "!!str", node.text
    return kind(node.value), node.value


def _parts(merge: Node) -> list[Node]:
    parts = merge.items if merge.items is not None and not merge.alias else [merge]
    for part in parts:
        if target(part).pairs is None:
            raise Broken("<<: of what is no map", part.line)
    return parts


def _with_text_keys(found: dict[tuple[str, Scalar], Any], line: int) -> dict[str, Any]:
    """The map with its keys as text. Raises Broken where two become one, as when the engine reads it again."""
    mapping: dict[str, Any] = {}
    for (_, key), value in found.items():
        name = key_text(key)
        if name in mapping:
            raise Broken(f"key {name!r} twice", line)
        is_nan = isinstance(key, float) and key != key
        mapping[name] = None if is_nan else value
    # In quotes it is a name, but the engine writes it without them.
    for part in _listed(mapping.pop("<<", [])):
        if not isinstance(part, dict):
            raise Broken("<<: of what is no map", line)
        mapping = {**part, **mapping}
    return mapping


def _listed(value: Any) -> list[Any]:
    return value[::-1] if isinstance(value, list) else [value]


def handed_over(value: Any) -> Any:
    """A value within a map or list, as it comes out of the JSON that the engine hands to the program.

    Raises NotThat for numbers without end.
    """
    if isinstance(value, dict):
        return {key: handed_over(one) for key, one in value.items()}
    if isinstance(value, list):
        return [handed_over(one) for one in value]
    if isinstance(value, Date):
        return value.text
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -INT64 <= value < INT64:
        return number(float(value))
    return value
