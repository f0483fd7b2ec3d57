"""A stack's configuration as the engine hands it to the program: from the stack file and what Pulumi.yaml adds.

Source: the engine 3.259, sdk/go/common/workspace (loaders.go, project.go) and resource/config, pkg/workspace/config.go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from settings.document import Path, Written, read_as_written
from settings.nodes import Broken
from settings.project_values import declarations, with_project
from settings.scalars import NotThat
from settings.values import full_key, has_secret, object_of, text_of

_EXAMPLE = "Write for example: config: {azure-native:location: westeurope, ...}"
_ENGINES = ("secretsprovider", "encryptedkey", "encryptionsalt")


@dataclass(frozen=True, slots=True)
class Project:
    """What a project's Pulumi.yaml says: its name, which is its keys' namespace, and the values it gives all stacks."""

    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    stack_config_dir: str = ""
    written: Written = field(default_factory=Written)


@dataclass(frozen=True, slots=True)
class Configuration:
    """`values` by full key, each as the text that the program gets; `secret` are the keys with something encrypted.

    `written` is what stands in the files where that is another text; its paths begin with a full key.
    """

    values: Mapping[str, str]
    secret: frozenset[str] = frozenset()
    environment: bool = False
    written: Written = field(default_factory=Written)


def project_from(data: bytes) -> Project:
    """What a Pulumi.yaml says. Raises Broken where the engine refuses it."""
    document, written = read_as_written(data, only_text_below_config=True)
    if not isinstance(document, dict) or not isinstance(document.get("name"), str) or not document["name"]:
        raise Broken("a project without a name")
    config, folder = document.get("config"), document.get("stackConfigDir")
    if isinstance(config, str):
        # What `stackConfigDir` was called before.
        if "stackConfigDir" in document:
            raise Broken("config as a folder, and stackConfigDir")
        config, folder = None, config
    if not isinstance(config, dict | None) or not isinstance(folder, str | None):
        raise Broken("config that is no map, or stackConfigDir that is no text")
    return Project(document["name"], declarations(document["name"], config or {}), folder or "", written)


def configuration(data: bytes, project: Project) -> Configuration:
    """The configuration of a stack whose file holds `data`. Raises Broken where the engine refuses it."""
    document, written = read_as_written(data)
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise Broken("no map", cure=_EXAMPLE)
    section = document.get("config")
    if section is None:
        section = {}
    if not isinstance(section, dict):
        raise Broken("config: no map", cure=_EXAMPLE)
    if any(isinstance(document.get(key), dict | list) for key in _ENGINES):
        raise Broken(f"one of {', '.join(_ENGINES)} that is no text")
    objects: dict[str, Any] = {}
    for key, value in section.items():
        name = full_key(key, project.name)
        if name in objects:
            raise Broken(f"key {name!r} twice, with and without its namespace")
        objects[name] = object_of(value)
    own = frozenset(objects)
    with_project(objects, project.name, project.config)
    values, secret = {}, set()
    for key, value in objects.items():
        try:
            values[key] = text_of(value)
        except NotThat as error:
            raise Broken(f"{key}: {error}") from None
        if has_secret(value):
            secret.add(key)

    def keyed(path: Path, depth: int) -> Path | None:
        # Pulumi.yaml says `value` or `default` between a key and what it holds.
        is_value = path[0] == "config" and len(path) > depth
        return (full_key(path[1], project.name), *path[depth:]) if is_value else None

    def beneath(path: Path) -> Path | None:
        at = keyed(path, 3)
        return at if at and at[0] not in own else None

    written = written.moved(lambda path: keyed(path, 2)).over(project.written.moved(beneath))
    return Configuration(values, frozenset(secret), bool(document.get("environment")), written)
