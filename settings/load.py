"""Reading settings: from the running Pulumi program, or from a stack file without an engine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from settings.parse import parse
from settings.refusal import Refusal, Refused
from settings.stack import Stack

PROJECT = "safe-rollout"
_OURS = f"{PROJECT}:"
_LOCATION = "azure-native:location"


def from_engine() -> Stack:
    """The settings of the running program. The only reader of Pulumi's configuration. Raises Refused."""
    from pulumi.runtime.config import CONFIG

    return from_config({key: _decoded(value) for key, value in CONFIG.get().items()})


def from_file(path: Path) -> Stack:
    """The settings in a stack file such as Pulumi.dev.yaml; needs no engine. Raises Refused."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        cure = "Name a stack file that exists, for example Pulumi.dev.yaml."
        raise Refused([Refusal("S005", str(path), error.strerror or "unreadable", "a stack file", cure)]) from None
    except UnicodeDecodeError:
        cure = "Save the stack file as UTF-8."
        raise Refused([Refusal("S005", str(path), "text that is not UTF-8", "a stack file", cure)]) from None
    except ValueError as error:
        cure = "Name a stack file that exists, for example Pulumi.dev.yaml."
        raise Refused([Refusal("S005", repr(str(path)), str(error), "a stack file", cure)]) from None
    return from_config({key: _decoded(value) for key, value in _config_section(text, str(path)).items()})


def from_config(config: Mapping[str, Any]) -> Stack:
    """The settings in a stack file's `config` map; other namespaces' keys are not ours to judge. Raises Refused."""
    raw = {str(key).removeprefix(_OURS): value for key, value in config.items() if _is_ours(str(key))}
    if _LOCATION in config:
        raw["location"] = config[_LOCATION]
    return parse(raw)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML's safe loader that refuses a key written twice, as the engine's own does, instead of taking the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A map from its node. Raises yaml.constructor.ConstructorError at the second one of a key."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _is_ours(key: str) -> bool:
    # A key without a namespace belongs to the project.
    return key.startswith(_OURS) or ":" not in key


def _config_section(text: str, path: str) -> Mapping[str, Any]:
    cure = "Write for example: config: {azure-native:location: westeurope, ...}"
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - it is the safe loader
    except (ValueError, RecursionError) as error:
        got = "maps or lists nested too deep" if isinstance(error, RecursionError) else str(error).partition(";")[0]
        cure = "Correct the number, date or nesting; what is meant as text stands in quotes."
        raise Refused([Refusal("S006", path, got, "YAML values that can be", cure)]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else path
        got = str(getattr(error, "problem", None) or "text that is not YAML")
        raise Refused(
            [Refusal("S006", where, got, "YAML with each key once", "Correct the stack file at that line.")]
        ) from None
    config = document.get("config", {}) if isinstance(document, Mapping) else None
    if not isinstance(config, Mapping):
        raise Refused([Refusal("S006", path, "no map", "a map with the key config", cure)])
    return config


def _decoded(value: Any) -> Any:
    """Pulumi hands every value over as a string, and `config set` writes one; what it means is JSON in it."""
    if not isinstance(value, str):
        return value
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return decoded
