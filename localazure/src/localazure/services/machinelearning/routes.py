"""Online endpoints, deployments and operations over HTTP; the service's whole catalogue."""

from localazure.arm.catalog import NO_BODY, Call, Reply, ResourceType
from localazure.arm.errors import ArmError
from localazure.arm.operations import Operation, status_document
from localazure.services.machinelearning import deployments, endpoints, keys, names
from localazure.services.machinelearning.asset_routes import asset_types, workspace_types
from localazure.services.machinelearning.compute_routes import compute_types
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.listing import ordered, select_endpoints, skus
from localazure.services.machinelearning.registries import registry_type
from localazure.store import Record


def resource_types(ml: MachineLearning, make_token: keys.TokenMaker) -> list[ResourceType]:
    """Everything of the provider that is modelled."""
    return [
        *workspace_types(ml),
        *asset_types(ml),
        registry_type(ml.azure),
        *compute_types(ml.azure),
        _endpoint_type(ml, make_token),
        *_deployment_types(ml),
        *_operation_types(ml),
    ]


def _begun(ml: MachineLearning, record: Record, operation: Operation, body: object, call: Call) -> Reply:
    """201 for every PUT, new or not (recorded)."""
    return Reply(201, body, ml.accepted(operation, record.id, call.api_version))


def _accepted(ml: MachineLearning, operation: Operation, call: Call) -> Reply:
    """202 with the JSON `null` (recorded of DELETE)."""
    return Reply(202, None, ml.accepted(operation, operation.result_url, call.api_version))


def _endpoint_type(ml: MachineLearning, make_token: keys.TokenMaker) -> ResourceType:
    async def put(call: Call) -> Reply:
        record, operation = endpoints.put_endpoint(ml, call.id, call.body, call.api_version)
        return _begun(ml, record, operation, endpoints.shown(ml, record, call.api_version), call)

    async def patch(call: Call) -> Reply:
        record, operation = endpoints.patch_endpoint(ml, call.id, call.body, call.api_version)
        shown = endpoints.shown(ml, record, call.api_version)
        return Reply(202, shown, ml.accepted(operation, operation.result_url, call.api_version))

    async def get(call: Call) -> Reply:
        return Reply(200, endpoints.shown(ml, endpoints.get_endpoint(ml, call.id), call.api_version))

    async def delete(call: Call) -> Reply:
        ml.workspace_of(call.id)
        if ml.azure.store.get(call.id.text) is None:
            return Reply(204, NO_BODY)
        record = endpoints.get_endpoint(ml, call.id)
        endpoints.not_busy(record)
        return _accepted(ml, endpoints.start(ml, record, "delete", call.api_version), call)

    async def listed(call: Call) -> Reply:
        workspace = ml.workspace_of(call.id, type_name=call.type)
        records = select_endpoints(ml.azure.store.children(workspace.id, names.ENDPOINT), call.query)
        return Reply(200, {"value": [endpoints.shown(ml, record, call.api_version) for record in records]})

    async def list_keys(call: Call) -> Reply:
        return Reply(200, keys.list_keys(endpoints.get_endpoint(ml, call.id)))

    async def regenerate(call: Call) -> Reply:
        record = endpoints.get_endpoint(ml, call.id)
        return _accepted(ml, keys.regenerate(ml, record, call.body, call.api_version), call)

    async def token(call: Call) -> Reply:
        return Reply(200, keys.token(ml, endpoints.get_endpoint(ml, call.id), make_token))

    methods = {"GET": get, "PUT": put, "PATCH": patch, "DELETE": delete}
    actions = {"listKeys": list_keys, "regenerateKeys": regenerate, "token": token}
    return ResourceType(names.ENDPOINT, methods, listed, actions)


def _deployment_types(ml: MachineLearning) -> list[ResourceType]:
    async def put(call: Call) -> Reply:
        record, operation = deployments.put_deployment(ml, call.id, call.body, call.api_version)
        return _begun(ml, record, operation, deployments.shown(record, call.api_version), call)

    async def patch(call: Call) -> Reply:
        record, operation = deployments.patch_deployment(ml, call.id, call.body, call.api_version)
        headers = ml.accepted(operation, operation.result_url, call.api_version)
        return Reply(202, deployments.shown(record, call.api_version), headers)

    async def get(call: Call) -> Reply:
        return Reply(200, deployments.shown(deployments.get_deployment(ml, call.id), call.api_version))

    async def delete(call: Call) -> Reply:
        endpoint = endpoints.get_endpoint(ml, call.id)
        if (record := ml.azure.store.get(call.id.text)) is None:
            return Reply(204, NO_BODY)
        endpoints.not_busy(endpoint)
        deployments.refuse_busy(record)
        return _accepted(ml, deployments.start(ml, record, "delete", call.api_version), call)

    async def listed(call: Call) -> Reply:
        endpoint = endpoints.get_endpoint(ml, call.id)
        records = ordered(ml.azure.store.children(endpoint.id, names.DEPLOYMENT), call.query.get("$orderby", ""))
        return Reply(200, {"value": [deployments.shown(record, call.api_version) for record in records]})

    async def logs(call: Call) -> Reply:
        return Reply(200, keys.logs(ml, deployments.get_deployment(ml, call.id), call.body))

    async def list_skus(call: Call) -> Reply:
        return Reply(200, {"value": skus(deployments.get_deployment(ml, call.id))})

    methods = {"GET": get, "PUT": put, "PATCH": patch, "DELETE": delete}
    deployment = ResourceType(names.DEPLOYMENT, methods, listed, {"getLogs": logs})
    return [deployment, ResourceType(names.SKUS, {}, list_skus)]


def _operation_types(ml: MachineLearning) -> list[ResourceType]:
    def find(call: Call) -> Operation:
        if (operation := ml.azure.operations.find(call.id.name)) is None:
            raise ArmError(404, "NotFound", f"There is no operation '{call.id.name}'.")
        return operation

    async def status(call: Call) -> Reply:
        return Reply(200, status_document(find(call)))

    async def result(call: Call) -> Reply:
        operation = find(call)
        if operation.running:
            return Reply(202, None, {"location": ml.link(operation.result_url, call.api_version)})
        if operation.error:
            raise ArmError(409, operation.error["code"], operation.error["message"])
        return Reply(204, NO_BODY)

    return [ResourceType(names.STATUS, {"GET": status}), ResourceType(names.RESULTS, {"GET": result})]
