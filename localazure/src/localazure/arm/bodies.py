"""Request bodies, checked strictly: an unknown property or a wrong type is a 400 that names it."""

import re
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from localazure.arm.errors import invalid_content


class Body(BaseModel):
    """A JSON object in Azure's spelling.

    Names and the words of an enumeration match without regard to case (`publicNetworkAccess: disabled` is recorded);
    read-only names sent back are dropped.
    """

    model_config = ConfigDict(
        extra="forbid", alias_generator=to_camel, frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )
    read_only: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _spell(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        names = {(field.alias or name).lower(): field.alias or name for name, field in cls.model_fields.items()}
        drop = {name.lower() for name in cls.read_only}
        spelt = {names.get(k.lower(), k): v for k, v in value.items() if k.lower() not in drop}
        for name, field in cls.model_fields.items():
            word = spelt.get(field.alias or name)
            if isinstance(word, str):
                known = {each.lower(): each for each in words(field.annotation)}
                spelt[field.alias or name] = known.get(word.lower(), word)
        return spelt

    def sent(self) -> dict[str, Any]:
        """The properties that were sent and are not null, in Azure's spelling."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)


def words(annotation: object) -> list[str]:
    """The words of an enumeration, `Literal["A", "B"]` or that or nothing; of another type none."""
    if get_origin(annotation) is Literal:
        return [each for each in get_args(annotation) if isinstance(each, str)]
    return [word for part in get_args(annotation) for word in words(part)] if _is_choice(annotation) else []


def _is_choice(annotation: object) -> bool:
    return get_origin(annotation) in {Union, UnionType}


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]
TAGS = 50
TAG_NAME = re.compile(r"(?!microsoft|azure|windows)[^<>%&\\?/\x00-\x1f]{1,512}", re.IGNORECASE)
TAG_VALUE = 256


def _tags(tags: dict[str, str]) -> dict[str, str]:
    """Source: Microsoft's "Use tags to organize your Azure resources", limitations; a name has no case."""
    if len(tags) > TAGS:
        raise ValueError(f"a resource has {TAGS} tags at most, not {len(tags)}")
    seen: set[str] = set()
    for name, value in tags.items():
        if TAG_NAME.fullmatch(name) is None:
            raise ValueError(
                f"the tag name {name[:60]!r} is invalid: 1 to 512 characters, none of <>%&\\?/, "
                "and it does not begin with microsoft, azure or windows"
            )
        if len(value) > TAG_VALUE:
            raise ValueError(f"the value of tag {name!r} has {len(value)} characters, {TAG_VALUE} at most")
        if name.lower() in seen:
            raise ValueError(f"the tag {name!r} is there twice: a tag's name has no case")
        seen.add(name.lower())
    return tags


Tags = Annotated[dict[str, Text], AfterValidator(_tags)]
Open = dict[str, Any]


class Sku(Body):
    """A SKU; services read what they know of it."""

    name: Text
    tier: Text | None = None
    family: Text | None = None
    size: Text | None = None
    capacity: Whole | None = None


class Identity(Body):
    """A managed identity; user-assigned ones are keys of a map."""

    read_only = frozenset({"principalId", "tenantId"})
    type: Text
    user_assigned_identities: dict[str, Open | None] | None = None


class Child(Body):
    """The envelope of a nested resource that has no tags; each type adds its properties."""

    read_only = frozenset({"id", "name", "type", "systemData", "etag"})


class Reference(Body):
    """A resource named by its id."""

    id: Text


class Resource(Body):
    """The envelope of a resource; each type adds its properties."""

    read_only = frozenset({"id", "name", "type", "systemData", "etag"})
    tags: Tags | None = None


class TrackedResource(Resource):
    """A resource that has a location."""

    location: Text


B = TypeVar("B", bound=Body)
LOCATION = re.compile(r"[^a-z0-9]")


def check(model: type[B], body: object) -> B:
    """The body as `model`; raises ArmError 400 with one detail per offending property."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        details = [_detail(item["type"], item["loc"], item["msg"]) for item in error.errors(include_url=False)]
        raise invalid_content("; ".join(detail["message"] for detail in details), details) from None


def _detail(kind: str, where: tuple[int | str, ...], message: str) -> dict[str, str]:
    path = ".".join(str(part) for part in where) or "(the body)"
    if kind == "extra_forbidden":
        text = f"Could not find member '{where[-1]}'. Path '{path}'"
        return {"code": "UnknownProperty", "target": path, "message": text}
    if kind == "missing":
        return {"code": "MissingProperty", "target": path, "message": f"Required property '{path}' is missing"}
    return {"code": "InvalidProperty", "target": path, "message": f"Path '{path}': {message}"}


def normal_location(location: str) -> str:
    """`West Europe` and `westeurope` are one location."""
    return LOCATION.sub("", location.lower())
