"""Online endpoints: what a PUT may say, and how the document changes while it is carried out.

Recorded: a PUT answers with the OLD tags, traffic and mirror and `Updating`; an omitted description is kept, tags are
replaced, a changed authMode is ignored, URIs are null until the endpoint is there.
"""

import secrets
from datetime import datetime
from typing import Any, Literal

from localazure.arm.bodies import Body, Identity, Sku, Tags, Text, TrackedResource, Whole, check, normal_location
from localazure.arm.errors import bad_request, resource_not_found
from localazure.arm.ids import ResourceId
from localazure.arm.operations import Operation, timestamp
from localazure.arm.resources import identity_document, keep_place, new_document, system_data
from localazure.services.machinelearning import limits, names
from localazure.services.machinelearning.computes import check_of_endpoint
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.errors import bad_traffic, busy, invalid_request
from localazure.services.machinelearning.traffic import canonical, check_mirror, check_traffic
from localazure.store import Record

BUSY = {"Creating", "Updating", "Deleting"}
AUTH_MODES = {mode.lower(): mode for mode in ("Key", "AMLToken", "AADToken")}
OPERATION_URI = "AzureAsyncOperationUri"
LATER = {"mirrorTraffic", "publicNetworkAccess"}
TAKEN = "There is already an endpoint with this name, Endpoint name needs to be unique within a region."
NOBODY = "00000000-0000-0000-0000-000000000000"


class Keys(Body):
    """Keys of one's own, on creation; never read back."""

    primary_key: Text | None = None
    secondary_key: Text | None = None


class Properties(Body):
    """Properties of an endpoint."""

    read_only = frozenset({"provisioningState", "scoringUri", "swaggerUri"})
    auth_mode: Text
    description: Text | None = None
    compute: Text | None = None
    keys: Keys | None = None
    properties: dict[str, Text] | None = None
    public_network_access: Literal["Enabled", "Disabled"] | None = None
    traffic: dict[str, Whole] | None = None
    mirror_traffic: dict[str, Whole] | None = None


class EndpointBody(TrackedResource):
    """PUT of an endpoint."""

    kind: Text | None = None
    sku: Sku | None = None
    identity: Identity | None = None
    properties: Properties


class EndpointPatch(Body):
    """PATCH of an endpoint: tags and identity, no traffic (facts T1)."""

    tags: Tags | None = None
    identity: Identity | None = None


def get_endpoint(ml: MachineLearning, endpoint: ResourceId) -> Record:
    """The endpoint; raises 404."""
    workspace = ml.workspace_of(endpoint)
    record = ml.azure.store.get(f"{workspace.id}/onlineEndpoints/{endpoint.names[1]}")
    if record is None:
        raise resource_not_found(names.ENDPOINT, endpoint.names[:2], endpoint.group)
    return record


def put_endpoint(ml: MachineLearning, endpoint: ResourceId, body: object, version: str) -> tuple[Record, Operation]:
    """Create or replace. Returns the document to answer with and the operation that carries it out."""
    sent = check(EndpointBody, body)
    workspace = ml.workspace_of(endpoint, "write")
    before = ml.azure.store.get(endpoint.text)
    record = _changed(ml, before, sent) if before else _new(ml, workspace, endpoint, sent)
    return record, start(ml, record, "create" if before is None else "update", version)


def patch_endpoint(ml: MachineLearning, endpoint: ResourceId, body: object, version: str) -> tuple[Record, Operation]:
    """Change tags; the identity never changes."""
    sent = check(EndpointPatch, body)
    record = get_endpoint(ml, endpoint)
    not_busy(record)
    _keep_identity(record, sent.identity)
    record.private["pending"] = {"tags": sent.tags} if sent.tags is not None else {}
    return record, start(ml, record, "update", version)


def not_busy(endpoint: Record) -> None:
    """Raises 409 while an operation on the endpoint is under way."""
    if (state := endpoint.properties["provisioningState"]) in BUSY:
        raise busy("endpoint", endpoint.name, state)


def start(ml: MachineLearning, record: Record, kind: str, version: str) -> Operation:
    """Store the endpoint as under way and begin its operation."""
    states = {"create": "Creating", "delete": "Deleting"}
    record.properties["provisioningState"] = states.get(kind, "Updating")
    record.document["systemData"] = system_data(ml.azure, record.document.get("systemData"))
    with ml.azure.store.transaction():
        operation, url = ml.begin(kind, record, "oe", version)
        record.properties["properties"][OPERATION_URI] = url
        ml.azure.store.put(record)
    return operation


def succeed(ml: MachineLearning, record: Record) -> None:
    """The operation has ended: what was pending is now what a GET shows."""
    pending = record.private.pop("pending", {})
    if "traffic" in pending and (lag := ml.azure.clock.lag):
        old = {name: record.properties[name] for name in ("traffic", "mirrorTraffic")}
        record.private["stale"] = {"until": (ml.azure.clock.now() + lag).isoformat(), "properties": old}
    for name in ("traffic", "mirrorTraffic", "description", "publicNetworkAccess"):
        if name in pending:
            record.properties[name] = pending[name]
    if "tags" in pending:
        record.document["tags"] = pending["tags"]
    record.properties.update(uris(ml, record))
    end(ml, record, "Succeeded")


def end(ml: MachineLearning, record: Record, state: str) -> None:
    """Store the endpoint in its final state."""
    record.private.pop("pending", None)
    record.properties["provisioningState"] = state
    record.document["systemData"] = system_data(ml.azure, record.document["systemData"])
    ml.azure.store.put(record)


def shown(ml: MachineLearning, record: Record, version: str) -> dict[str, Any]:
    """The document as readers see it: for a while after a success they see the maps of before (facts T4).

    The first api-versions know no mirror and no public network access (recorded).
    """
    properties = record.properties
    stale = record.private.get("stale")
    if stale is not None and ml.azure.clock.now() < datetime.fromisoformat(stale["until"]):
        properties = {**properties, **stale["properties"]}
    if version < "2022-02":
        properties = {name: value for name, value in properties.items() if name not in LATER}
    return {**record.document, "properties": properties}


def uris(ml: MachineLearning, endpoint: Record) -> dict[str, str]:
    """Where the endpoint is called; the port is that of this run's gateway."""
    uri = ml.serving.scoring_uri(endpoint.name)
    return {"scoringUri": uri, "swaggerUri": f"{uri.rsplit('/', 1)[0]}/swagger.json"}


def new_key() -> str:
    """A random endpoint key."""
    return secrets.token_urlsafe(24)


def _new(ml: MachineLearning, workspace: Record, endpoint: ResourceId, sent: EndpointBody) -> Record:
    properties = sent.properties
    managed = properties.compute is None
    limits.check_name("endpoint", endpoint.name)
    everywhere = ml.azure.store.of_type(names.ENDPOINT)
    if any(other.name.lower() == endpoint.name.lower() for other in everywhere):
        raise invalid_request(workspace, f"{TAKEN} Try some other name.", timestamp(ml.azure.clock.now()))
    limits.check_count("endpoints in a region", len(everywhere) + 1, limits.ENDPOINTS)
    if any((properties.traffic or {}).values()) or any((properties.mirror_traffic or {}).values()):
        raise bad_traffic("Traffic cannot be set while the endpoint is created: it has no deployment yet.")
    auth = _auth_mode(properties.auth_mode)
    if properties.compute is not None:
        check_of_endpoint(ml.azure, workspace, properties.compute)
    if auth == "AADToken" and not managed:
        raise bad_request("BadArgument", "authMode AADToken is for managed endpoints only.")
    keys = properties.keys or Keys()
    document: dict[str, Any] = new_document(workspace, names.ENDPOINT, endpoint.name)
    own = {"azureml.onlineendpointid": document["id"].lower(), OPERATION_URI: ""}
    document["properties"] = {
        "description": properties.description,
        "properties": {**(properties.properties or {}), **own},
        "scoringUri": None,
        "swaggerUri": None,
        "authMode": auth,
        "provisioningState": "Creating",
        "compute": properties.compute,
        "traffic": {},
        "mirrorTraffic": {},
        "publicNetworkAccess": properties.public_network_access or "Enabled",
    }
    document |= {"systemData": system_data(ml.azure, None), "tags": sent.tags or {}}
    document |= {"location": normal_location(sent.location)}
    document |= {"kind": "Managed" if managed else "K8S"}
    identity = identity_document(ml.azure, sent.identity or Identity(type="SystemAssigned"), None)
    if identity is not None and "principalId" not in identity:  # recorded: of a user-assigned one alone
        identity |= {"principalId": NOBODY, "tenantId": ml.azure.tenant}
    document["identity"] = identity
    private = {"keys": {"primaryKey": keys.primary_key or new_key(), "secondaryKey": keys.secondary_key or new_key()}}
    return Record(names.ENDPOINT, workspace.id, document, private)


def _changed(ml: MachineLearning, record: Record, sent: EndpointBody) -> Record:
    not_busy(record)
    keep_place(record, sent.location)
    _auth_mode(sent.properties.auth_mode)
    _keep_identity(record, sent.identity)
    has = record.properties
    properties = sent.properties
    if properties.compute is not None and (has["compute"] or "").lower() != properties.compute.lower():
        raise bad_request("BadArgument", f"The compute of endpoint '{record.name}' cannot change.")
    ready = {d.name.lower() for d in ml.azure.store.children(record.id, names.DEPLOYMENT) if d.private.get("serving")}
    traffic, mirror = canonical(properties.traffic), canonical(properties.mirror_traffic)
    check_traffic(traffic, ready)
    check_mirror(mirror, traffic, ready, record.document["kind"] == "Managed")
    pending: dict[str, Any] = {"traffic": traffic, "mirrorTraffic": mirror, "tags": sent.tags or {}}
    if properties.description is not None:
        pending["description"] = properties.description
    if properties.public_network_access is not None:
        pending["publicNetworkAccess"] = properties.public_network_access
    has["properties"] |= {k: v for k, v in (properties.properties or {}).items() if k != "azureml.onlineendpointid"}
    record.private["pending"] = pending
    return record


def _auth_mode(sent: str) -> str:
    if (mode := AUTH_MODES.get(sent.lower())) is None:
        raise bad_request("BadArgument", f"authMode must be one of {', '.join(AUTH_MODES.values())}, got '{sent}'.")
    return mode


def _keep_identity(record: Record, sent: Identity | None) -> None:
    has = record.document["identity"] or {"type": "None"}
    if sent is None:
        return
    users = {user.lower() for user in sent.user_assigned_identities or {}}
    old = {user.lower() for user in has.get("userAssignedIdentities", {})}
    if sent.type.lower().replace(" ", "") != has["type"].lower().replace(" ", "") or users != old:
        raise bad_request(
            "BadArgument", f"The identity of endpoint '{record.name}' cannot change (it is {has['type']})."
        )
