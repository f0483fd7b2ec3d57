"""Microsoft.Resources over HTTP."""

from localazure.arm.catalog import NO_BODY, Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, group_not_found
from localazure.arm.ids import GROUP_TYPE, SUBSCRIPTION_TYPE
from localazure.arm.operations import new_guid
from localazure.arm.resources import require
from localazure.services.resources.models import delete_worker, mark_deleting, put_group

RESULTS_TYPE = "Microsoft.Resources/operationresults"


def resource_types(azure: Azure) -> list[ResourceType]:
    """Subscriptions, resource groups, and where their deletion is polled."""
    azure.operations.register(GROUP_TYPE, {"delete": lambda operation: delete_worker(azure, operation)})
    subscription = {
        "id": f"/subscriptions/{azure.subscription}",
        "subscriptionId": azure.subscription,
        "tenantId": azure.tenant,
        "displayName": "Local Azure",
        "state": "Enabled",
    }

    async def get_subscription(call: Call) -> Reply:
        del call
        return Reply(200, subscription)

    async def list_subscriptions(call: Call) -> Reply:
        del call
        return Reply(200, {"value": [subscription]})

    async def put(call: Call) -> Reply:
        record, is_new = put_group(azure, call.id, call.body)
        return Reply(201 if is_new else 200, record.document)

    async def get(call: Call) -> Reply:
        return Reply(200, require(azure, call.id).document)

    async def head(call: Call) -> Reply:
        if azure.store.get(call.id.text) is None:
            raise group_not_found(call.id.name)
        return Reply(204, NO_BODY)

    async def delete(call: Call) -> Reply:
        with azure.store.transaction():
            record = mark_deleting(azure, call.id)
            token = new_guid()
            path = f"/subscriptions/{azure.subscription}/operationresults/{token}"
            azure.operations.begin("delete", record.id, GROUP_TYPE, lambda _: (path, path), token)
        return Reply(202, NO_BODY, {"location": f"{azure.url}{path}?api-version={call.api_version}"})

    async def results(call: Call) -> Reply:
        operation = azure.operations.find(call.id.name)
        if operation is None:
            raise ArmError(404, "OperationNotFound", f"There is no operation '{call.id.name}'.")
        if operation.error:
            raise ArmError(409, operation.error["code"], operation.error["message"])
        here = {"location": f"{azure.url}{operation.result_url}?api-version={call.api_version}"}
        return Reply(202, NO_BODY, here) if operation.running else Reply(200, NO_BODY)

    async def list_groups(call: Call) -> Reply:
        return Reply(200, {"value": [r.document for r in azure.store.of_type(GROUP_TYPE, call.id.text)]})

    async def list_resources(call: Call) -> Reply:
        scope = require(azure, call.id).id if call.id.group else call.id.text
        fields = ("id", "name", "type", "location", "tags", "kind", "sku", "identity")
        found = [
            r for r in azure.store.subtree(scope) if r.type.lower() != GROUP_TYPE.lower() and "location" in r.document
        ]
        return Reply(200, {"value": [{k: r.document[k] for k in fields if k in r.document} for r in found]})

    methods = {"GET": get, "PUT": put, "HEAD": head, "DELETE": delete}
    return [
        ResourceType(SUBSCRIPTION_TYPE, {"GET": get_subscription}, list_subscriptions),
        ResourceType(GROUP_TYPE, methods, list_groups),
        ResourceType("Microsoft.Resources/resources", {}, list_resources),
        ResourceType(RESULTS_TYPE, {"GET": results}),
    ]
