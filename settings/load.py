"""Reading settings: from the running Pulumi program, from a stack file without an engine, or from a map.

All three end in the same few lines, on the same values: what the engine hands to the program.
"""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn

from settings.configuration import Configuration, Project, configuration, project_from
from settings.document import Written, handed_over
from settings.examples import PROJECT_NAME
from settings.namespaces import foreign_keys, ours
from settings.nodes import Broken
from settings.parse import parse
from settings.place import nearest_project_file
from settings.refusal import Refusal, Refused
from settings.scalars import NotThat
from settings.stack import Stack
from settings.texts import has_number_for_text, may_be_octal, rewritten, unfit
from settings.values import HIDDEN

PROJECT = Project(PROJECT_NAME)
_LARGEST = 131_072
"""Bytes of one environment variable on Linux (MAX_ARG_STRLEN), in which the engine hands over the configuration."""


def from_engine(stack_file: Callable[[], Path | None] = lambda: None) -> Stack:
    """The settings of the running program. The only reader of Pulumi's configuration. Raises Refused.

    The engine hands over 83 where the file says 0123. So where a number stands and text is meant, or the file has
    octal numbers, it is looked at: `stack_file` finds it, if it can.
    """
    import pulumi
    from pulumi.runtime.config import CONFIG, is_config_secret

    values = CONFIG.get()
    secret = [key for key in values if is_config_secret(key)]
    project = pulumi.get_project()
    decoded = {key: _decoded(value) for key, value in values.items()}
    path = stack_file()
    matters = path and (has_number_for_text(ours(decoded, project)) or _may_be_octal(path))
    written = _written(decoded, path) if matters else Written()
    return _stack(decoded, secret, project, written)


def provider_value(key: str) -> str | None:
    """A value of azure-native's own configuration in the stack of the running program; None where it has none."""
    from pulumi.runtime.config import CONFIG

    value = CONFIG.get().get(f"azure-native:{key}")
    return value or None


def from_file(path: Path, project: Project | None = None) -> Stack:
    """The settings in a stack file such as Pulumi.dev.yaml; needs no engine. Raises Refused.

    The project is that of the file's folder, or of a folder above, where none is given. What is encrypted is HIDDEN.
    """
    project = project or nearest_project(path)
    read = read_configuration(path, project)
    refusals = [*_too_large(read, path), *_elsewhere(read)]
    if refusals:
        raise Refused(refusals)
    decoded = {key: _decoded(value) for key, value in read.values.items()}
    return _stack(decoded, read.secret, project.name, read.written)


def from_config(config: Mapping[str, Any], project: str = PROJECT_NAME) -> Stack:
    """The settings in a stack file's `config` map, as JSON has it. Raises Refused."""
    try:
        return _stack({str(key): _decoded(value) for key, value in config.items()}, (), project, Written())
    except Refused:
        # JSON keeps the point of 1.0, which the engine loses: only where something is refused does it matter.
        try:
            read = handed_over(dict(config))
        except NotThat:
            read = config
        if read == config and repr(read) == repr(config):
            raise
    return _stack({str(key): _decoded(value) for key, value in read.items()}, (), project, Written())


def read_configuration(path: Path, project: Project) -> Configuration:
    """What the engine would hand over of this stack file and this project. Raises Refused."""
    try:
        # The engine takes a stack without a file for one without values of its own.
        return configuration(b"" if project.config and _is_missing(path) else _bytes(path), project)
    except Broken as error:
        _refuse_broken(path, error)


def read_project(path: Path) -> Project:
    """What a Pulumi.yaml says. Raises Refused."""
    try:
        return project_from(_bytes(path))
    except Broken as error:
        _refuse_broken(path, error)


def nearest_project(path: Path) -> Project:
    """The project whose Pulumi.yaml stands beside the stack file or in a folder above it. Raises Refused."""
    try:
        folder = path.resolve().parent
    except (OSError, ValueError, RuntimeError):
        return PROJECT
    found = nearest_project_file(folder)
    return read_project(found) if found else PROJECT


def workspace_in(values: Mapping[str, str], project: str) -> tuple[str, str] | None:
    """The workspace's name and resource group, though the rest may not be right yet; None where they are not."""
    workspace = _decoded(values.get(f"{project}:workspace"))
    named = [workspace.get(key) for key in ("name", "resourceGroup")] if isinstance(workspace, dict) else []
    texts = [name for name in named if isinstance(name, str) and name and name != HIDDEN]
    return (texts[0], texts[1]) if len(texts) == 2 else None


def _may_be_octal(path: Path) -> bool:
    try:
        return may_be_octal(path.read_bytes())
    except OSError:
        return False


def _written(values: Mapping[str, Any], path: Path | None) -> Written:
    """What stands in the stack file, where it is the one that the engine has read; else nothing is known."""
    try:
        read = read_configuration(path, nearest_project(path)) if path else None
    except Refused:
        read = None
    if read is None:
        return Written()
    same = {key for key, text in read.values.items() if _agrees(_decoded(text), values.get(key))}
    return read.written.moved(lambda at: at if at[0] in same else None)


def _agrees(read: Any, handed_over: Any) -> bool:
    """Whether the engine handed over what was read; what is encrypted only it can tell."""
    if isinstance(read, dict) and isinstance(handed_over, dict):
        return read.keys() == handed_over.keys() and all(_agrees(read[key], handed_over[key]) for key in read)
    if isinstance(read, list) and isinstance(handed_over, list):
        return len(read) == len(handed_over) and all(map(_agrees, read, handed_over))
    return bool(read in (HIDDEN, handed_over))


def _stack(config: Mapping[str, Any], secret: Collection[str], project: str, written: Written) -> Stack:
    raw = ours(config, project)
    refusals = [*foreign_keys(config, project), *unfit(raw), *rewritten(raw, written, project)]
    try:
        stack = parse(raw, project, {key for key in raw if f"{project}:{key}" in secret})
    except Refused as refused:
        told = {refusal.path for refusal in refusals}
        refusals += [one for one in refused.refusals if one.path not in told]
    if refusals:
        # In the order of their paths, whatever the order of the keys: the engine sorts them.
        raise Refused(sorted(refusals, key=lambda refusal: (refusal.path, refusal.code)))
    return stack


def _decoded(value: Any) -> Any:
    """Pulumi hands every value over as a string, and `config set` writes one; what it means is JSON in it."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is text")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        got = error.strerror or "unreadable"
    except ValueError as error:
        got = str(error)
    cure = "Name a stack file that exists, for example Pulumi.dev.yaml."
    raise Refused([Refusal("S005", _shown(path), got, "a stack file", cure)])


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except (OSError, ValueError):
        return False


def _shown(path: Path) -> str:
    name = str(path) if str(path).isprintable() else repr(str(path))
    return name if len(name) <= 300 else f"{name[:300]}..."


def _refuse_broken(path: Path, error: Broken) -> NoReturn:
    where = f"{_shown(path)}:{error.line}" if error.line else _shown(path)
    cure = error.cure or ("Correct the file at that line." if error.line else "Correct the file there.")
    raise Refused([Refusal("S006", where, error.got, "YAML that the engine can read", cure)])


def _too_large(read: Configuration, path: Path) -> list[Refusal]:
    text = json.dumps(dict(read.values), ensure_ascii=False, separators=(",", ":"))
    # Go's JSON writes these as six characters.
    size = len(text.encode(errors="replace")) + 5 * sum(map(text.count, "<>&")) + len("PULUMI_CONFIG=") + 1
    if size <= _LARGEST:
        return []
    cure = "Split it: several stacks, each with a part of the endpoints, or shorter descriptions, variables and tags."
    got = f"{size:,} bytes of configuration"
    return [Refusal("S009", _shown(path), got, f"at most {_LARGEST:,}, as the engine hands it over at once", cure)]


def _elsewhere(read: Configuration) -> list[Refusal]:
    if not read.environment:
        return []
    got = "values of a Pulumi ESC environment"
    cure = "Only the engine can read them: run 'pulumi preview' instead."
    return [Refusal("S012", "environment", got, "values in the stack file or in Pulumi.yaml", cure)]
