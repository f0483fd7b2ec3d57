"""What a step makes, changes and removes at an endpoint beside its split, in words."""

from collections.abc import Iterator, Mapping

from rollout.applied import digest, endpoint_digest
from rollout.assets import COLLECTIONS, Assets, is_new, path_of
from rollout.case import changed_keys
from rollout.model import Applied, AppliedEndpoint, ObservedDeployment, ObservedEndpoint, Step
from rollout.renewal import failed_at_birth
from rollout.words import Told, changed_first, in_words
from settings.deployment import Deployment
from settings.stack import Stack
from settings.values import HIDDEN

_FIELDS = {"instanceType": "instance_type", "instanceCount": "instance_count"}
_LONGEST = 80
"""Characters of a description: a step is a line."""


def tell(
    stack: Stack,
    steps: Mapping[str, Step],
    seen: Mapping[str, ObservedEndpoint],
    applied: Applied,
    assets: Assets | None = None,
) -> list[Told]:
    """Every endpoint's step in words; what changes comes first, and with it the endpoints that leave the stack file."""
    told = [_told(stack, name, step, seen.get(name), applied, assets or {}) for name, step in steps.items()]
    gone = [Told(name, f"{name}: REMOVED endpoint", "-") for name in applied.endpoints.keys() - stack.endpoints.keys()]
    return changed_first([*told, *gone])


def edits(
    stack: Stack, name: str, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None, assets: Assets
) -> list[str]:
    """`NEW green = diabetes-ridge:2 ("alpha 1"), 1 x Standard_DS3_v2`, `CHANGED blue: instanceCount 1 -> 2`."""
    return [*_of_endpoint(stack, name, seen, kept), *_of_deployments(stack, name, seen, kept, assets)]


def instances(wanted: Deployment) -> str:
    """How many of what: `1 x Standard_DS3_v2`, or `3-9 x Standard_DS3_v2` where they are scaled."""
    scaled = wanted.autoscale
    count = f"{scaled.min}-{scaled.max}" if scaled else str(wanted.fixed_count)
    return f"{count} x {wanted.instance_type}"


def made_of(wanted: Deployment, assets: Assets) -> str:
    """The model by name and version, with its description; without a model the environment."""
    key = "model" if wanted.model else "environment"
    return _named(getattr(wanted, key), assets.get(path_of(key, getattr(wanted, key)) or ""))


def _told(stack: Stack, name: str, step: Step, seen: ObservedEndpoint | None, applied: Applied, assets: Assets) -> Told:
    found = edits(stack, name, seen, applied.endpoints.get(name), assets)
    moves = seen is not None and seen.split != step.split
    held_back = bool(step.held_back or step.held_back_mirror)
    mark = "+" if seen is None else "~" if found or moves or held_back else "="
    return Told(name, in_words(name, seen, step, found), mark, moves)


def _of_endpoint(stack: Stack, name: str, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None) -> Iterator[str]:
    if seen is None:
        yield "NEW endpoint"
        return
    if not kept or not kept.settings or _is_hidden(stack.endpoints[name].description):
        return
    if kept.settings != endpoint_digest(stack, name):
        yield "CHANGED the endpoint's own settings"


def _of_deployments(
    stack: Stack, name: str, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None, assets: Assets
) -> Iterator[str]:
    endpoint = stack.endpoints[name]
    for deployment, wanted in sorted(endpoint.deployments.items()):
        live = seen.deployments.get(deployment) if seen else None
        if is_new(deployment, seen, kept) or (seen and failed_at_birth(seen, deployment, kept)):
            yield f"NEW {deployment} = {made_of(wanted, assets)}, {instances(wanted)}"
        elif live and (changes := list(_changes(endpoint.kind, deployment, live, wanted, kept, assets))):
            yield f"CHANGED {deployment}: {', '.join(changes)}"
    known = {*kept.deployments} if kept else {*seen.deployments} if seen else set()
    yield from (f"REMOVED {deployment}" for deployment in sorted(known - endpoint.deployments.keys()))


def _changes(
    kind: str, name: str, old: ObservedDeployment, new: Deployment, kept: AppliedEndpoint | None, assets: Assets
) -> Iterator[str]:
    keys = changed_keys(old, new)
    for key in keys:
        if key in COLLECTIONS:
            before, after = getattr(old, key), getattr(new, key)
            yield f"{key} {_named(before)} -> {_named(after, assets.get(path_of(key, after) or ''))}"
        elif key in _FIELDS:
            yield f"{key} {getattr(old, _FIELDS[key])} -> {getattr(new, _FIELDS[key])}"
        else:
            yield key
    applied = kept.deployments.get(name) if kept else None
    if applied and not keys and not _is_hidden(new.model_dump()) and applied != digest(kind, new):
        yield "other settings"


def _is_hidden(value: object) -> bool:
    """Whether something in it is encrypted, so that no digest can be compared."""
    return repr(HIDDEN)[1:-1] in repr(value)


def _named(reference: str | None, description: str | None = None) -> str:
    """`diabetes-ridge:1 ("alpha 0.1")`; a registry's asset as it stands in the stack file."""
    short = (reference or "none").removeprefix("azureml:")
    text = " ".join((description or "").split())
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return f'{short} ("{text}")' if text else short
