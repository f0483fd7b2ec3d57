"""What this stack's own state says: its outputs, and which resources it holds. Read through the engine itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import invoke_async

from rollout.applied import applied_from
from rollout.estate import estate_from
from rollout.model import Applied

_OURS = "azure-native:"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the stack's last whole `up` left: `applied`, and the endpoints' keys, which are secrets."""

    applied: Applied = field(default_factory=Applied)
    keys: Mapping[str, Any] = field(default_factory=dict)


async def read_kept() -> Kept:
    """What the outputs say; nothing before the first `up`. In an `up` it is still the one before."""
    read = await invoke_async("pulumi:pulumi:readStackOutputs", {"name": _own_name()})
    outputs: Mapping[str, Any] = (read or {}).get("outputs") or {}
    keys = outputs.get("keys") or {}
    applied = applied_from(outputs)
    if applied is None:
        return Kept()
    if "applied" not in outputs:
        # Versions up to 0.2.0 kept too little: once, on the first run of a newer one, the whole state is asked.
        applied = Applied({**estate_from(await _resources()), **applied.estate}, applied.endpoints)
    return Kept(applied, keys if isinstance(keys, Mapping) else {})


async def holds(kind: str, name: str) -> bool:
    """Whether the state holds the resource of this type (`OnlineEndpoint`) and logical name. Reads the whole state."""
    read = await invoke_async("pulumi:pulumi:readStackResourceOutputs", {"stackName": _own_name()})
    held = (urn.split("::") for urn in (read or {}).get("outputs") or {})
    return any(parts[2].endswith(f":{kind}") and parts[3] == name for parts in held)


async def _resources() -> dict[str, Mapping[str, Any]]:
    """Outputs by type, for types that a stack has once."""
    read = await invoke_async("pulumi:pulumi:readStackResourceOutputs", {"stackName": _own_name()})
    held = ((read or {}).get("outputs") or {}).values()
    return {one["type"].removeprefix(_OURS): one.get("outputs") or {} for one in held}


def _own_name() -> str:
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
