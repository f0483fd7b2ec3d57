"""Microsoft.Authorization over HTTP."""

from localazure.arm.catalog import NO_BODY, Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError
from localazure.services.authorization.definitions import delete_definition, put_definition
from localazure.services.authorization.models import (
    BUILT_IN,
    DEFINITIONS_TYPE,
    TYPE,
    definition_document,
    put_assignment,
)


def resource_types(azure: Azure) -> list[ResourceType]:
    """Role assignments on any scope; role definitions, built-in and custom."""

    async def put(call: Call) -> Reply:
        return Reply(201, put_assignment(azure, call.id, call.body).document)

    async def get(call: Call) -> Reply:
        if (record := azure.store.get(call.id.text)) is None:
            raise ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{call.id.name}' is not found.")
        return Reply(200, record.document)

    async def delete(call: Call) -> Reply:
        if (record := azure.store.get(call.id.text)) is None:
            return Reply(204, NO_BODY)
        azure.store.delete(call.id.text)
        return Reply(200, record.document)

    async def list_assignments(call: Call) -> Reply:
        return Reply(200, {"value": [record.document for record in azure.store.of_type(TYPE, call.id.text)]})

    async def get_definition(call: Call) -> Reply:
        if (document := definition_document(azure, call.id.name)) is None:
            raise ArmError(404, "RoleDefinitionDoesNotExist", f"The role definition '{call.id.name}' is not modelled.")
        return Reply(200, document)

    async def put_role(call: Call) -> Reply:
        return Reply(201, put_definition(azure, call.id, call.body).document)

    async def delete_role(call: Call) -> Reply:
        record = delete_definition(azure, call.id)
        return Reply(204, NO_BODY) if record is None else Reply(200, record.document)

    async def list_definitions(call: Call) -> Reply:
        wanted = call.query.get("$filter", "").lower()
        own = [record.name for record in azure.store.of_type(DEFINITIONS_TYPE, f"/subscriptions/{azure.subscription}")]
        documents = [definition_document(azure, role) for role in [*BUILT_IN, *own]]
        named = [d for d in documents if d and (not wanted or f"'{d['properties']['roleName']}'".lower() in wanted)]
        return Reply(200, {"value": named})

    return [
        ResourceType(TYPE, {"GET": get, "PUT": put, "DELETE": delete}, list_assignments),
        ResourceType(
            DEFINITIONS_TYPE,
            {"GET": get_definition, "PUT": put_role, "DELETE": delete_role},
            list_definitions,
            filters=True,
        ),
    ]
