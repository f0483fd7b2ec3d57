"""One value of a YAML text changed, and every other character kept: the text between two marks is replaced.

PyYAML's marks say where a part begins and ends. The end mark of a block map runs on over the comments behind it, so a
block's end is that of the last thing in it (measured: shared facts of YAML editors; ruamel and the engine's own writer
both change lines that nobody meant).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

Path = Sequence[str]
Value = int | str | Mapping[str, Any]


class Unspliceable(ValueError):
    """The text has no such place, or it can't be edited on its own (an alias, for example)."""


def with_value(text: str, path: Path, value: Value, *, as_json: bool = False) -> str:
    """The text with this value at this path of keys. Its parent must be a map that is there, or null.

    >>> print(with_value("a:\\n  b: {x: 1}  # kept\\n", ["a", "b"], {"y": 2}), end="")
    a:
      b: {y: 2}  # kept
    """
    written = rendered(value, as_json)
    root = _root(text)
    found = _find(root, path)
    if found is not None:
        return _put(text, found[1], written)
    parent = _node(root, path[:-1])
    entry = f"{_key(path[-1], as_json)}: {written}"
    if _is_null(parent):
        return _put(text, parent, f"{{{entry}}}")
    if not isinstance(parent, yaml.MappingNode):
        raise Unspliceable(".".join(path))
    if parent.flow_style:
        end = parent.end_mark.index - 1
        last = parent.value[-1][1].end_mark.index if parent.value else parent.start_mark.index + 1
        return text[:last] + (", " if parent.value else "") + entry + text[last if parent.value else end :]
    first, last_value = parent.value[0][0], parent.value[-1][1]
    at = _line_end(text, _end(last_value))
    before = text[:at] + ("" if text[:at].endswith("\n") else "\n")
    return f"{before}{' ' * first.start_mark.column}{entry}\n{text[at:]}"


def without(text: str, path: Path) -> str:
    """The text without this key and its value; unchanged where it has none.

    >>> print(without("a:\\n  b: 1\\n  c: 2\\n", ["a", "b"]), end="")
    a:
      c: 2
    """
    root = _root(text)
    found = _find(root, path)
    if found is None:
        return text
    parent, (key, value) = _node(root, path[:-1]), found
    assert isinstance(parent, yaml.MappingNode)
    if len(parent.value) == 1:
        return _put(text, parent, "{}")
    if not parent.flow_style:
        begin = text.rfind("\n", 0, key.start_mark.index) + 1
        return text[:begin] + text[_line_end(text, _end(value)) :]
    place = [entry[0] for entry in parent.value].index(key)
    if place:
        return text[: parent.value[place - 1][1].end_mark.index] + text[value.end_mark.index :]
    return text[: key.start_mark.index] + text[parent.value[1][0].start_mark.index :]


def keys_at(text: str, path: Path) -> list[str]:
    """The keys of the map at this path, as they are written; none where there is no map."""
    found = _find(_root(text), path)
    return [key.value for key, _ in found[1].value] if found and isinstance(found[1], yaml.MappingNode) else []


def is_in_braces(text: str, path: Path) -> bool:
    """Whether what stands at this path is written within braces or brackets."""
    found = _find(_root(text), path)
    return found is not None and isinstance(found[1], yaml.CollectionNode) and bool(found[1].flow_style)


def rendered(value: Value, as_json: bool = False) -> str:
    """A value as it is written in one line: `{blue: 90, green: 10}`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name, as_json)}: {rendered(value[name], as_json)}" for name in value) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _key(name: str, as_json: bool) -> str:
    is_plain = not as_json and name.replace("-", "").isalnum() and yaml.safe_load(name) == name
    return name if is_plain else json.dumps(name)  # `on` and `1` mean something else


def _root(text: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Unspliceable(str(error).splitlines()[0]) from None
    if root is None:
        raise Unspliceable("nothing in it")
    return root


def _find(root: yaml.Node, path: Path) -> tuple[yaml.Node, yaml.Node] | None:
    node: yaml.Node = root
    found: tuple[yaml.Node, yaml.Node] | None = None
    for name in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        found = next(((key, value) for key, value in node.value if key.value == name), None)
        if found is None:
            return None
        node = found[1]
    return found


def _node(root: yaml.Node, path: Path) -> yaml.Node:
    if not path:
        return root
    found = _find(root, path)
    if found is None:
        raise Unspliceable(".".join(path))
    return found[1]


def _put(text: str, node: yaml.Node, written: str) -> str:
    begin, end = node.start_mark.index, _end(node)
    is_bare = begin == end and begin and not text[begin - 1].isspace()  # `mirror:` with nothing behind it
    return text[:begin] + (" " if is_bare else "") + written + text[end:]


def _end(node: yaml.Node) -> int:
    """Where the last thing in a node ends."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _line_end(text: str, index: int) -> int:
    """Where the next line begins."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1
