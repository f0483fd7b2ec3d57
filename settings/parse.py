"""Raw configuration to settings: everything that is wrong is said at once, each with its path."""

import difflib
import reprlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from settings.examples import EXAMPLES, PATTERNS, PROJECT_NAME
from settings.refusal import Refusal, Refused
from settings.stack import Stack
from settings.values import HIDDEN

Wanted = TypeVar("Wanted", bound=BaseModel)

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 200
_EMPTY = {"model_type": "{}", "dict_type": "{}", "mapping_type": "{}", "tuple_type": "[]", "list_type": "[]"}
_OLD_BOOLEANS = {"y", "yes", "on", "true", "n", "no", "off", "false"}
# Maps whose keys are names that a person chooses: the holder's example shows the form.
_FREE_NAMES = {"traffic", "mirror", "emails", "subnets", "outboundRules", "schedules", "userPools", "instanceTypes"}
_CODES = {"extra_forbidden": "S001", "missing": "S002"}
_NAMES = {
    "dict": "a map",
    "mapping": "a map",
    "model": "a map",
    "model_attributes": "a map",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}


def parse(raw: Mapping[str, Any], project: str = PROJECT_NAME, secret: Collection[str] = ()) -> Stack:
    """The settings in `raw` (the stack file's keys without their namespace, which is the project's name).

    `secret` are the keys that hold something encrypted: what they hold is never shown. Raises Refused with all that is
    wrong.
    """
    stack = parse_as(Stack, raw, project=project, secret=secret)
    stack._secret = frozenset(secret)
    return stack


def parse_as(
    shape: type[Wanted],
    raw: Any,
    place: str = "the stack file",
    project: str = PROJECT_NAME,
    secret: Collection[str] = (),
) -> Wanted:
    """`raw` as one of the shapes. Raises Refused with all that is wrong; `place` is what a person corrects."""
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        refusals = [_refusal(shape, detail, place, project, secret) for detail in error.errors(include_url=False)]
        raise Refused(sorted(refusals, key=lambda refusal: (refusal.path, refusal.code))) from None


def _refusal(shape: type[BaseModel], detail: Any, place: str, project: str, secret: Collection[str]) -> Refusal:
    keys: Sequence[str | int] = [key for key in detail["loc"] if not _is_pydantics(str(key))]
    path, kind, value = printable(".".join(map(str, keys))), str(detail["type"]), detail["input"]
    code = _CODES.get(kind, "S003" if kind.endswith(("_type", "_parsing")) else "S004")
    if code == "S001":
        return _unknown_key(code, path, keys, _known_keys(shape, keys[:-1]), project)
    if detail["loc"][-1] == "[key]":
        return _wrong_name(code, path.rpartition(".")[0], value, _expected(detail))
    example = _example([str(key) for key in keys]).replace("{project}", project)
    cure = f"Write for example: {example}" if example else f"Correct {path} in {place}."
    if code == "S002":
        return Refusal(code, path, "missing", "a value", cure)
    hides = isinstance(value, str) and str(keys[0]) in secret if keys else False
    habit = _habit(kind, value, len(keys) == 1, str(keys[-1]) if keys else "", project)
    got = "nothing" if value in (None, "") and habit else "a secret" if hides else _got(value)
    return Refusal(code, path, got, _expected(detail), habit or cure)


def _is_pydantics(key: str) -> bool:
    """Whether a part of an error's place is pydantic's word for a validator, and no key."""
    return key == "[key]" or (key.startswith("function-") and key.endswith("]"))


def printable(text: str) -> str:
    """A text that can't turn a terminal upside down, cut where nobody would read on."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= 300 else f"{shown[:300]}..."


def _wrong_name(code: str, path: str, name: Any, expected: str) -> Refusal:
    if isinstance(name, str):
        return Refusal(code, path, f"the name {_got(name)}", expected, "Correct the name.")
    cure = "Write it in quotes: without them YAML reads true, false, dates and numbers as something else."
    return Refusal(code, path, f"the name {_got(name)}", "text", cure)


def _habit(kind: str, value: Any, is_top: bool, key: str, project: str) -> str:
    """What to type where a known habit of YAML or of `pulumi config set` is behind it; empty where none is."""
    if kind in _EMPTY and (value is None or (is_top and value == "")):
        return f"Remove the line, or write: {f'{project}:' if is_top else ''}{key}: {_EMPTY[kind]}"
    if kind == "string_type" and isinstance(value, bool | int | float):
        where = "-" if key.isdigit() else f"{key}:"
        return (
            f'Write it in quotes, as it is meant: {where} "..."; without them YAML makes 1.1 of 1.10 and 83 of 0123. '
            f"Or: pulumi config set --path --type string."
        )
    if kind == "string_type" and value is None and not is_top:
        return f'Remove the line, or write the text in quotes: {key}: "..."; without them null, ~ and nothing are none.'
    if kind == "bool_type" and isinstance(value, str) and value.lower() in _OLD_BOOLEANS:
        return "Write true or false: yes, no, on and off are text for the engine."
    if kind in {"int_type", "float_type"} and isinstance(value, str) and value.strip().isdecimal():
        return f"Write it without quotes: {key}: {value.strip()}"
    return ""


def _example(keys: Sequence[str]) -> str:
    """What to write at these keys: known for the last two together, for the last, or for what holds it.

    Where the holder's example does not show the key, it is none for it.
    """
    both, last = ".".join(keys[-2:]), keys[-1] if keys else ""
    if found := EXAMPLES.get(both) or EXAMPLES.get(last):
        return found
    holder = EXAMPLES.get(keys[-2], "") if len(keys) > 1 else ""
    return holder if holder and (last.isdigit() or keys[-2] in _FREE_NAMES or f"{last}:" in holder) else ""


def _unknown_key(code: str, path: str, keys: Sequence[str | int], known: Sequence[str], project: str) -> Refusal:
    key = str(keys[-1])
    root = key.partition(".")[0].partition("[")[0]
    if len(keys) == 1 and root != key and root in known:
        whole = f"{project}:{path}"
        cure = f"Type: pulumi config rm {whole}; then again, with --path: pulumi config set --path {whole} VALUE"
        return Refusal(code, path, "a path that was set as a key", "'pulumi config set --path'", cure)
    close = difflib.get_close_matches(key, known, n=1)
    cure = f"Did you mean {close[0]}?" if close else "Remove it, or correct its spelling."
    return Refusal(code, path, "unknown key", f"one of {', '.join(known)}", cure)


def _known_keys(root: type[BaseModel], keys: Sequence[str | int]) -> list[str]:
    """The keys that the shape at `keys` takes, found by walking the models the way the path does."""
    annotation: Any = root
    for key in keys:
        annotation = _inside(_shape(annotation), str(key))
    shape = _shape(annotation)
    return sorted(_fields(shape)) if _is_model(shape) else []


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _shape(annotation: Any) -> Any:
    """The annotation without `| None` around it."""
    parts = [part for part in getattr(annotation, "__args__", ()) if part is not type(None)]
    is_optional = type(None) in getattr(annotation, "__args__", ())
    return parts[0] if is_optional and parts else annotation


def _inside(annotation: Any, key: str) -> Any:
    """What stands under `key`: a model's field, or what a map or a list holds."""
    if _is_model(annotation):
        return _fields(annotation).get(key)
    origin, parts = getattr(annotation, "__origin__", None), getattr(annotation, "__args__", ())
    return parts[1 if origin is dict else 0] if parts else None


def _got(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a map"
    if value == HIDDEN:
        return "a secret"
    return "nothing" if value is None else _REPR.repr(value)


def _expected(detail: Any) -> str:
    context = detail.get("ctx", {})
    message: str = detail["msg"]
    if "error" in context:
        return str(context["error"])
    kind = detail["type"].removesuffix("_type")
    if kind in _NAMES:
        return _NAMES[kind].format_map(context)
    if "pattern" in context:
        return PATTERNS.get(context["pattern"], f"text that matches {context['pattern']}")
    return message.removeprefix("Input should be ").removeprefix("Value error, ")
