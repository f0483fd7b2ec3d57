"""What this stack's own state says: its outputs, and which resources it holds. Read through the engine itself."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import invoke_async

from rollout.applied import applied_from
from rollout.estate import estate_from
from rollout.model import Applied

_OURS = "azure-native:"
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between tries."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the stack's last whole `up` left: `applied`, and the endpoints' keys, which are secrets."""

    applied: Applied = field(default_factory=Applied)
    keys: Mapping[str, Any] = field(default_factory=dict)


async def read_kept() -> Kept:
    """What the outputs say; nothing before the first `up`. In an `up` it is still the one before."""
    outputs = await _read("readStackOutputs", "name")
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
    held = (urn.split("::") for urn in await _read("readStackResourceOutputs", "stackName"))
    return any(parts[2].endswith(f":{kind}") and parts[3] == name for parts in held)


async def _resources() -> dict[str, Mapping[str, Any]]:
    """Outputs by type, for types that a stack has once."""
    held = (await _read("readStackResourceOutputs", "stackName")).values()
    return {one["type"].removeprefix(_OURS): one.get("outputs") or {} for one in held}


async def _read(function: str, argument: str) -> Mapping[str, Any]:
    """What a function of the engine itself says of this stack. Raises pulumi.RunError where it can't be had.

    An `up` writes the state while the program reads it, and a backend of files shows it half written then.
    """
    for pause in _PAUSES:
        try:
            read = await invoke_async(f"pulumi:pulumi:{function}", {argument: _own_name()})
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower for a failed invoke
            failure = str(error)
        else:
            return (read or {}).get("outputs") or {}
        await asyncio.sleep(pause)
    raise pulumi.RunError(f"what this stack applied last could not be read; nothing was touched: {failure}")


def _own_name() -> str:
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
