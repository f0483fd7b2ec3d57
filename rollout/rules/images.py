"""The rule for environments that are finished images: a version never changes.

It is asked by the engine's hooks before a version is made or updated, in a preview too: only Azure knows what is
registered.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from settings.refusal import Refusal

# Where a route stands in ARM's inferenceConfig -> its key in the stack file.
_ROUTES = {"livenessRoute": "livenessPath", "readinessRoute": "readinessPath", "scoringRoute": "scoringPath"}


def guard_image(name: str, registered: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Refusal]:
    """R198 The port and the paths of an image don't change under its version, which follows the digest alone.

    azure-native replaces such a version: the old one stays, as it may be in use, and the new one can't be made beside
    it. `registered` and `wanted` are ARM's properties of the version.

    Source: Azure ML, an environment's version is immutable; pulumi-azure-native, x-ms-mutability of its properties.
    Example:
        image: scoring-image
        registered: {inferenceConfig: {scoringRoute: {path: /score, port: 5001}}}
        wanted: {inferenceConfig: {scoringRoute: {path: /predict, port: 5001}}}
    """
    for key, path in _ROUTES.items():
        has, wants = _route(registered, key), _route(wanted, key)
        for at, what in (("port", "port"), ("path", path)):
            if at in has and at in wants and has[at] != wants[at]:
                expected = f"{_plain(has[at])}, as this version is registered"
                cure = f"Write it under images with another name than {name}, and name that in environment."
                yield Refusal("R198", f"images.{name}.{what}", _plain(wants[at]), expected, cure)
                if what == "port":
                    return


def _route(properties: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    route = (properties.get("inferenceConfig") or {}).get(key)
    return route if isinstance(route, Mapping) else {}


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
