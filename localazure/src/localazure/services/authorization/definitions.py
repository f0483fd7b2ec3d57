"""Custom role definitions: what a PUT may say. They belong to the subscription, in whatever scope they are written."""

import re

from localazure.arm.bodies import Body, Child, Text, check
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request, conflict
from localazure.arm.ids import ResourceId
from localazure.arm.operations import timestamp
from localazure.services.authorization.models import BUILT_IN, DEFINITIONS_TYPE, TYPE, definition_id, is_guid
from localazure.store import Record

ACTION = re.compile(r"\*|[A-Za-z.]+/[A-Za-z0-9./*]+")


class Permission(Body):
    """What a role may do; `*` stands for any part of an action."""

    actions: list[Text] | None = None
    not_actions: list[Text] | None = None
    data_actions: list[Text] | None = None
    not_data_actions: list[Text] | None = None


class Properties(Body):
    """Properties of a role definition."""

    read_only = frozenset({"createdOn", "createdBy", "updatedOn", "updatedBy"})
    role_name: Text
    type: Text | None = None
    description: Text | None = None
    permissions: list[Permission]
    assignable_scopes: list[Text]


class DefinitionBody(Child):
    """PUT of a role definition."""

    properties: Properties


def put_definition(azure: Azure, role: ResourceId, body: object) -> Record:
    """Create or replace; its name is a GUID, its scopes are there, and no other role has its display name."""
    sent = check(DefinitionBody, body).properties
    if not is_guid(role.name):
        raise bad_request("InvalidRoleDefinitionId", f"A role definition's name is a GUID, got '{role.name}'.")
    if role.name.lower() in BUILT_IN or (sent.type or "CustomRole") != "CustomRole":
        raise bad_request("BadRequestFormat", "Only custom roles can be written.")
    for scope in sent.assignable_scopes:
        if scope.lower() != f"/subscriptions/{azure.subscription}".lower() and azure.store.get(scope) is None:
            raise bad_request("InvalidAssignableScope", f"The assignable scope '{scope}' does not exist.")
    for permission in sent.permissions:
        for action in [*(permission.actions or []), *(permission.not_actions or [])]:
            if ACTION.fullmatch(action) is None:
                raise bad_request("InvalidActionOrNotAction", f"'{action}' does not match any of the actions.")
    place = definition_id(azure, role.name)
    for other in azure.store.of_type(DEFINITIONS_TYPE, f"/subscriptions/{azure.subscription}"):
        if other.properties["roleName"].lower() == sent.role_name.lower() and other.key != place.lower():
            message = f"A role definition cannot be updated or created: the name '{sent.role_name}' is taken."
            raise conflict("RoleDefinitionWithSameNameExists", message)
    before, now = azure.store.get(place), timestamp(azure.clock.now())
    created = before.properties["createdOn"] if before else now
    properties = {"description": "", "type": "CustomRole", **sent.sent(), "createdOn": created, "updatedOn": now}
    document = {"id": place, "name": role.name.lower(), "type": DEFINITIONS_TYPE, "properties": properties}
    record = Record(DEFINITIONS_TYPE, f"/subscriptions/{azure.subscription}", document)
    azure.store.put(record)
    return record


def delete_definition(azure: Azure, role: ResourceId) -> Record | None:
    """Delete a custom role; None where there is none. Refused while it is assigned."""
    if role.name.lower() in BUILT_IN:
        raise ArmError(403, "AuthorizationFailed", "A built-in role cannot be deleted.")
    if (record := azure.store.get(definition_id(azure, role.name))) is None:
        return None
    for assignment in azure.store.of_type(TYPE, f"/subscriptions/{azure.subscription}"):
        if assignment.properties["roleDefinitionId"].lower().endswith(f"/{role.name.lower()}"):
            message = f"There are existing role assignments referencing role: '{assignment.id}'."
            raise bad_request("RoleDefinitionHasAssignments", message)
    azure.store.delete(record.id)
    return record
