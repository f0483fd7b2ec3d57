"""An endpoint that others made, as the stack file says it: what it takes, what stays as it is, what it can't say.

Source: REST reference of online endpoints and deployments, 2025-12-01; each key here is one of a stack file's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rollout.bodies import TAG, deployment_from, endpoint_from
from settings.deployment import Probe, RequestSettings
from settings.types import ASSET_PATTERN

Body = Mapping[str, Any]
_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")
_COLLECTIONS = {"model_inputs": "inputs", "model_outputs": "outputs"}
_IDENTITIES = {"SystemAssigned": "systemAssigned", "UserAssigned": "userAssigned"}
_NOTES = ("createdBy", "createdAt", "lastModifiedAt")
# What the stack file has no word for, and an update sends as it is (`ignore_changes`).
KEPT = ("modelMountPath", "startupProbe")
_PROBE_SECONDS = ("initialDelay", "period", "timeout")
_PROBE_COUNTS = ("successThreshold", "failureThreshold")


@dataclass(frozen=True, slots=True)
class Untold:
    """One thing that the stack file can't say: its path in Azure's words, and what it is there."""

    path: str
    got: str


@dataclass(slots=True)
class Carried:
    """`config` is what goes under `endpoints.NAME`; `kept` stays in Azure as it is; `untold` the next update drops."""

    config: dict[str, Any] = field(default_factory=dict)
    kept: list[Untold] = field(default_factory=list)
    untold: list[Untold] = field(default_factory=list)


def carried(endpoint: Body, deployments: Mapping[str, Body], access: str) -> Carried:
    """An endpoint's body and those of its deployments by name. `access` is what the workspace gives by itself."""
    out = Carried()
    seen, properties = endpoint_from(endpoint), endpoint["properties"]
    if seen.on_kubernetes:
        out.config |= {"kind": "kubernetes", "compute": seen.compute}
    _put(out.config, "auth", seen.auth, "key")
    _identity(out, endpoint.get("identity") or {})
    _put(out.config, "publicNetworkAccess", _lower(properties.get("publicNetworkAccess")) or access, access)
    _put(out.config, "description", properties.get("description"), None)
    tags = {key: value for key, value in (endpoint.get("tags") or {}).items() if key != TAG}
    _put(out.config, "tags", tags, {})
    _kept(out, "properties.properties", _own(properties.get("properties")))
    for name, body in sorted(deployments.items()):
        out.config.setdefault("deployments", {})[name] = _deployment(out, name, body, seen.on_kubernetes)
    _put(out.config, "traffic", dict(seen.traffic), {})
    _put(out.config, "mirror", dict(seen.mirror), {})
    return out


def milliseconds(text: str) -> int | None:
    """An ISO 8601 duration in milliseconds; None where it is none.

    >>> milliseconds("PT0.5S"), milliseconds("PT1M30S"), milliseconds("P0DT0H0M5S"), milliseconds("5 s")
    (500, 90000, 5000, None)
    """
    match = _DURATION.match(text)
    if match is None or len(text) < 3:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)


def _deployment(out: Carried, name: str, body: Body, on_kubernetes: bool) -> dict[str, Any]:
    seen, properties = deployment_from(body), body["properties"]
    config: dict[str, Any] = {}
    for key, reference in (("model", seen.model), ("environment", seen.environment), ("code", seen.code)):
        if reference is not None and not re.match(ASSET_PATTERN, reference):
            out.untold.append(Untold(f"{name}.{key}", reference))
        _put(config, key, reference, None)
    if seen.code:
        _put(config, "scoringScript", seen.scoring_script, "score.py")
    config["instanceType"] = seen.instance_type or ("defaultinstancetype" if on_kubernetes else None)
    _count(out, name, config, seen.instance_count, properties.get("scaleSettings") or {})
    _put(config, "variables", dict(seen.variables or {}), {})
    _put(config, "requests", _requests(out, name, properties.get("requestSettings") or {}), {})
    for key, probe in (("liveness", "livenessProbe"), ("readiness", "readinessProbe")):
        _put(config, key, _probe(out, f"{name}.{probe}", properties.get(probe)), {})
    if not on_kubernetes:
        _put(config, "egressPublicNetworkAccess", seen.egress or "enabled", "enabled")
    _put(config, "appInsights", bool(properties.get("appInsightsEnabled")), False)
    _put(config, "description", properties.get("description"), None)
    _put(config, "tags", dict(body.get("tags") or {}), {})
    _put(config, "dataCollector", _collector(out, f"{name}.dataCollector", properties.get("dataCollector")), None)
    _put(config, "resources", _resources(properties.get("containerResourceRequirements")), {})
    for key in KEPT:
        _kept(out, f"{name}.{key}", properties.get(key))
    _kept(out, f"{name}.properties", _own(properties.get("properties")))
    return config


def _count(out: Carried, name: str, config: dict[str, Any], count: int | None, scale: Body) -> None:
    kind = scale.get("scaleType", "Default")
    if kind == "Default":
        config["instanceCount"] = 1 if count is None else count
        return
    if kind != "TargetUtilization":
        out.untold.append(Untold(f"{name}.scaleSettings", str(kind)))
        return
    polling = milliseconds(str(scale.get("pollingInterval") or "PT1S")) or 1000
    config["autoscale"] = {
        "min": int(scale.get("minInstances") or 1),
        "max": int(scale.get("maxInstances") or 1),
        "targetUtilization": int(scale.get("targetUtilizationPercentage") or 70),
        "pollingSeconds": max(1, round(polling / 1000)),
    }


def _identity(out: Carried, identity: Body) -> None:
    kind = str(identity.get("type") or "None")
    if kind not in _IDENTITIES:
        out.untold.append(Untold("identity", kind))
    elif kind == "UserAssigned":
        ids = sorted(identity.get("userAssignedIdentities") or ())
        out.config["identity"] = {"type": _IDENTITIES[kind], "ids": ids}


def _requests(out: Carried, name: str, of: Body) -> dict[str, Any]:
    usual, config = RequestSettings(), dict[str, Any]()
    for key, shown, default in (
        ("timeoutMs", "requestTimeout", usual.timeout_ms),
        ("maxQueueWaitMs", "maxQueueWait", usual.max_queue_wait_ms),
    ):
        _put(config, key, _time(out, f"{name}.{shown}", of.get(shown), 1), default)
    most = of.get("maxConcurrentRequestsPerInstance")
    _put(config, "maxConcurrentPerInstance", None if most is None else int(most), usual.max_concurrent_per_instance)
    return config


def _probe(out: Carried, path: str, of: Body | None) -> dict[str, Any] | str:
    if of is None:
        return "none"
    usual, config = Probe().model_dump(by_alias=True), dict[str, Any]()
    for key in _PROBE_SECONDS:
        _put(config, key, _time(out, f"{path}.{key}", of.get(key), 1000), usual[key])
    for key in _PROBE_COUNTS:
        count = of.get(key)
        _put(config, key, None if count is None else int(count), usual[key])
    return config


def _time(out: Carried, path: str, of: Any, unit: int) -> int | None:
    """A duration in units of so many milliseconds; what is no whole number of them is untold."""
    found = None if of is None else milliseconds(str(of))
    if of is not None and (found is None or found % unit):
        out.untold.append(Untold(path, str(of)))
    return None if found is None else found // unit


def _collector(out: Carried, path: str, of: Body | None) -> dict[str, Any] | None:
    collections = {
        name: one
        for name, one in ((of or {}).get("collections") or {}).items()
        if _lower(one.get("dataCollectionMode")) == "enabled"
    }
    if of is None or not collections:
        return None
    for name, one in sorted(collections.items()):
        own = str(one.get("dataId") or "")
        if (own and f"-{name}/versions/" not in own) or one.get("clientId"):
            out.untold.append(Untold(f"{path}.collections.{name}", f"data of its own, {own or one['clientId']}"))
    rates = {float(one.get("samplingRate") or 0) for one in collections.values()}
    for name in sorted(collections.keys() - _COLLECTIONS.keys()):
        out.untold.append(Untold(f"{path}.collections.{name}", "a collection of its own name"))
    if len(rates) > 1:
        out.untold.append(Untold(f"{path}.collections", f"sampling rates {', '.join(map(str, sorted(rates)))}"))
    config: dict[str, Any] = {key: name in collections for name, key in _COLLECTIONS.items()}
    percent = round(max(rates) * 100, 6)
    config["samplingPercent"] = int(percent) if percent.is_integer() else percent
    _put(config, "rolling", _lower(of.get("rollingRate")) or "hour", "hour")
    _put(config, "headers", list((of.get("requestLogging") or {}).get("captureHeaders") or ()), [])
    return config


def _resources(of: Body | None) -> dict[str, Any]:
    config = dict[str, Any]()
    for key, shown in (("requests", "containerResourceRequests"), ("limits", "containerResourceLimits")):
        sizes = {name: value for name, value in ((of or {}).get(shown) or {}).items() if value is not None}
        if "gpu" in sizes:
            sizes["gpu"] = int(sizes["gpu"])
        _put(config, key, sizes, {})
    return config


def _kept(out: Carried, path: str, value: Any) -> None:
    if value not in (None, {}, []):
        out.kept.append(Untold(path, ", ".join(value) if isinstance(value, Mapping) else str(value)))


def _own(properties: Body | None) -> dict[str, Any]:
    """Properties that a person gave; Azure's own are no matter of anybody's."""
    return {
        key: value
        for key, value in (properties or {}).items()
        if not key.lower().startswith("azure") and key not in _NOTES
    }


def _put(config: dict[str, Any], key: str, value: Any, usual: Any) -> None:
    if value is not None and value != usual:
        config[key] = value


def _lower(of: Any) -> str:
    return str(of or "").lower()


def leaves(config: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each value of a configuration that is no map and no list, with its path."""
    items: Iterator[tuple[str | int, Any]]
    if isinstance(config, Mapping):
        items = iter(config.items())
    elif isinstance(config, list | tuple):
        items = iter(enumerate(config))
    else:
        yield path, config
        return
    for key, value in items:
        yield from leaves(value, (*path, key))
