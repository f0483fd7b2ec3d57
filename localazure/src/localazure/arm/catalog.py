"""What a service declares: its resource types, and per type the calls it answers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localazure.arm.ids import ResourceId


@dataclass(frozen=True, slots=True)
class Call:
    """One request on a resource (or on the collection `type` right under `id`). `body` is parsed JSON or None."""

    id: ResourceId
    type: str
    api_version: str
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: JSON body (`None` is the JSON `null`; `NO_BODY` sends none), status and headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


NO_BODY = object()
Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type by its name, e.g. `Microsoft.Storage/storageAccounts`; `methods` on a resource, `list`, POST `actions`.

    `filters`: whether the list knows `$filter`; where it does not, one is refused, as it would show too much.
    """

    name: str
    methods: Mapping[str, Handler]
    list: Handler | None = None
    actions: Mapping[str, Handler] = field(default_factory=dict)
    filters: bool = False


class Catalog:
    """All types that are modelled, found without regard to case."""

    def __init__(self, types: Iterable[ResourceType]) -> None:
        self._types = {kind.name.lower(): kind for kind in types}

    def find(self, name: str) -> ResourceType | None:
        """The type of that name."""
        return self._types.get(name.lower())
