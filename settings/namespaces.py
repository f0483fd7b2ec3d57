"""Whose a key is: the project's own, or another package's."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from settings.parse import printable
from settings.refusal import Refusal
from settings.stack import Stack

LOCATION = "azure-native:location"
_KNOWN = frozenset(field.alias or name for name, field in Stack.model_fields.items()) - {"location"}
_OTHERS = {"azure-native", "pulumi"}
"""Packages whose keys are never taken for a slip of ours: pulumi:tags is the engine's own."""


def ours(config: Mapping[str, Any], project: str) -> dict[str, Any]:
    """The project's keys without their namespace, and the location."""
    prefix = f"{project}:"
    raw = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix) or ":" not in key}
    if LOCATION in config:
        raw["location"] = config[LOCATION]
    return raw


def foreign_keys(config: Mapping[str, Any], project: str) -> Iterator[Refusal]:
    """S008 for each key that looks like ours under a namespace that is not the project's, which nobody would read."""
    for key in config:
        namespace, colon, name = key.partition(":")
        if not colon or namespace == project or namespace in _OTHERS:
            continue
        root = name.partition(".")[0].partition("[")[0]
        if root in _KNOWN or _is_slip(namespace, project):
            got = f"the namespace {printable(namespace)}"
            cure = f"Write {project}:{printable(name)}; Pulumi.yaml says that the project's name is {project}."
            yield Refusal("S008", printable(key), got, f"{project}, the project's own: nobody reads this key", cure)


def _is_slip(namespace: str, project: str) -> bool:
    return bool(difflib.get_close_matches(namespace, [project], cutoff=0.8))
