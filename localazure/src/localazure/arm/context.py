"""What every service of the local Azure works with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from localazure.arm.operations import Operations
from localazure.clock import Clock
from localazure.store import Store

Stop = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class Azure:
    """One subscription in one tenant. `url` is where ARM answers, without a slash at its end.

    `stops`: called with an id before everything below it is deleted, to end what runs there.
    """

    url: str
    subscription: str
    tenant: str
    store: Store
    clock: Clock
    operations: Operations
    stops: list[Stop] = field(default_factory=list)
