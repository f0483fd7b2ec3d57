"""The parts of a YAML document: scalars, lists and maps, taken apart by libyaml.

The engine's library (yaml.v3 3.0.1) is a port of it; what the two read differently since is refused here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from settings.scalars import NotThat, Scalar, resolve, short

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
class Node:
    """A scalar, a list (`items`), a map (`pairs`), or an alias, whose one item is what it stands for."""

    line: int
    value: Scalar = None
    text: str = ""
    is_merge: bool = False
    items: list["Node"] | None = None
    pairs: list[tuple["Node", "Node"]] | None = None
    alias: str = ""


def composed(data: bytes) -> Node | None:
    """The tree of the first document; what stands behind it is not looked at, as the engine does not."""
    events = yaml.parse(data, Loader=_LOADER)
    if b"\\/" in data:
        events = _without_slashes(events, data.decode("utf-8-sig", errors="replace"))
    anchors: dict[str, Node] = {}
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


def check_keys(root: Node, below: bool) -> None:
    """Refuse keys that are no text where the engine wants text: at the top, in `config`, and `below` it (Broken)."""
    holders = [root, *(target(value) for key, value in root.pairs or () if key.text == "config")]
    seen: set[int] = set()
    for holder in holders:
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        for key, value in holder.pairs or ():
            if not key.is_merge and not isinstance(target(key).value, str):
                raise Broken(f"the key {key.text!r}, which is not text", key.line)
            if below and holder is not root:
                holders.append(target(value))
        if below and not holder.alias:
            holders.extend(map(target, holder.items or ()))


def _node(event: Any, events: Iterator[Any], anchors: dict[str, Node], depth: int, in_flow: bool = False) -> Node:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise Broken(f"*{event.anchor}, which no &{event.anchor} stands before", line)
        return Node(line, alias=event.anchor, items=[anchors[event.anchor]])
    if depth > DEEPEST:
        raise Broken("maps or lists nested too deep", line)
    node = Node(line)
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


def _scalar(node: Node, event: Any, in_flow: bool) -> None:
    if in_flow and not event.style and "?" in event.value:
        raise Broken("a ? without quotes within { } or [ ]", node.line, "Put that value in quotes.")
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


def target(node: Node) -> Node:
    """What an alias stands for; the node itself where it is none."""
    return node.items[0] if node.alias and node.items else node
