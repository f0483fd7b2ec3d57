"""A YAML document as the engine reads it: the same keys, merges, aliases and refusals.

The text is taken apart by libyaml, which the engine's library is a port of; what the parts mean is said here. The
engine reads a stack file, writes it anew and reads that: so a key is text in the end, and 1 and 1.0 are one key.
Source: yaml.v3 3.0.1, decode.go.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from settings.scalars import INT64, Date, NotThat, Scalar, key_text, kind, number, resolve, short

DEEPEST = 100
"""Maps and lists within each other; the settings need ten."""
_NOT_IN_BLOCKS = re.compile("[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Broken(ValueError):
    """Text that the engine can't read either; `line` is where, from 1, where that is known; `cure` what to write."""

    def __init__(self, got: str, line: int | None = None, cure: str = "") -> None:
        super().__init__(got)
        self.got, self.line, self.cure = got, line, cure


@dataclass(slots=True, eq=False)
class _Node:
    line: int
    value: Scalar = None
    text: str = ""
    is_merge: bool = False
    items: list["_Node"] | None = None
    pairs: list[tuple["_Node", "_Node"]] | None = None
    alias: str = ""


def read(data: bytes, only_text_below_config: bool = False) -> Any:
    """The first document in `data` as the program sees it: None, bool, int, float, str, list, dict and Date.

    Keys of the document and of its `config` are text; with `only_text_below_config` (Pulumi.yaml) all below it are too.
    Raises Broken where the engine would not read it, or where it is nested too deep.
    """
    try:
        root = _composed(data)
        if root is None:
            return None
        _check_keys(root, only_text_below_config)
        return _Decoder().value(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "text that is not YAML"
        raise Broken(str(problem), mark.line + 1 if mark else None) from None


def _composed(data: bytes) -> _Node | None:
    """The tree of the first document; what stands behind it is not looked at, as the engine does not."""
    events = yaml.parse(data, Loader=_LOADER)
    if b"\\/" in data:
        events = _without_slashes(events, data.decode("utf-8-sig", errors="replace"))
    anchors: dict[str, _Node] = {}
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if event.version not in {None, (1, 1)}:
                raise Broken("the directive %YAML with another version than 1.1", 1)
            return _node(next(events), events, anchors, 1)
    return None


def _without_slashes(events: Iterator[Any], text: str) -> Iterator[Any]:
    """The events, but for JSON's escape of a slash: libyaml has learnt it, the engine's library has not."""
    for event in events:
        is_quoted = isinstance(event, yaml.ScalarEvent) and event.style == '"'
        if is_quoted and _SLASH.search(text, event.start_mark.index, event.end_mark.index):
            raise Broken(r"the escape \/ in double quotes", event.start_mark.line + 1, "Write / without the \\.")
        yield event


def _check_keys(root: _Node, below: bool) -> None:
    holders = [root, *(_target(value) for key, value in root.pairs or () if key.text == "config")]
    seen: set[int] = set()
    for holder in holders:
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        for key, value in holder.pairs or ():
            if not key.is_merge and not isinstance(_target(key).value, str):
                raise Broken(f"the key {key.text!r}, which is no text", key.line)
            if below and holder is not root:
                holders.append(_target(value))
        if below and not holder.alias:
            holders.extend(map(_target, holder.items or ()))


def _node(event: Any, events: Iterator[Any], anchors: dict[str, _Node], depth: int, in_flow: bool = False) -> _Node:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise Broken(f"*{event.anchor}, which no &{event.anchor} stands before", line)
        return _Node(line, alias=event.anchor, items=[anchors[event.anchor]])
    if depth > DEEPEST:
        raise Broken("maps or lists nested too deep", line)
    node = _Node(line)
    if event.anchor:
        anchors[event.anchor] = node
    if isinstance(event, yaml.ScalarEvent):
        _scalar(node, event, in_flow)
    elif isinstance(event, yaml.SequenceStartEvent):
        in_flow = bool(event.flow_style)
        node.items = []
        while not isinstance(child := next(events), yaml.SequenceEndEvent):
            node.items.append(_node(child, events, anchors, depth + 1, in_flow))
    else:
        in_flow = bool(event.flow_style)
        node.pairs = []
        while not isinstance(child := next(events), yaml.MappingEndEvent):
            key = _node(child, events, anchors, depth + 1, in_flow)
            node.pairs.append((key, _node(next(events), events, anchors, depth + 1, in_flow)))
    return node


def _scalar(node: _Node, event: Any, in_flow: bool) -> None:
    if in_flow and not event.style and "?" in event.value:
        raise Broken("a ? within { } or [ ] that stands in no quotes", node.line, "Put that value in quotes.")
    tag = short(event.tag if event.tag != "!" else None)
    node.text = event.value
    node.is_merge = event.value == "<<" and (tag == "!!merge" or (not tag and not event.style))
    if event.style and not tag:
        tag = "!!str"
    try:
        node.value = resolve(tag, event.value)
    except NotThat as error:
        raise Broken(str(error), node.line) from None
    if isinstance(node.value, str) and "\n" in node.value:
        node.value = _written_anew(node.value, node.line)


def _written_anew(text: str, line: int) -> str:
    """Lines as they are after the engine has written and read them: as a block, where a first empty line is lost."""
    if text.endswith(" ") or " \n" in text or _NOT_IN_BLOCKS.search(text):
        return text
    if text.startswith("\t"):
        raise Broken("lines of which the first begins with a tab", line, "Begin it with a blank or a letter.")
    return text.removeprefix("\n")


class _Decoder:
    """Makes values of nodes, and counts as the engine does how much of the work comes from aliases."""

    def __init__(self) -> None:
        self._count = self._of_aliases = self._inside = 0
        self._open: set[int] = set()

    def value(self, node: _Node, depth: int = 0) -> Any:
        """The value of a node. Raises Broken."""
        self._counted(node)
        if depth > DEEPEST:
            raise Broken("maps or lists nested too deep", node.line)
        if node.alias:
            with_alias = self._entered(node)
            value = self.value(with_alias, depth)
            self._left(node)
            return value
        if node.pairs is not None:
            return self._mapping(node, depth)
        if node.items is not None:
            return [self.value(item, depth + 1) for item in node.items]
        return node.value

    def _mapping(self, node: _Node, depth: int) -> dict[str, Any]:
        found: dict[tuple[str, Scalar], Any] = {}
        self._merged(node, found, depth, set(), is_text=_is_text(node))
        return _with_text_keys(found, node.line)

    def _merged(
        self, node: _Node, found: dict[tuple[str, Scalar], Any], depth: int, taken: set[Any], is_text: bool
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
                found[name] = self.value(value, depth + 1)
                own.append(name)
        taken.update(own)
        if merge is not None:
            for part in _parts(merge):
                self._counted(part)
                target = self._entered(part) if part.alias else part
                self._merged(target, found, depth + 1, taken, is_text)
                if part.alias:
                    self._left(part)

    def _entered(self, node: _Node) -> _Node:
        assert node.items is not None
        target = node.items[0]
        if id(target) in self._open:
            raise Broken(f"*{node.alias} within its own &{node.alias}", node.line)
        self._open.add(id(target))
        self._inside += 1
        return target

    def _left(self, node: _Node) -> None:
        assert node.items is not None
        self._open.discard(id(node.items[0]))
        self._inside -= 1

    def _counted(self, node: _Node) -> None:
        self._count += 1
        self._of_aliases += self._inside > 0
        if self._of_aliases > 100 and self._count > 1000 and self._of_aliases / self._count > _allowed(self._count):
            raise Broken("too many aliases", node.line)


def _allowed(count: int) -> float:
    """The share of a document's parts that may come from aliases: 99 percent of a small one, 10 of a large one."""
    low, high = 400_000, 4_000_000
    return 0.99 - 0.89 * (min(max(count, low), high) - low) / (high - low)


def _each_once(node: _Node) -> None:
    seen: set[tuple[bool, bool, str]] = set()
    for key, _ in node.pairs or ():
        # Two maps or two lists as keys are one key for the engine, which tells keys apart by their text.
        name = (key.pairs is not None, key.items is not None and not key.alias, key.alias or key.text)
        if name in seen:
            raise Broken(f"key {name[2]!r} twice", key.line)
        seen.add(name)


def _target(node: _Node) -> _Node:
    return node.items[0] if node.alias and node.items else node


def _is_text(node: _Node) -> bool:
    """Whether all keys are text, so that the engine makes a map of text and takes a merged key as it is written."""
    return all(key.is_merge or isinstance(_target(key).value, str) for key, _ in node.pairs or ())


def _key(node: _Node, is_text: bool) -> tuple[str, Scalar]:
    node = _target(node)
    if node.pairs is not None or node.items is not None:
        raise Broken("a map or a list as a key", node.line)
    if is_text and not isinstance(node.value, str):
        return "!!str", node.text
    return kind(node.value), node.value


def _parts(merge: _Node) -> list[_Node]:
    parts = merge.items if merge.items is not None and not merge.alias else [merge]
    for part in parts:
        if _target(part).pairs is None:
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
