"""YAML that others wrote, in bounded time: conda files and MLmodel files."""

from collections.abc import Hashable
from typing import Any

import yaml

LONGEST = 200_000  # characters; an exported environment of some hundred packages has 20,000
MOST_MERGED = 10_000  # keys that `<<` brings in, each time that it does


class _Loader(yaml.SafeLoader):
    """A key given twice is refused, as conda's own reader does; merges of merges come to an end."""

    merged = 0

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        self.merged += len(node.value)
        if self.merged > MOST_MERGED:
            raise yaml.constructor.ConstructorError(None, None, "too much is merged by '<<'", node.start_mark)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        written = [(key.value, key.start_mark) for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for number, (name, mark) in enumerate(written):
            if name != "<<" and name in [earlier for earlier, _ in written[:number]]:
                raise yaml.constructor.ConstructorError(None, None, f"the key '{name}' is given twice", mark)
        return super().construct_mapping(node, deep)


def load(text: str) -> Any:
    """The one document of a text. Raises yaml.YAMLError, also for what is too long or nested too deeply."""
    if len(text) > LONGEST:
        raise yaml.YAMLError(f"it has {len(text)} characters, {LONGEST} at most are read")
    try:
        return yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)
    except RecursionError:
        raise yaml.YAMLError("it is nested too deeply") from None
    except ValueError as error:  # a date that is none, a number of a base
        raise yaml.YAMLError(str(error)) from None


def told(error: yaml.YAMLError) -> str:
    """What is wrong, in one line: the problem and where it is, without a piece of the text."""
    mark = getattr(error, "problem_mark", None)
    where = f", in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    return " ".join(str(problem).split()) + where
