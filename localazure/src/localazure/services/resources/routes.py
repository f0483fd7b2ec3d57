"""Microsoft.Resources over HTTP."""

import re

from localazure.arm.catalog import NO_BODY, Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, group_not_found, not_modelled
from localazure.arm.ids import GROUP_TYPE, SUBSCRIPTION_TYPE
from localazure.arm.operations import new_guid
from localazure.arm.resources import require
from localazure.services.resources.models import delete_worker, mark_deleting, patch_group, put_group

RESOURCES_TYPE = "Microsoft.Resources/resources"
RESULTS_TYPE = "Microsoft.Resources/operationresults"
CONDITION = re.compile(r"(\w+)\s+eq\s+'([^']*)'", re.IGNORECASE)
FILTERED = {"resourcetype": "type", "name": "name", "location": "location"}
LISTED = ("id", "name", "type", "location", "tags", "kind", "sku", "identity")


def resource_types(azure: Azure) -> list[ResourceType]:
    """Subscriptions, resource groups, what is in them, and where their deletion is polled."""
    azure.operations.register(GROUP_TYPE, {"delete": lambda operation: delete_worker(azure, operation)})
    return [_subscription_type(azure), *_group_types(azure), _results_type(azure)]


def _subscription_type(azure: Azure) -> ResourceType:
    subscription = {
        "id": f"/subscriptions/{azure.subscription}",
        "subscriptionId": azure.subscription,
        "tenantId": azure.tenant,
        "displayName": "Local Azure",
        "state": "Enabled",
    }

    async def get(call: Call) -> Reply:
        del call
        return Reply(200, subscription)

    async def listed(call: Call) -> Reply:
        del call
        return Reply(200, {"value": [subscription]})

    return ResourceType(SUBSCRIPTION_TYPE, {"GET": get}, listed)


def _group_types(azure: Azure) -> list[ResourceType]:
    async def put(call: Call) -> Reply:
        record, is_new = put_group(azure, call.id, call.body)
        return Reply(201 if is_new else 200, record.document)

    async def get(call: Call) -> Reply:
        return Reply(200, require(azure, call.id).document)

    async def patch(call: Call) -> Reply:
        return Reply(200, patch_group(azure, call.id, call.body).document)

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

    async def listed(call: Call) -> Reply:
        return Reply(200, {"value": [record.document for record in azure.store.of_type(GROUP_TYPE, call.id.text)]})

    async def list_resources(call: Call) -> Reply:
        scope = require(azure, call.id).id if call.id.group else call.id.text
        groups = GROUP_TYPE.lower()
        found = [r.document for r in azure.store.subtree(scope) if r.type != groups and "location" in r.document]
        wanted = filter_of(call.query.get("$filter", ""))
        found = [each for each in found if all(str(each[name]).lower() == value for name, value in wanted.items())]
        return Reply(
            200, {"value": [{name: document[name] for name in LISTED if name in document} for document in found]}
        )

    methods = {"GET": get, "PUT": put, "PATCH": patch, "HEAD": head, "DELETE": delete}
    return [ResourceType(GROUP_TYPE, methods, listed), ResourceType(RESOURCES_TYPE, {}, list_resources, filters=True)]


def filter_of(text: str) -> dict[str, str]:
    """`resourceType eq 'a/b' and name eq 'c'`: values in lower case by property. Raises ArmError 400 for others."""
    wanted: dict[str, str] = {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text.strip() else ():
        match = CONDITION.fullmatch(part)
        if match is None or match[1].lower() not in FILTERED:
            raise not_modelled(
                f"the filter '{text}' of resources; it takes resourceType, name and location, each with eq"
            )
        wanted[FILTERED[match[1].lower()]] = match[2].lower()
    return wanted


def _results_type(azure: Azure) -> ResourceType:
    async def get(call: Call) -> Reply:
        operation = azure.operations.find(call.id.name)
        if operation is None:
            raise ArmError(404, "OperationNotFound", f"There is no operation '{call.id.name}'.")
        if operation.error:
            raise ArmError(409, operation.error["code"], operation.error["message"])
        here = {"location": f"{azure.url}{operation.result_url}?api-version={call.api_version}"}
        return Reply(202, NO_BODY, here) if operation.running else Reply(200, NO_BODY)

    return ResourceType(RESULTS_TYPE, {"GET": get})
