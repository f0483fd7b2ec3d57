"""Annotated types that the stack file and the command line share."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WrapValidator,
)
from pydantic.alias_generators import to_camel

from settings.values import HIDDEN

ASSET_PATTERN = (
    r"^(azureml:[A-Za-z0-9][A-Za-z0-9._-]{0,254}:[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
    r"|azureml://registries/[^/]+/[a-z]+/[^/]+/versions/[^/]+)$"
)
REGION_PATTERN = r"^[a-z][a-z0-9]{2,}$"
OBJECT_ID_PATTERN = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
HOST_PATTERN = r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$"
SIZE_PATTERN = r"^[Ss]tandard_[A-Za-z0-9_-]+$"
TAG_PATTERN = r"^[^<>%&\\?/]{1,128}$"
GROUP_PATTERN = r"^[A-Za-z0-9_(]([A-Za-z0-9._()-]{0,88}[A-Za-z0-9_()-])?$"


class Shape(BaseModel):
    """A frozen part of the stack file: camelCase keys, unknown keys refused, no coercion between types."""

    model_config = ConfigDict(
        # One schema is built when the whole stack file is read, and not one for each part of it.
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        strict=True,
        hide_input_in_errors=True,
        defer_build=True,
    )


def lower_keys(raw: Any) -> Any:
    """A map with its names in lower case, as Azure reads them. Raises ValueError where two become one."""
    if not isinstance(raw, Mapping) or not {str}.issuperset(map(type, raw)):
        return raw  # a name that is no text is told by its type
    if all(map(str.islower, raw)):
        return raw
    lowered = [key.lower() for key in raw]
    twice = sorted({key for key in lowered if lowered.count(key) > 1})
    if twice:
        raise ValueError(f"each name once, but {', '.join(twice)} comes twice (Azure reads names in lower case)")
    return dict(zip(lowered, raw.values(), strict=True))


def _canonical(shares: dict[str, int]) -> dict[str, int]:
    return {name: shares[name] for name in sorted(shares) if shares[name] != 0}


Percent = Annotated[int, Field(ge=0, le=100)]
Percentage = Annotated[float, Field(gt=0, le=100, strict=False)]
Names = Annotated[tuple[str, ...], Field(strict=False)]
# Zeros do not round-trip and Azure lowers the keys (facts T5), so a map is brought to the form that is PUT.
Shares = Annotated[dict[str, Percent], BeforeValidator(lower_keys), AfterValidator(_canonical)]
AssetRef = Annotated[str, StringConstraints(pattern=ASSET_PATTERN)]
ObjectId = Annotated[str, StringConstraints(pattern=OBJECT_ID_PATTERN)]
Host = Annotated[str, StringConstraints(pattern=HOST_PATTERN)]
Size = Annotated[str, StringConstraints(pattern=SIZE_PATTERN)]
Region = Annotated[str, StringConstraints(pattern=REGION_PATTERN)]
GroupName = Annotated[str, StringConstraints(pattern=GROUP_PATTERN)]


def _as_text(raw: Any) -> Any:
    if isinstance(raw, bool):
        return str(raw).lower()
    # What is larger has lost its last digits on the way, and a fraction its last noughts.
    return str(raw) if isinstance(raw, int) and abs(raw) < _EXACT else raw


def _hidden_or(raw: Any, check: Callable[[Any], Any]) -> Any:
    return raw if raw == HIDDEN else check(raw)


_EXACT = 2**53
# `pulumi config set --path` makes numbers and booleans of what looks like them; where text is meant, text it is.
Text = Annotated[str, BeforeValidator(_as_text)]
# Laid around a text with a pattern, which can't be asked of what is encrypted.
MaySecret = WrapValidator(_hidden_or)
VARIABLE_PATTERN = r"^[^=\x00]+$"
VariableName = Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)]
Variables = dict[VariableName, Text]
