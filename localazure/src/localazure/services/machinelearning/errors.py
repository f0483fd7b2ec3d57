"""Errors of the service. Where the recordings show none, the text is ours and DEVIATIONS.md says so ('open')."""

import json
import secrets
from typing import Any

from localazure.arm.errors import ArmError, OperationFailed, bad_request, conflict
from localazure.arm.ids import ResourceId
from localazure.arm.operations import Operation, new_guid
from localazure.store import Record


def busy(what: str, name: str, state: str) -> ArmError:
    """409 while an operation is under way (facts T13)."""
    return conflict(
        "Conflict", f"The {what} '{name}' is {state.lower()}: wait until that operation has ended, then try again."
    )


def endpoint_busy(endpoint: str, state: str) -> ArmError:
    """409 for a deployment on an endpoint that is under way (Azure/azure-sdk-for-net#36961)."""
    return conflict(
        "Conflict", f"Cannot create a deployment in endpoint {endpoint} because it is in {state} provisioning state."
    )


def bad_traffic(message: str) -> ArmError:
    """400 for a traffic or mirror map that cannot be (facts T6, T8, T10)."""
    return bad_request("BadRequest", message)


def invalid_name(what: str, name: str, expected: str) -> ArmError:
    """400 for a name that cannot be."""
    return bad_request("BadArgument", f"The {what} name '{name}' is invalid: {expected}.")


def over_limit(message: str) -> ArmError:
    """400 for a value beyond what the service takes."""
    return bad_request("BadArgument", message)


def asset_not_found(kind: str, reference: str, where: str = "this workspace") -> ArmError:
    """400 for an asset that a deployment names and that is not registered."""
    return bad_request("BadArgument", f"The {kind} '{reference}' is not registered in {where}.")


def immutable(kind: str, name: str, version: str, what: str) -> ArmError:
    """409 for a registered version that would change."""
    return conflict("AssetIsImmutable", f"{kind} {name}:{version} is registered already, and its {what} cannot change.")


def service_not_found(workspace: Record, deployment: ResourceId, now: str) -> ArmError:
    """The service's own 404 (recorded), which it gives right after a deletion, while the gateway knows the resource."""
    _, endpoint, name = deployment.names
    place = f"Subscription: {deployment.subscription}, ResourceGroup: {deployment.group}, Workspace: {workspace.name}"
    text = f"There is no service with name: {name}-{endpoint} in {place}, "
    text += f"ACR: {workspace.properties.get('containerRegistry') or ''}"
    more = _about(workspace, now)
    return ArmError(404, "NotFound", "The specified resource was not found.", [_detail("NoSuchService", text)], more)


def invalid_request(workspace: Record, text: str, now: str) -> ArmError:
    """The service's own 400 (reported by many): what is wrong is JSON in the detail."""
    problem = json.dumps({"errors": {"": [text]}, "title": "One or more validation errors occurred."})
    detail = _detail("InferencingClientCallFailed", problem)
    return ArmError(400, "BadRequest", "The request is invalid.", [detail], _about(workspace, now))


def _detail(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "details": [], "additionalInfo": []}


def _about(workspace: Record, now: str) -> list[dict[str, Any]]:
    """What the service adds to its own errors: who says it, where, when."""
    location = workspace.document["location"]
    info = {
        "ComponentName": "managementfrontend",
        "Correlation": {"operation": secrets.token_hex(16), "request": secrets.token_hex(8)},
        "Environment": location,
        "Location": location,
        "Time": now,
    }
    return [{"type": kind, "info": {"value": value}} for kind, value in info.items()]


def traffic_blocks_delete(
    operation: Operation, endpoint: str, deployment: str, weight: int, mirrored: bool
) -> OperationFailed:
    """How the deletion of a deployment with live traffic ends (recorded on Kubernetes); a mirror's wording is ours."""
    kind = "mirror traffic" if mirrored else "traffic"
    quoted = (
        f"\"Can't delete deployment [{deployment}] with non-zero {kind} weight, Current {kind} [{weight}]. "
        f'Remove the {kind} for this deployment on endpoint [{endpoint}] and try again"'
    )
    error: dict[str, Any] = {"code": "InferencingClientCallFailed", "statusCode": 400, "message": quoted, "details": []}
    workspace = operation.target.split("/onlineEndpoints/")[0]
    info = {
        "id": operation.name.rsplit(":", 1)[1],
        "operationType": "AmlArcService",
        "state": "Failed",
        "createdTime": operation.started,
        "endTime": operation.started,
        "error": error,
        "resourceLocation": f"/api{workspace}/services/{deployment}-{endpoint}",
        "operationLog": "",
        "parentRequestId": new_guid(),
    }
    more = [{"type": "MmsOperation", "info": info}]
    return OperationFailed(error["code"], quoted, details=[], additionalInfo=more)


def deployment_failed(message: str, log: str) -> OperationFailed:
    """How the creation of a deployment ends whose container does not come up: the log belongs to the message."""
    text = f"{message}\n\nContainer logs:\n{log}" if log else message
    details: list[dict[str, Any]] = [{"code": "ContainerLogs", "message": log}] if log else []
    return OperationFailed("UserError", text, details=details)
