"""What this stack applied last: the mark that an endpoint carries in Azure, and the stack's own output `applied`.

The mark is a tag, PUT together with the traffic. So a split that was made by hand is told from one of this stack by a
single GET: after a refresh, after a run that was killed, and without the engine. Where a hand's PUT left the tag out,
the output `applied` is asked.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rollout.bodies import shares_from
from rollout.estate import estate_of
from rollout.model import Applied, AppliedEndpoint, ObservedEndpoint, Split
from rollout.plan import candidate_of
from settings.deployment import Deployment
from settings.endpoint import Endpoint
from settings.stack import Stack

_MOST = 256  # characters of a tag's value
_OVER, _MIRROR = " over ", "; mirror "


def mark_of(split: Split, over: Split | None = None) -> str:
    """The value of the tag; a digest stands for what is too long for one.

    >>> mark_of(Split({"blue": 90, "green": 10}, {"teal": 5}))
    'blue=90 green=10; mirror teal=5'
    """
    text = _text(split) + (_OVER + _text(over) if over is not None else "")
    return text if len(text) <= _MOST else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def with_applied(seen: ObservedEndpoint, kept: AppliedEndpoint | None) -> ObservedEndpoint:
    """What is observed, with what this stack applied last: as the mark says, else as the stack's outputs say."""
    applied, overwrote, proven = (kept.split, kept.overwrote, kept.proven) if kept else (None, None, None)
    if seen.mark is not None:
        marked, _, over = seen.mark.partition(_OVER)
        if marked == mark_of(seen.split):
            applied = seen.split
        elif not marked.startswith("sha256:"):
            applied = _split(marked) or applied
        overwrote = _split(over) if over else None
    return replace(seen, applied=applied, overwrote=overwrote, proven=proven)


def stays_unmarked(seen: ObservedEndpoint | None, split: Split, kept: AppliedEndpoint | None) -> bool:
    """Whether an endpoint that others made keeps its tags: until this stack PUTs another split than theirs."""
    is_theirs = seen is not None and seen.mark is None and (kept is None or kept.unmarked)
    return is_theirs and seen is not None and seen.split == split


def digest(kind: str, wanted: Deployment) -> str:
    """Changes with anything in a deployment's settings that is sent, but for the values of variables.

    Values may be secret, and this stands in an output that is not; `values_digest` tells of them. Where the count is a
    scaler's, the scaler's own limits are not sent.
    """
    kept = wanted.model_dump(mode="json", exclude={"variables", *(("autoscale",) if kind == "managed" else ())})
    text = repr((kept, sorted(wanted.variables), kind))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def endpoint_digest(stack: Stack, name: str) -> str:
    """Changes with anything of the endpoint's own that is sent, but for how its requests are shared out."""
    wanted = stack.endpoints[name]
    own = wanted.model_dump(mode="json", include={"kind", "auth", "identity", "compute", "description"})
    text = repr((own, stack.access_of(wanted), sorted({**stack.tags, **wanted.tags}.items())))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def values_digest(wanted: Deployment) -> str:
    """Changes with any value of a deployment's variables. It is as secret as they are: a short one could be guessed."""
    return hashlib.sha256(repr(sorted(wanted.variables.items())).encode()).hexdigest()[:12]


def is_edited(kind: str, name: str, wanted: Deployment, kept: AppliedEndpoint | None) -> bool:
    """Whether the settings of a deployment differ from those that were applied last, as far as that is known."""
    name = name.lower()
    if kept is None or kept.deployments.get(name) != digest(kind, wanted):
        return True
    return bool(wanted.variables) and kept.values.get(name) != values_digest(wanted)


def applied_from(outputs: Mapping[str, Any]) -> Applied | None:
    """What the outputs of the last `up` say; versions up to 0.2.0 kept less. None where there was no whole `up`."""
    if "applied" in outputs:
        kept = outputs["applied"]
        values = _map(outputs.get("appliedVariables"))
        # A destroy that ran the program leaves outputs that were not known; `pulumi import` keeps them.
        known = {name: raw for name, raw in kept.get("endpoints", {}).items() if isinstance(raw, Mapping)}
        endpoints = {name: replace(_endpoint(raw), values=_map(values.get(name))) for name, raw in known.items()}
        estate, pools = ({key: str(value) for key, value in kept.get(part, {}).items()} for part in ("estate", "pools"))
        return Applied(estate, endpoints, pools, kept.get("subscription"))
    if "workspace" not in outputs:
        return None
    estate = {"workspace.name": str(outputs["workspace"]), "workspace.resourceGroup": str(outputs["resourceGroup"])}
    endpoints = {name: _endpoint(_older(raw)) for name, raw in (outputs.get("endpoints") or {}).items()}
    return Applied(estate, endpoints)


def former_place(stack: Stack, applied: Applied) -> tuple[str, str] | None:
    """(resource group, workspace) in which the stack was applied, where its file names another place now; else None.

    Azure tells no names apart by their case.
    """
    workspace = stack.workspace
    here = workspace.resource_group, workspace.name
    then = (
        applied.estate.get("workspace.resourceGroup", workspace.resource_group),
        applied.estate.get("workspace.name", workspace.name),
    )
    return None if [*map(str.lower, then)] == [*map(str.lower, here)] else then


def _map(secret: Any) -> dict[str, Any]:
    """A secret output; whoever may not see it gets a placeholder, of which nothing is known."""
    return dict(secret) if isinstance(secret, Mapping) else {}


def pool_digest(stack: Stack, name: str) -> str:
    """Changes with anything that a node pool's PUT says; the system pool's is the whole cluster's.

    Limits of the scaler are sent with a pool, so they count.
    """
    cluster = stack.inference_cluster
    assert cluster is not None
    of: object = cluster.pools[name] if name != "system" else (cluster, stack.network, stack.production)
    return hashlib.sha256(repr((of, sorted(stack.tags.items()))).encode()).hexdigest()[:12]


def ground_to_keep(stack: Stack) -> dict[str, dict[str, str]]:
    """The parts `estate` and `pools` of the output `applied`."""
    pools = sorted(stack.inference_cluster.pools) if stack.inference_cluster else ()
    return {
        "estate": dict(sorted(estate_of(stack).items())),
        "pools": {name: pool_digest(stack, name) for name in pools},
    }


def candidate_to_keep(wanted: Endpoint, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None) -> str | None:
    """The deployment that a rollout under way brings in: the one that was idle when it began, until it has all."""
    if not wanted.rollout or seen is None or not seen.serves:
        return None
    before = kept.candidate if kept else None
    candidate = before if before in seen.traffic else candidate_of(wanted, seen.traffic)
    return candidate if candidate and 0 < wanted.traffic.get(candidate, 0) < 100 else None


def proven_to_keep(
    split: Split, candidate: str | None, kept: AppliedEndpoint | None, digests: Mapping[str, str]
) -> list[str]:
    """The deployments that have carried traffic as they are, and not as a rollout's candidate."""
    before = {
        name for name in (kept.proven or () if kept else ()) if kept and kept.deployments.get(name) == digests.get(name)
    }
    return sorted((before | split.traffic.keys() - {candidate}) & digests.keys())


def _endpoint(raw: Mapping[str, Any]) -> AppliedEndpoint:
    over, candidate = raw.get("overwrote"), raw.get("candidate")
    return AppliedEndpoint(
        Split(shares_from(raw.get("traffic")), shares_from(raw.get("mirror"))),
        {name: str(value) if value else None for name, value in (raw.get("deployments") or {}).items()},
        Split(shares_from(over.get("traffic")), shares_from(over.get("mirror"))) if over else None,
        str(candidate) if candidate else None,
        tuple(raw["proven"]) if "proven" in raw else None,
        settings=str(raw["settings"]) if raw.get("settings") else None,
        unmarked=bool(raw.get("unmarked")),
    )


def _older(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {**raw, "deployments": dict.fromkeys(raw.get("deployments") or ())}


def _text(split: Split) -> str:
    traffic = " ".join(f"{name}={split.traffic[name]}" for name in sorted(split.traffic)) or "none"
    mirror = " ".join(f"{name}={split.mirror[name]}" for name in sorted(split.mirror))
    return traffic + (_MIRROR + mirror if mirror else "")


def _split(text: str) -> Split | None:
    traffic, _, mirror = text.partition(_MIRROR)
    try:
        return Split(_shares(traffic), _shares(mirror))
    except ValueError:
        return None  # somebody's own text: nothing is known


def _shares(text: str) -> dict[str, int]:
    pairs = [pair.partition("=") for pair in text.split() if pair != "none"]
    return shares_from({name: int(share) for name, _, share in pairs})
