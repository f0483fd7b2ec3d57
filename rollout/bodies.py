"""Bodies of endpoints and deployments, as ARM and azure-native's get functions return them, as the rules see them."""

import re
from collections.abc import Mapping
from typing import Any

from rollout.model import ObservedDeployment, ObservedEndpoint, Split

TAG = "safe-rollout-applied"
"""The endpoint's tag that says what this stack PUT last (`rollout.applied`)."""
_ASSET = re.compile(r"^/.+/(?:models|environments|codes)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)$", re.IGNORECASE)
_SENT = ("authMode", "compute", "description", "publicNetworkAccess")
_KIND = {"Managed": "managed", "K8S": "kubernetes"}
_AUTH = {"Key": "key", "AMLToken": "aml_token", "AADToken": "aad_token"}


def endpoint_from(body: Mapping[str, Any]) -> ObservedEndpoint:
    """An endpoint's body, as azure-native's get function returns it, as the rules see it."""
    properties = body["properties"]
    identity = body.get("identity") or {}
    kind, compute = body.get("kind"), properties.get("compute")
    word = str(identity.get("type") or "None")
    return ObservedEndpoint(
        state=str(properties.get("provisioningState")),
        auth=_AUTH.get(str(properties.get("authMode")), str(properties.get("authMode"))),
        identity=word[:1].lower() + word[1:],
        traffic=shares_from(properties.get("traffic")),
        mirror=shares_from(properties.get("mirrorTraffic")),
        kind=None if kind is None else _KIND.get(str(kind), str(kind)),
        compute=compute.rsplit("/", 1)[-1] if compute else None,
        location=body.get("location"),
        identities=tuple(sorted(identity.get("userAssignedIdentities") or ())),
        id=body.get("id"),
        mark=(body.get("tags") or {}).get(TAG),
    )


def with_split(body: Mapping[str, Any], split: Split, mark: str) -> dict[str, Any]:
    """The body of a PUT that changes an endpoint's traffic, mirror and mark, and nothing else.

    Like azure-native's update: what Azure writes itself is left out, both maps are always there (facts T3), and so are
    all other tags, which a PUT replaces.
    """
    properties, identity = body["properties"], body.get("identity") or {}
    named: dict[str, dict[str, Any]] = {key: {} for key in sorted(identity.get("userAssignedIdentities") or {})}
    sent = {key: properties[key] for key in _SENT if properties.get(key) is not None}
    put: dict[str, Any] = {
        "location": body["location"],
        "tags": {**(body.get("tags") or {}), TAG: mark},
        "properties": {**sent, "traffic": dict(split.traffic), "mirrorTraffic": dict(split.mirror)},
    }
    if identity.get("type"):
        put["identity"] = {"type": identity["type"], **({"userAssignedIdentities": named} if named else {})}
    return put


def deployment_from(body: Mapping[str, Any]) -> ObservedDeployment:
    """A deployment's body as the rules see it; resource ids become references."""
    properties = body["properties"]
    code = properties.get("codeConfiguration") or {}
    capacity = (body.get("sku") or {}).get("capacity")
    egress = properties.get("egressPublicNetworkAccess")
    return ObservedDeployment(
        state=str(properties.get("provisioningState")),
        model=_reference(properties.get("model")),
        environment=_reference(properties.get("environmentId")),
        code=_reference(code.get("codeId")),
        instance_type=properties.get("instanceType"),
        instance_count=None if capacity is None else int(capacity),
        scoring_script=code.get("scoringScript"),
        variables=properties.get("environmentVariables"),
        egress=str(egress).lower() if egress else None,
        id=body.get("id"),
    )


def description_from(version: Mapping[str, Any] | None) -> str | None:
    """What is said of a version of a model, an environment or code; '' where nothing is, None where it is not there."""
    return None if version is None else str(version["properties"].get("description") or "")


def shares_from(raw: Mapping[str, Any] | None) -> dict[str, int]:
    """Azure's traffic map in canonical form: lower case, no zeros, sorted."""
    return {name.lower(): int(raw[name]) for name in sorted(raw) if int(raw[name])} if raw else {}


def _reference(asset: str | None) -> str | None:
    match = _ASSET.match(asset) if asset else None
    return f"azureml:{match['name']}:{match['version']}" if match else asset
