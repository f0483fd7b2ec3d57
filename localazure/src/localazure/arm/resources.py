"""What all tracked resources have in common: their place, their document, and plain synchronous handlers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localazure.arm.bodies import Body, Identity, Tags, check, normal_location
from localazure.arm.catalog import NO_BODY, Call, Handler, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request, conflict, group_not_found, parent_not_found, resource_not_found
from localazure.arm.ids import GROUP_TYPE, ResourceId
from localazure.arm.operations import new_guid, timestamp
from localazure.create_only import refused_change
from localazure.store import Record


def require(azure: Azure, resource_id: ResourceId) -> Record:
    """The stored resource; raises the 404 that ARM gives for a missing group, parent or resource."""
    if (record := azure.store.get(resource_id.text)) is not None:
        return record
    if resource_id.type == GROUP_TYPE:
        raise group_not_found(resource_id.name)
    require_group(azure, resource_id)
    raise resource_not_found(resource_id.type, resource_id.names, resource_id.group)


def require_group(azure: Azure, resource_id: ResourceId) -> Record:
    """The resource's group; raises 404 where it is missing and 409 while it is being deleted."""
    group = f"/subscriptions/{resource_id.subscription}/resourceGroups/{resource_id.group}"
    if (record := azure.store.get(group)) is None:
        raise group_not_found(resource_id.group)
    if record.properties.get("provisioningState") == "Deleting":
        raise conflict(
            "ResourceGroupBeingDeleted",
            f"The resource group '{record.name}' is in deprovisioning state and cannot perform this operation.",
        )
    return record


def require_parent(azure: Azure, resource_id: ResourceId, verb: str = "write") -> Record:
    """The parent of a resource that is to be written: its group, or the resource it is nested in or extends."""
    group = require_group(azure, resource_id)
    if resource_id.parent.lower() == group.key:
        return group
    if (parent := azure.store.get(resource_id.parent)) is None:
        raise parent_not_found(verb, resource_id.type, resource_id.parent)
    return parent


def new_document(parent: Record, type_name: str, name: str, location: str = "") -> dict[str, Any]:
    """The start of a new resource's document: its id keeps the spelling of the parent's."""
    kind = type_name.rsplit("/", 1)[1]
    provider = (
        "" if type_name.lower().startswith(f"{parent.type.lower()}/") else f"/providers/{type_name.split('/', 1)[0]}"
    )
    document = {"id": f"{parent.id}{provider}/{kind}/{name}", "name": name, "type": type_name}
    return document | ({"location": normal_location(location)} if location else {})


def keep_place(record: Record, location: str) -> None:
    """Raises 409 when a resource would move to another location."""
    if (has := record.document.get("location", "")) != normal_location(location):
        raise conflict(
            "InvalidResourceLocation",
            f"The resource '{record.name}' already exists in location '{has}'. A resource with the same name cannot be "
            f"created in location '{location}'. Please select a new resource name.",
        )


def identity_document(azure: Azure, sent: Identity | None, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The identity as a GET shows it: ids of principals are made once and then kept."""
    if sent is None or sent.type.lower() == "none":
        return None
    old = dict(before or {})
    document: dict[str, Any] = {"type": sent.type}
    if "systemassigned" in sent.type.lower():
        document |= {"principalId": old.get("principalId") or new_guid(), "tenantId": azure.tenant}
    if sent.user_assigned_identities:
        users: dict[str, Any] = {}
        for user in sent.user_assigned_identities:
            if (known := azure.store.get(user)) is None:
                raise bad_request("FailedIdentityOperation", f"The user-assigned identity '{user}' does not exist.")
            users[user] = {"principalId": known.properties["principalId"], "clientId": known.properties["clientId"]}
        document["userAssignedIdentities"] = users
    return document


def system_data(azure: Azure, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Who and when, as the service shows it."""
    now = timestamp(azure.clock.now())
    return {"createdAt": before["createdAt"] if before else now, "createdBy": "local", "lastModifiedAt": now}


@dataclass(frozen=True, slots=True)
class Made:
    """What a model makes of a body: parts of the envelope (sku, kind…), properties, and what a GET never shows."""

    properties: dict[str, Any]
    envelope: dict[str, Any] = field(default_factory=dict)
    private: dict[str, Any] = field(default_factory=dict)


Build = Callable[[ResourceId, Any, Record | None], Made]


class PlainType:
    """A resource whose PUT is done at once: `created` when it is new, 200 when it is replaced.

    Some services never answer 201, and their clients take no 201: `created` is 200 then.
    """

    def __init__(self, azure: Azure, name: str, body: type[Body], build: Build, created: int = 201) -> None:
        self.azure = azure
        self.name = name
        self._body = body
        self._build = build
        self._created = created

    def resource_type(self, actions: Mapping[str, Handler] | None = None) -> ResourceType:
        """The declaration for the catalogue."""
        methods = {"GET": self.get, "PUT": self.put, "DELETE": self.delete}
        if "tags" in self._body.model_fields:
            methods["PATCH"] = self.patch
        return ResourceType(self.name, methods, self.list, actions or {})

    async def put(self, call: Call) -> Reply:
        """Create or replace."""
        record, is_new = self.made(call)
        self.azure.store.put(record)
        return Reply(self._created if is_new else 200, record.document)

    def made(self, call: Call) -> tuple[Record, bool]:
        """What the body makes of the resource, not stored yet, and whether it is new."""
        body = check(self._body, call.body)
        location = getattr(body, "location", "")
        parent = require_parent(self.azure, call.id)
        before = self.azure.store.get(call.id.text)
        if before is not None:
            keep_place(before, location)
            if (path := refused_change(self.name, before.document, body.sent())) is not None:
                raise self.fixed(before.name, path)
        made = self._build(call.id, body, before)
        document = dict(before.document) if before else new_document(parent, self.name, call.id.name, location)
        document |= {**made.envelope, "properties": made.properties}
        if "tags" in self._body.model_fields:
            document["tags"] = getattr(body, "tags", None) or {}
        identity = getattr(body, "identity", None)
        document["identity"] = identity_document(self.azure, identity, document.get("identity"))
        document = {key: value for key, value in document.items() if value is not None}
        record = Record(self.name, parent.id, document, {**(before.private if before else {}), **made.private})
        return record, before is None

    def fixed(self, name: str, path: str) -> ArmError:
        """What a PUT meets that changes what was fixed at creation; services that say it otherwise extend it."""
        return bad_request("PropertyChangeNotAllowed", f"Changing property '{path}' of '{name}' is not allowed.")

    async def get(self, call: Call) -> Reply:
        """Read."""
        return Reply(200, require(self.azure, call.id).document)

    async def patch(self, call: Call) -> Reply:
        """Change tags; other properties go by PUT."""
        sent = check(TagsOnly, call.body)
        record = require(self.azure, call.id)
        record.document["tags"] = sent.tags
        self.azure.store.put(record)
        return Reply(200, record.document)

    async def delete(self, call: Call) -> Reply:
        """Delete it with everything below; 204 where there is nothing."""
        require_group(self.azure, call.id)
        if self.azure.store.get(call.id.text) is None:
            return Reply(204, NO_BODY)
        self.azure.store.delete(call.id.text)
        return Reply(200, NO_BODY)

    async def list(self, call: Call) -> Reply:
        """All of a group or of the subscription."""
        return await listed(self.azure, self.name)(call)


class Nothing(Body):
    """An object with nothing in it: some clients send one."""


class TagsOnly(Body):
    """The body of a PATCH that changes tags."""

    tags: Tags
    properties: Nothing | None = None


def listed(azure: Azure, type_name: str) -> Callable[[Call], Awaitable[Reply]]:
    """A handler that lists a type in a group or in the subscription."""

    async def handler(call: Call) -> Reply:
        scope = f"/subscriptions/{call.id.subscription}"
        if call.id.group:
            scope = require_group(azure, call.id).id
        return Reply(200, {"value": [record.document for record in azure.store.of_type(type_name, scope)]})

    return handler


def missing(what: str) -> ArmError:
    """400 for a resource that a body names and that is not there."""
    return bad_request("InvalidResourceReference", what)
