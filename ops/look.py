"""All that a command looks at before it says or does anything: stack file, Azure, the engine's outputs, its lock."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ops.arm import Arm, open_arm
from ops.check.state import Kept, read_kept
from ops.lock import Lock, locks_of
from ops.messages import UserError
from ops.project import Place, stack_of
from ops.workspace import find_target, point_clients
from rollout.applied import with_applied
from rollout.bodies import deployment_from, endpoint_from
from rollout.model import Applied, AppliedEndpoint, ObservedEndpoint, Split
from rollout.way import Way, way_of
from settings.endpoint import Endpoint
from settings.stack import Stack


@dataclass(frozen=True, slots=True)
class Look:
    """One endpoint. `seen` has all deployments that Azure shows, and what was applied; None: it is not there.

    `body` is Azure's own document; `wanted` is None where the stack file could not be read. `seconds` is how long the
    endpoint has been as it is, by Azure's own clock; None where Azure does not say so.
    """

    name: str
    wanted: Endpoint | None
    seen: ObservedEndpoint | None
    body: Mapping[str, Any] = field(default_factory=dict)
    kept: AppliedEndpoint | None = None
    seconds: float | None = None

    @property
    def way(self) -> Way:
        """Where the plan stands."""
        if self.wanted is None or self.seen is None:
            return Way(None, why="there is no endpoint yet" if self.seen is None else "the stack file can't be read")
        return way_of(self.wanted, self.seen, self.kept)

    @property
    def is_moved(self) -> bool:
        """Whether what is live is neither what this stack applied nor what the stack file asks for."""
        seen = self.seen
        if seen is None or seen.applied is None or seen.split == seen.applied:
            return False
        return self.wanted is None or seen.split != Split(self.wanted.traffic, self.wanted.mirror)

    @property
    def unhealthy(self) -> dict[str, str]:
        """State by name of each deployment that gets requests and is not healthy."""
        seen = self.seen
        if seen is None:
            return {}
        busy = {*seen.traffic, *seen.mirror}
        return {name: one.state for name, one in seen.deployments.items() if name in busy and one.state != "Succeeded"}


@dataclass(frozen=True, slots=True)
class Looked:
    """Endpoints by name; `unread` says why the engine could not tell what was applied; `locks` None: not known."""

    endpoints: Mapping[str, Look]
    unread: str | None
    locks: tuple[Lock, ...] | None


def look(place: Place, stack: Stack, names: Iterable[str]) -> Looked:
    """Look at these endpoints. Raises UserError where Azure can't be read."""
    target = find_target(os.environ, place, stack.workspace.name, stack.workspace.resource_group)
    point_clients(os.environ, place)
    with ThreadPoolExecutor() as pool:
        kept = pool.submit(read_kept, place)
        with open_arm(target) as arm:
            found = {name: pool.submit(bodies, arm, name) for name in names}
            shown = {name: each.result() for name, each in found.items()}
            now = arm.now
        applied = kept.result().applied or Applied()
        looks = {
            name: seen_as(name, stack.endpoints.get(name), *shown[name], applied.endpoints.get(name)) for name in shown
        }
        looks = {name: replace(one, seconds=_seconds(one.body, now)) for name, one in looks.items()}
        return Looked(looks, unread_of(kept.result()), lock_of(place))


def bodies(arm: Arm, name: str) -> tuple[Mapping[str, Any] | None, list[Mapping[str, Any]]]:
    """Azure's documents of an endpoint and of all its deployments."""
    body = arm.get(f"/onlineEndpoints/{name}")
    if body is None:
        return None, []
    page = arm.get(f"/onlineEndpoints/{name}/deployments")
    return body, list((page or {}).get("value") or ())  # 20 deployments at most: one page


def seen_as(
    name: str,
    wanted: Endpoint | None,
    body: Mapping[str, Any] | None,
    deployments: Iterable[Mapping[str, Any]],
    kept: AppliedEndpoint | None,
) -> Look:
    """Azure's documents as the rules see them."""
    if body is None:
        return Look(name, wanted, None, kept=kept)
    read = {str(one["name"]).lower(): deployment_from(one) for one in deployments}
    seen = replace(with_applied(endpoint_from(body), kept), deployments=read)
    return Look(name, wanted, seen, body, kept)


def _seconds(body: Mapping[str, Any], now: datetime | None) -> float | None:
    """Since when the endpoint is as it is: any change of it counts, so that a step is never judged too early."""
    try:
        changed = datetime.fromisoformat(body["systemData"]["lastModifiedAt"])
    except (KeyError, TypeError, ValueError):
        return None
    return (now - changed).total_seconds() if now else None


def lock_of(place: Place) -> tuple[Lock, ...] | None:
    """Who holds the stack's lock; None where it is not known."""
    name = stack_of(place)
    return locks_of(name, place.project.name, os.environ) if name else None


def unread_of(kept: Kept) -> str | None:
    """Why it is not known what was applied; None where it is."""
    return kept.unread or (None if kept.applied else "no 'pulumi up' of this version has ended yet")


def endpoint_in(stack: Stack, name: str) -> str:
    """The endpoint's name as the stack file writes it. Raises UserError where it has none."""
    found = next((each for each in stack.endpoints if each.lower() == name.lower()), None)
    if found is None:
        has = ", ".join(sorted(stack.endpoints)) or "none"
        raise UserError("D001", f"endpoints.{name}", "no such endpoint in the stack file", cure=f"It has: {has}.")
    return found
