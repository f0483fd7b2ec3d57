"""Rules for endpoints that leave the stack file, and for what a serving endpoint stands on.

They compare the stack file with what this stack applied last (its output `applied`), so they hold whatever names the
stack file has now, and before the engine touches anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rollout.applied import former_place
from rollout.estate import FIXED, POOL_FIXED, REFUSED, estate_of, is_part
from rollout.guard import guard_removed
from rollout.model import Applied, ObservedEndpoint
from rollout.rules.pools import SYSTEM, another_pool
from rollout.words import serving_in_words
from settings.refusal import Refusal
from settings.stack import Stack

_CURE = (
    "Put it back. For another one make a second stack ('pulumi stack init'), move the callers there, then close the "
    "endpoints here."
)


# azure-native takes any other name, and a size, in other letters for another resource. Source: its pull request 2910.
_WITHOUT_CASE = {"workspace.resourceGroup", "inferenceCluster.location"}


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
        goes = after is None and _has_left(case.stack, fixed.path)
        stays = _same(before, after) if fixed.path in _WITHOUT_CASE or fixed.effect == "refuses" else before == after
        if before is None or stays or (fixed.effect == "refuses" and not goes):
            continue
        if goes and fixed.path != _leaver(case.stack):
            continue  # said once for all of it
        serving = ", ".join(serving_in_words(case.live, for_kubernetes=fixed.stands == "kubernetes"))
        if serving or case.stack.production:
            why = f"while it serves {serving}" if serving else "in production"
            expected = f"{before}, as it was made (it would be {'removed' if goes else 'replaced'})"
            yield Refusal("R066", fixed.path, f"{before} -> {after or 'none'} {why}", expected, _CURE)


def what_azure_keeps_stays(case: Standing) -> Iterator[Refusal]:
    """R067 What Azure can't change is not edited, whether anything serves or not.

    It would refuse, but in the middle of a step: a managed network that is taken away, for one, would open storage,
    vault and registry first, and stay closed itself.

    Source: localazure/create_only names one for each property: Azure ML, managed virtual network (once enabled it can't
    be disabled); Azure Key Vault, soft delete; Azure Storage, how an account is replicated.
    Example:
        applied: {estate: {workspace.isolation: managedVnet}}
    """
    if former_place(case.stack, case.applied):
        return  # another workspace is made, with all of it
    wanted = estate_of(case.stack)
    kept = {fixed.path: wanted.get(fixed.path) for fixed in REFUSED}
    kept |= {path: wanted.get(path, before) for path, before in case.applied.estate.items() if is_part(path)}
    for path, after in kept.items():
        before = case.applied.estate.get(path)
        if before is not None and not _same(before, after) and not _has_left(case.stack, path):
            now = after or _now(case.stack, path)
            cure = "Put it back: another value needs another resource, with another name or in another stack."
            yield Refusal("R067", path, f"{before} -> {now}", f"{before}, which Azure does not change", cure)


def owner_stays(case: Standing) -> Iterator[Refusal]:
    """R222 What the stack made is not turned into what it only uses, nor the other way: the engine would delete it.

    What has left the program is deleted; what is already there can't be made. Another workspace is another matter.

    Source: Pulumi, resources that are no longer in the program.
    Example:
        applied: {estate: {workspace.name: ws-diabetes, workspace.existing: "true"}}
    """
    if "workspace.name" not in case.applied.estate or former_place(case.stack, case.applied):
        return
    was, now = _used(case.applied.estate), _used(estate_of(case.stack))
    changed = was ^ now
    for path in sorted({"workspace.existing"} & changed or changed):
        if path in was:
            got, cure = "the stack uses it, and now it would be made", "Put existing back."
        else:
            got = "the stack made it, and now it would be deleted"
            cure = "Remove existing; or give it away first: pulumi state delete URN."
        yield Refusal("R222", path, got, "the same owner", cure)


def pools_stay_as_born(case: Standing) -> Iterator[Refusal]:
    """R170, before anything is touched: a pool that was applied keeps what it was made with.

    Source: AKS, node pools; azure-native replaces a pool whose size changes, and deletes it first.
    """
    wanted = estate_of(case.stack)
    for path, before in case.applied.estate.items():
        place, _, key = path.rpartition(".")
        if place.startswith("inferenceCluster.") and key in POOL_FIXED and path in wanted and before != wanted[path]:
            cure = another_pool(is_system=place == SYSTEM)
            yield Refusal("R170", path, wanted[path], f"{before}, as the pool was made", cure)


def leaves_when_closed(case: Standing) -> Iterator[Refusal]:
    """R123, before anything is touched: an endpoint leaves the stack file only when it serves nobody any more.

    Source: T11; DELETE of an endpoint is accepted whatever it carries.
    """
    named = {name.lower(): name for name in case.stack.endpoints}
    for name in sorted(case.applied.endpoints.keys() - case.stack.endpoints.keys()):
        if name.lower() in named and name in case.live:
            got = f"{name}, in other letters: {named[name.lower()]}"
            cure = f"Write it as it was: {name}. Azure tells no names apart by their case, the engine does."
            yield Refusal("R123", f"endpoints.{name}", got, "the name as it was", cure)
        else:
            yield from guard_removed(name, case.live.get(name))


def _used(estate: Mapping[str, str]) -> set[str]:
    return {path for path in estate if path.endswith(".existing")}


def _has_left(stack: Stack, path: str) -> bool:
    """Whether the cluster, or its attachment, that a value is of has left the stack file: that is R066's matter."""
    cluster = stack.inference_cluster
    if not path.startswith("inferenceCluster.") and path != "network.egress.firewallAddress":
        return False
    return cluster is None or (".attach." in path and cluster.attach.kind == "none")


def _leaver(stack: Stack) -> str:
    """What says that a cluster, or its attachment alone, has left the stack file."""
    return "inferenceCluster.name" if stack.inference_cluster is None else "inferenceCluster.attach.kind"


def _now(stack: Stack, path: str) -> str:
    """What the stack file says instead of something that can't be switched off."""
    if path == "workspace.isolation":
        return stack.workspace.isolation
    return "allowInternetOutbound" if path.endswith(".outbound") else "false"


def _same(before: str | None, after: str | None) -> bool:
    # Azure tells no names, sizes and regions apart by their case.
    return before is not None and after is not None and before.lower() == after.lower()


RULES = (ground_stays, what_azure_keeps_stays, owner_stays)
EARLY = (pools_stay_as_born, leaves_when_closed)
"""Rules that the engine's hooks ask too."""
