"""Rules for what a serving endpoint stands on, and for endpoints that leave the stack file.

They compare the stack file with what this stack applied last (its output `applied`), so they hold whatever names the
stack file has now, and before the engine touches anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rollout.estate import FIXED, POOL_FIXED, Fixed, estate_of
from rollout.guard import guard_removed
from rollout.model import Applied, ObservedEndpoint
from rollout.rules.pools import SYSTEM, another_pool
from rollout.words import shares
from settings.refusal import Refusal
from settings.stack import Stack

_CURE = (
    "Put it back. For another one make a second stack ('pulumi stack init'), move the callers there, then close the "
    "endpoints here."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A stack file beside what its stack applied last; `live` are the endpoints that it made and that Azure shows.

    They are read where they were made: in the workspace that was applied, not in the one that the file names now.
    """

    stack: Stack
    applied: Applied = field(default_factory=Applied)
    live: Mapping[str, ObservedEndpoint] = field(default_factory=dict)


def ground_stays(case: Standing) -> Iterator[Refusal]:
    """R066 What a serving endpoint stands on is not replaced, and not removed.

    Another name, network or range would delete the resource, and with it the endpoint or the nodes it runs on. In
    production it stays whether or not anything serves, as the engine protects it.

    Source: azure-native, properties that replace (rollout.estate names each); DELETE of a workspace takes its endpoints
    along.
    Example:
        applied: {estate: {workspace.name: ws-diabetes-old}}
        observed: {traffic: {blue: 100}}
    """
    wanted = estate_of(case.stack)
    for fixed in FIXED:
        before, after = case.applied.estate.get(fixed.path), wanted.get(fixed.path)
        if fixed.stands == "always" or before is None or _same(before, after):
            continue
        serving = _serving(case, fixed)
        if serving or case.stack.production:
            why = f"while it serves {serving}" if serving else "in production"
            got = f"{before} -> {after or 'none'} {why}"
            does = "it would be replaced" if fixed.effect == "replaces" else "Azure takes no change of it"
            yield Refusal("R066", fixed.path, got, f"{before}, as it was made ({does})", _CURE)


def isolation_stays(case: Standing) -> Iterator[Refusal]:
    """R067 A workspace with a managed network keeps it: Azure can't take it away.

    Storage, vault and registry would have been opened to public networks before the workspace refuses.

    Source: Azure ML, workspace managed virtual network isolation (once enabled, it can't be disabled).
    Example:
        applied: {estate: {workspace.isolation: managedVnet}}
    """
    before = case.applied.estate.get("workspace.isolation")
    same_place = case.applied.estate.get("workspace.name") in (None, case.stack.workspace.name)
    if before == "managedVnet" != case.stack.workspace.isolation and same_place:
        got = f"{before} -> {case.stack.workspace.isolation}"
        cure = "Put it back. A workspace without a managed network is another workspace, in a stack of its own."
        yield Refusal("R067", "workspace.isolation", got, f"{before}, which Azure can't disable", cure)


def pools_stay_as_born(case: Standing) -> Iterator[Refusal]:
    """R170, before anything is touched: a pool that was applied keeps what it was made with.

    Source: AKS, node pools; azure-native replaces a pool whose size changes, and deletes it first.
    """
    wanted = estate_of(case.stack)
    for path, before in case.applied.estate.items():
        place, _, key = path.rpartition(".")
        if key in POOL_FIXED and path in wanted and not _same(before, wanted[path]):
            cure = another_pool(is_system=place == SYSTEM)
            yield Refusal("R170", path, wanted[path], f"{before}, as the pool was made", cure)


def leaves_when_closed(case: Standing) -> Iterator[Refusal]:
    """R123, before anything is touched: an endpoint leaves the stack file only when it serves nobody any more.

    Source: T11; DELETE of an endpoint is accepted whatever it carries.
    """
    for name in sorted(case.applied.endpoints.keys() - case.stack.endpoints.keys()):
        yield from guard_removed(name, case.live.get(name))


def _serving(case: Standing, fixed: Fixed) -> str:
    """What serves on it, in words; empty where nothing does."""
    found = [
        f"{name} ({shares(live.traffic)})"
        for name, live in sorted(case.live.items())
        if (live.traffic or live.mirror) and (fixed.stands == "endpoints" or live.on_kubernetes)
    ]
    return ", ".join(found)


def _same(before: str, after: str | None) -> bool:
    # Azure tells no names, sizes and regions apart by their case.
    return after is not None and before.lower() == after.lower()


RULES = (ground_stays, isolation_stays)
EARLY = (pools_stay_as_born, leaves_when_closed)
"""Rules that the engine's hooks ask too."""
