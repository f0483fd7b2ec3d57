"""Role assignments: what a PUT may say. They are stored, and not enforced."""

import re
from typing import Any

from localazure.arm.bodies import Body, Text, check
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request, conflict
from localazure.arm.ids import ResourceId, parse_id
from localazure.arm.operations import timestamp
from localazure.store import Record

TYPE = "Microsoft.Authorization/roleAssignments"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DEFINITIONS_TYPE = "Microsoft.Authorization/roleDefinitions"

# Source: Microsoft's list of Azure built-in roles; those that serving a model has use for.
BUILT_IN = {
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "f6c7c914-8db3-469d-8ca1-694a8f32e121": "AzureML Data Scientist",
    "635dd51f-9968-44d3-b7fb-6d9a6bd613ae": "AzureML Metrics Writer (preview)",
    "69566ab7-960f-475b-8e7c-b3118f30c6bd": "Storage File Data Privileged Contributor",
    "4d97b98b-1d4f-4787-a291-c67834d212e7": "Network Contributor",
}


UPDATE_NOT_PERMITTED = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."


class Properties(Body):
    """Properties of a role assignment."""

    read_only = frozenset({"scope", "createdOn", "createdBy", "updatedOn", "updatedBy"})
    role_definition_id: Text
    principal_id: Text
    principal_type: Text | None = None
    condition: Text | None = None
    condition_version: Text | None = None
    delegated_managed_identity_resource_id: Text | None = None
    description: Text | None = None


class AssignmentBody(Body):
    """PUT of a role assignment."""

    read_only = frozenset({"id", "name", "type"})
    properties: Properties


def definition_document(azure: Azure, role: str) -> dict[str, Any] | None:
    """A built-in role or one of the subscription's own by its GUID, or None."""
    place = definition_id(azure, role)
    if (name := BUILT_IN.get(role.lower())) is None:
        own = azure.store.get(place)
        return own.document if own else None
    properties = {"roleName": name, "type": "BuiltInRole", "assignableScopes": ["/"]}
    return {"id": place, "name": role.lower(), "type": DEFINITIONS_TYPE, "properties": properties}


def definition_id(azure: Azure, role: str) -> str:
    """Where a role is: in the subscription, whatever scope it was written in."""
    return f"/subscriptions/{azure.subscription}/providers/{DEFINITIONS_TYPE}/{role.lower()}"


def put_assignment(azure: Azure, assignment: ResourceId, body: object) -> Record:
    """Assign a role. An assignment of the same name may say the same again; who, what and where never change.

    Another name for the same principal, role and scope is 409. Source: Azure RBAC, troubleshoot (both texts).
    """
    sent = check(AssignmentBody, body).properties
    scope = assignment.scope
    if (target := parse_id(scope)) is None or (not _is_subscription(azure, scope) and azure.store.get(scope) is None):
        what = target.text if target else scope
        raise ArmError(404, "ResourceNotFound", f"The scope '{what}' of the role assignment was not found.")
    if not (is_guid(assignment.name) and is_guid(sent.principal_id)):
        what = "role assignment ID" if is_guid(sent.principal_id) else "principal ID"
        code = "InvalidRoleAssignmentId" if is_guid(sent.principal_id) else "InvalidPrincipalId"
        raise bad_request(code, f"The {what} of '{assignment.name}' is not valid. It must be a GUID.")
    role = parse_id(sent.role_definition_id)
    if role is None or role.type.lower() != DEFINITIONS_TYPE.lower() or definition_document(azure, role.name) is None:
        message = (
            f"The specified role definition '{sent.role_definition_id}' does not exist (or is not modelled locally)."
        )
        raise bad_request("RoleDefinitionDoesNotExist", message)
    before = azure.store.get(assignment.text)
    for other in [before] if before else azure.store.of_type(TYPE, scope):
        has = other.properties
        same = has["principalId"] == sent.principal_id and _same_role(has["roleDefinitionId"], sent.role_definition_id)
        if before is None and same and has["scope"].lower() == scope.lower():
            raise conflict("RoleAssignmentExists", f"The role assignment already exists: '{other.name}'.")
        if before is not None and not same:
            raise bad_request("RoleAssignmentUpdateNotPermitted", UPDATE_NOT_PERMITTED)
    now = timestamp(azure.clock.now())
    properties = {
        "scope": scope,
        "principalType": "ServicePrincipal",
        **sent.sent(),
        "createdOn": before.properties["createdOn"] if before else now,
        "updatedOn": now,
    }
    document = {"id": assignment.text, "name": assignment.name, "type": TYPE, "properties": properties}
    record = Record(TYPE, scope, document)
    azure.store.put(record)
    return record


def _same_role(one: str, other: str) -> bool:
    """Built-in roles are named with and without a subscription."""
    return one.rsplit("/", 1)[1].lower() == other.rsplit("/", 1)[1].lower()


def is_guid(text: str) -> bool:
    """Whether it is a GUID as Azure writes them."""
    return GUID.fullmatch(text) is not None


def _is_subscription(azure: Azure, scope: str) -> bool:
    return scope.lower() == f"/subscriptions/{azure.subscription}".lower()
