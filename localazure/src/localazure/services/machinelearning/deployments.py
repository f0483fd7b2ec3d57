"""Deployments of an endpoint: how the document changes while an operation is carried out.

Recorded: `Updating` also on creation, the answer has the NEW values, defaults of probes and timeout appear after
success; on Kubernetes no sku is shown.
"""

from copy import deepcopy
from datetime import datetime
from typing import Any

from localazure.arm.bodies import check, normal_location
from localazure.arm.errors import bad_request, resource_not_found
from localazure.arm.ids import ResourceId
from localazure.arm.operations import Operation, timestamp
from localazure.arm.resources import keep_place, new_document, system_data
from localazure.services.machinelearning import limits, names
from localazure.services.machinelearning.computes import check_instance_type
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.deployment_bodies import (
    DeploymentBody,
    DeploymentPatch,
    capacity,
    kind,
    managed,
    new_properties,
    shows_sku,
)
from localazure.services.machinelearning.endpoints import BUSY, OPERATION_URI, get_endpoint, not_busy
from localazure.services.machinelearning.errors import busy, endpoint_busy, invalid_request, service_not_found
from localazure.services.machinelearning.references import check_servable
from localazure.store import Record

PROBE = {"failureThreshold": 30, "successThreshold": 1, "timeout": "PT2S", "period": "PT10S", "initialDelay": "PT10S"}
MANAGED_TIMEOUT = "PT5S"
GONE_SECONDS = 10.0
ENDED_BADLY = {"Failed", "Canceled"}
WORDS = {"description", "properties", "provisioningState"}


def get_deployment(ml: MachineLearning, deployment: ResourceId) -> Record:
    """The deployment; raises 404."""
    ml.workspace_of(deployment)
    if (record := ml.azure.store.get(deployment.text)) is None:
        if _was_here_just_now(ml, deployment):
            raise service_not_found(ml.workspace_of(deployment), deployment, timestamp(ml.azure.clock.now()))
        raise resource_not_found(names.DEPLOYMENT, deployment.names, deployment.group)
    return record


def put_deployment(ml: MachineLearning, deployment: ResourceId, body: object, version: str) -> tuple[Record, Operation]:
    """Create or replace. Returns the document to answer with and the operation that carries it out."""
    endpoint = get_endpoint(ml, deployment)
    sent = check(DeploymentBody, body)
    workspace = ml.workspace_of(deployment)
    before = ml.azure.store.get(deployment.text)
    if (problem := _unrecoverable(endpoint, before)) is not None:
        raise invalid_request(workspace, problem, timestamp(ml.azure.clock.now()))
    if (state := endpoint.properties["provisioningState"]) in BUSY:
        raise endpoint_busy(endpoint.name, state)
    _check(ml, endpoint, deployment, sent, before)
    check_servable(ml, workspace, sent.properties.sent())
    if before is not None:
        refuse_busy(before)
        keep_place(before, sent.location)
    document = dict(before.document) if before else new_document(endpoint, names.DEPLOYMENT, deployment.name)
    document["properties"] = new_properties(sent, document["id"], before.properties if before else None)
    document |= {"systemData": system_data(ml.azure, document.get("systemData")), "tags": sent.tags or {}}
    document |= {"location": normal_location(sent.location), "kind": kind(sent)}
    document.pop("sku", None)
    if shows_sku(sent):
        document["sku"] = {"name": "Default", "tier": "Standard", "capacity": capacity(sent)}
    record = Record(names.DEPLOYMENT, endpoint.id, document, before.private if before else {})
    kind_of_change = "create" if before is None else "update" if _runs_otherwise(before, record) else "relabel"
    return record, start(ml, record, kind_of_change, version)


def _unrecoverable(endpoint: Record, before: Record | None) -> str | None:
    """Why there is nothing to be changed: what failed while it was made has to be deleted and made anew (reported)."""
    if endpoint.properties["provisioningState"] == "Deleting" or (
        endpoint.properties["provisioningState"] == "Failed" and not endpoint.properties["scoringUri"]
    ):
        return (
            "This endpoint has not been created successfully or is in deleting provisioning state. Please recreate "
            "endpoint and then try again to create deployment."
        )
    if before is None or before.properties["provisioningState"] not in ENDED_BADLY or "served" in before.private:
        return None
    return (
        f"Specified deployment [{before.name}] failed during initial provisioning and is in an unrecoverable state. "
        "Delete and re-create."
    )


def _runs_otherwise(before: Record, record: Record) -> bool:
    """Whether the change is more than one of words: what is sent is neither what runs nor what a GET showed."""
    if "served" not in before.private:
        return True
    ran, runs = before.private["served"], record.document
    for name in runs["properties"].keys() - WORDS:
        if runs["properties"][name] not in (ran["properties"].get(name), before.properties.get(name)):
            return True
    return bool(ran.get("sku") != runs.get("sku"))


def patch_deployment(
    ml: MachineLearning, deployment: ResourceId, body: object, version: str
) -> tuple[Record, Operation]:
    """Change tags and the number of instances."""
    sent = check(DeploymentPatch, body)
    not_busy(get_endpoint(ml, deployment))
    record = get_deployment(ml, deployment)
    refuse_busy(record)
    before = Record(record.type, record.parent, deepcopy(record.document), record.private)
    if sent.tags is not None:
        record.document["tags"] = sent.tags
    if sent.sku is not None and sent.sku.capacity is not None:
        if "sku" not in record.document:
            raise bad_request("BadArgument", f"The deployment '{record.name}' scales itself: it has no sku.capacity.")
        limits.check_instances(sent.sku.capacity)
        record.document["sku"]["capacity"] = sent.sku.capacity
    return record, start(ml, record, "update" if _runs_otherwise(before, record) else "relabel", version)


def refuse_busy(deployment: Record) -> None:
    """Raises 409 while an operation on the deployment is under way."""
    if (state := deployment.properties["provisioningState"]) in BUSY:
        raise busy("deployment", deployment.name, state)


def start(ml: MachineLearning, record: Record, kind: str, version: str) -> Operation:
    """Store the deployment as under way and begin its operation."""
    record.properties["provisioningState"] = "Deleting" if kind == "delete" else "Updating"
    with ml.azure.store.transaction():
        operation, url = ml.begin(kind, record, "od", version)
        record.properties["properties"][OPERATION_URI] = url
        ml.azure.store.put(record)
    return operation


def succeed(ml: MachineLearning, record: Record) -> None:
    """The operation has ended: defaults that were not sent appear."""
    properties = record.properties
    if properties["endpointComputeType"] == "Managed" and properties["requestSettings"]["requestTimeout"] == "PT0S":
        properties["requestSettings"]["requestTimeout"] = MANAGED_TIMEOUT
    for probe in ("livenessProbe", "readinessProbe"):
        properties[probe] = PROBE | (properties[probe] or {})
    end(ml, record, "Succeeded")


def forget(ml: MachineLearning, record: Record) -> None:
    """The deployment is deleted; for a moment the gateway still knows it, so the service itself answers for it."""
    ml.azure.store.delete(record.id)
    if (endpoint := ml.azure.store.get(record.above)) is not None:
        endpoint.private["gone"] = {record.name.lower(): ml.azure.clock.now().isoformat()}
        ml.azure.store.put(endpoint)


def _was_here_just_now(ml: MachineLearning, deployment: ResourceId) -> bool:
    endpoint = ml.azure.store.get(deployment.parent)
    if endpoint is None or (at := endpoint.private.get("gone", {}).get(deployment.name.lower())) is None:
        return False
    return ml.azure.clock.now() < datetime.fromisoformat(at) + ml.azure.clock.lasts(GONE_SECONDS)


def end(ml: MachineLearning, record: Record, state: str) -> None:
    """Store the deployment in its final state; only a failure counts as a modification (recorded)."""
    record.properties["provisioningState"] = state
    if state == "Failed":
        record.document["systemData"] = system_data(ml.azure, record.document["systemData"])
    ml.azure.store.put(record)


def shown(record: Record, version: str) -> dict[str, Any]:
    """The document as an api-version shows it: `privateNetworkConnection` came and went in 2022 (recorded)."""
    hidden = set() if version < "2023" else {"privateNetworkConnection"}
    if version < "2022-02":
        hidden = {"privateNetworkConnection", "egressPublicNetworkAccess"}
    return record.document | {"properties": {k: v for k, v in record.properties.items() if k not in hidden}}


def _check(
    ml: MachineLearning, endpoint: Record, deployment: ResourceId, sent: DeploymentBody, before: Record | None
) -> None:
    if kind(sent) != endpoint.document["kind"]:
        raise bad_request(
            "BadArgument", f"endpointComputeType must fit the endpoint, which is {endpoint.document['kind']}."
        )
    is_managed = managed(sent)
    if is_managed:
        limits.check_name("deployment", deployment.name)
        limits.check_instances(capacity(sent))
        if not sent.properties.instance_type:
            raise bad_request(
                "BadArgument", "A managed deployment needs properties.instanceType, e.g. Standard_DS3_v2."
            )
        if sent.properties.scale_settings and sent.properties.scale_settings.scale_type != "Default":
            raise bad_request("BadArgument", "A managed deployment has scaleType Default; Azure Monitor autoscales it.")
        if sent.properties.container_resource_requirements:
            raise bad_request(
                "BadArgument", "containerResourceRequirements are for Kubernetes; the instance type says it."
            )
    else:
        limits.check_kubernetes_names(endpoint.name, deployment.name)
        check_instance_type(ml.azure, endpoint, sent.properties.instance_type)
    _check_times(sent, is_managed)
    if before is None:
        count = len(ml.azure.store.children(endpoint.id, names.DEPLOYMENT)) + 1
        limits.check_count(f"deployments on endpoint '{endpoint.name}'", count, limits.DEPLOYMENTS)


def _check_times(sent: DeploymentBody, is_managed: bool) -> None:
    if (requests := sent.properties.request_settings) is not None:
        if requests.request_timeout is not None:
            limits.check_timeout(requests.request_timeout, is_managed)
        if requests.max_queue_wait is not None:
            limits.milliseconds(requests.max_queue_wait, "requestSettings.maxQueueWait")
    for name in ("liveness_probe", "readiness_probe", "startup_probe"):
        if (probe := getattr(sent.properties, name)) is not None:
            times = {"initialDelay": probe.initial_delay, "period": probe.period, "timeout": probe.timeout}
            limits.check_probe(f"{name.removesuffix('_probe')}Probe", times)
