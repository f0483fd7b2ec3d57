"""docs/stack-file.md, written from the settings' shapes: each key with type, default, meaning and the rules about it.

A shape's docstring is its section: sentences, then `Example:` with YAML as it stands under the shape's key. The
docstring under a field is the key's meaning. A rule is about a key where a refusal by it names that key.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic.fields import FieldInfo

from ops.rules_page import all_pages, refusals_of
from settings.examples import PATTERNS
from settings.stack import Stack
from settings.types import Shape

PAGE = Path(__file__).parents[1] / "docs" / "stack-file.md"
CASES = Path(__file__).parents[1] / "tests"
"""Stack files with all that is said about them: `refused` and `warnings`, which tests hold to the truth."""
_TOLD = re.compile(r"(?P<code>[RA]\d{3}) (?P<path>\S+): ")
NAME = "NAME"
"""Stands in a path for a name that a person chooses."""
_TYPES = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", Any: "anything"}
_BOUNDS = {Ge: "ge", Gt: "gt", Le: "le", MinLen: "min_length", MaxLen: "max_length"}
_INTRODUCTION = """# The stack file

`Pulumi.STACK.yaml` says everything about a stack, and this page has every key of it. The keys stand under `config:`,
with the project's name before them (`safe-rollout:endpoints:`); only the region is `azure-native:location:`. Complete
stack files: [dev](../Pulumi.dev.yaml) (small, public), [prod](../Pulumi.prod.yaml) (private, autoscaled, alerts) and
[aks](../Pulumi.aks.yaml) (Kubernetes).

- In a path, `NAME` stands for a name that you choose. An example shows the last key of its path, with all below it.
- A default that is not shown is nothing: the key is simply left out.
- Text that looks like a number, a date or a time stands in quotes: `"1.10"`.
- Beside a key stand the codes of [the rules](rules.md) that name it. A key that is not on this page is refused (S001),
  and so are a missing one (S002), a value of another type (S003) and one that is not possible (S004).

This page is written by `python -m ops.stack_page` from `settings/`.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A shape and the paths where it stands, the first one found first."""

    shape: type[Shape]
    paths: tuple[str, ...]


def sections() -> list[Section]:
    """All shapes of the stack file, each once, in the order in which they come."""
    paths: dict[type[Shape], list[str]] = {}
    waiting: list[tuple[str, type[Shape]]] = [("", Stack)]
    while waiting:
        path, shape = waiting.pop(0)
        paths.setdefault(shape, []).append(path)
        found = [(_join(path, key), field.annotation) for key, field in keys_of(shape)]
        inner = [(below, inside) for at, annotation in found for below, inside in _shapes(at, annotation)]
        if shape is Stack:  # what is edited most comes first
            inner.sort(key=lambda one: not one[0].startswith("endpoints"))
        waiting = [*inner, *waiting]
    # Where a shape stands under a name too, its example has that name.
    return [
        Section(shape, tuple(sorted(found, key=lambda path: not path.endswith(NAME)))) for shape, found in paths.items()
    ]


def keys_of(shape: type[Shape]) -> list[tuple[str, FieldInfo]]:
    """A shape's keys as the stack file has them, with their fields."""
    return [(field.alias or name, field) for name, field in shape.model_fields.items()]


@cache
def meanings(shape: type[Shape]) -> dict[str, str]:
    """What the docstrings under a shape's fields say, by key; its bases' too. A field without one is missing."""
    found: dict[str, str] = {}
    for one in reversed([each for each in shape.__mro__ if issubclass(each, Shape) and each is not Shape]):
        found |= _below_fields(one)
    return {
        key: found[name] for name, field in shape.model_fields.items() if name in found for key in [field.alias or name]
    }


def _below_fields(shape: type[Shape]) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(shape))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            found[field.target.id] = " ".join(str(below.value.value).split())  # type: ignore[attr-defined]
    return found


def example_of(shape: type[Shape]) -> str:
    """The YAML of a shape's docstring, as it stands under its key."""
    return textwrap.dedent((inspect.getdoc(shape) or "").partition("Example:\n")[2]).strip()


def rules_about() -> dict[str, list[str]]:
    """The codes of the rules by the path that their refusals name: their examples', and those kept as cases."""
    told = [(one.path, one.code) for page in all_pages() for one in refusals_of(page)]
    for case in sorted(CASES.glob("*/*.yaml")):
        written = yaml.load(case.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        texts = [*written.get("refused", ()), *written.get("warnings", ())]
        told += [(found["path"], found["code"]) for found in map(_TOLD.match, texts) if found]
    about: dict[str, set[str]] = {}
    for path, code in told:
        about.setdefault(path_in_words(path), set()).add(code)
    return {path: sorted(codes) for path, codes in about.items()}


def path_in_words(path: str) -> str:
    """A refusal's path with NAME in place of names and without places in lists: `endpoints.NAME.traffic`."""
    annotation: Any = Stack
    words: list[str] = []
    for part in path.split("."):
        annotation, _ = _opened(annotation, ())
        if _is_shape(annotation):
            fields = dict(keys_of(annotation))
            if part not in fields:
                break
            words.append(part)
            annotation = fields[part].annotation
        else:
            is_map = get_origin(annotation) is dict
            words += [NAME] if is_map else []
            annotation = get_args(annotation)[int(is_map)] if get_args(annotation) else None
    return ".".join(words[:-1] if words[-1:] == [NAME] else words)


def type_in_words(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """What a key takes, in words: `whole number, 1 to 50`."""
    annotation, metadata = _opened(annotation, metadata)
    said = next((one.description for one in metadata if getattr(one, "description", None)), None)
    origin, parts = get_origin(annotation), get_args(annotation)
    if said:
        return str(said)
    if origin is Literal:
        return _either([f"`{part}`" for part in parts])
    if origin is dict:
        return f"by name: {type_in_words(parts[1])}{_bounds(metadata, ' of them')}"
    if origin is tuple:
        return f"list of: {type_in_words(parts[0])}{_bounds(metadata, ' of them')}"
    if _is_shape(annotation):
        return f"[keys](#{anchor(_place_of(annotation))})"
    pattern = next((one.pattern for one in metadata if getattr(one, "pattern", None)), None)
    if pattern:
        return str(PATTERNS[pattern])
    return f"{_TYPES[annotation]}{_bounds(metadata, ' characters' if annotation is str else '')}"


def anchor(path: str) -> str:
    """The anchor that GitHub gives the heading of a path."""
    return path.replace(".", "").lower() or "the-top"


def render() -> str:
    """The whole page."""
    about = rules_about()
    found = sections()
    return "\n".join([_INTRODUCTION, *_contents(found), "", *(_section(section, about) for section in found)])


def _contents(found: Iterable[Section]) -> Iterator[str]:
    """One line for each key of the top, with links to all sections below it."""
    yield f"- [the top](#{anchor('')})"
    paths = [one.paths[0] for one in found if one.paths[0]]
    for top, below in groupby(paths, key=lambda path: path.partition(".")[0]):
        yield f"- `{top}`: " + ", ".join(f"[{path.removeprefix(f'{top}.')}](#{anchor(path)})" for path in below)


def _section(section: Section, about: dict[str, list[str]]) -> str:
    prose, _, _ = (inspect.getdoc(section.shape) or "").partition("Example:\n")
    first, *others = section.paths
    also = "The same keys stand at " + " and ".join(f"`{path}`" for path in others) + ".\n" if others else ""
    rows = "\n".join(_row(section, key, field, about) for key, field in keys_of(section.shape))
    return f"""## {f"`{first}`" if first else "The top"}

{prose.strip()}
{also}
| key | what it takes | default | meaning |
|---|---|---|---|
{rows}

```yaml
{nested(first, example_of(section.shape))}
```
"""


def _row(section: Section, key: str, field: FieldInfo, about: dict[str, list[str]]) -> str:
    codes = sorted({code for path in section.paths for code in about.get(_join(path, key), ())})
    links = f" ({', '.join(f'[{code}](rules.md#{code.lower()})' for code in codes)})" if codes else ""
    takes = type_in_words(field.annotation, tuple(field.metadata)).replace("|", "\\|")
    return (
        f"| `{key}` | {takes} | {_default(field)} | {meanings(section.shape)[key].replace('|', chr(92) + '|')}{links} |"
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value is None or value in ((), {}) or isinstance(value, Shape):
        return ""
    if isinstance(value, tuple):
        return "" if isinstance(value[0], Shape) else f"`[{', '.join(map(str, value))}]`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def nested(path: str, example: str) -> str:
    """An example under the last key of its path; names that a person chooses are in the example already."""
    key = next((part for part in reversed(path.split(".")) if part != NAME), "")
    if not key:
        return example
    if example.startswith("{") or (example.startswith("[") and "\n" not in example):
        first, *more = example.splitlines()
        return "\n".join([f"{key}: {first}", *(f"{' ' * (len(key) + 2)}{line.strip()}" for line in more)])
    return f"{key}:\n{textwrap.indent(example, '  ')}"


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _shapes(path: str, annotation: Any) -> Iterator[tuple[str, type[Shape]]]:
    """The shapes that a key holds: itself, or by name, or in a list."""
    annotation, _ = _opened(annotation, ())
    if _is_shape(annotation):
        yield path, annotation
    elif get_origin(annotation) is dict:
        yield from _shapes(f"{path}.{NAME}", get_args(annotation)[1])
    elif get_origin(annotation) is tuple:
        yield from _shapes(path, get_args(annotation)[0])


def _opened(annotation: Any, metadata: Iterable[Any]) -> tuple[Any, list[Any]]:
    """An annotation without `| None` and Annotated around it, and all that is said about it."""
    said = list(metadata)
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            said += [part for one in more for part in (one, *getattr(one, "metadata", ()))]
        elif type(None) in get_args(annotation):
            annotation = next(part for part in get_args(annotation) if part is not type(None))
        else:
            return annotation, said


def _bounds(metadata: Iterable[Any], unit: str) -> str:
    given = {kind: getattr(one, name) for one in metadata for kind, name in _BOUNDS.items() if isinstance(one, kind)}
    low, high = given.get(Ge, given.get(MinLen)), given.get(Le, given.get(MaxLen))
    if low is not None and high is not None:
        return f", {low:,} to {high:,}{unit}"
    words = {"more than": given.get(Gt), "at least": low, "at most": high}
    return "".join(f", {word} {limit:,}{unit}" for word, limit in words.items() if limit is not None)


def _either(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_shape(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, Shape)


@cache
def _place_of(shape: type[Shape]) -> str:
    return next(section.paths[0] for section in sections() if section.shape is shape)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
