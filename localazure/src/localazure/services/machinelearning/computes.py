"""Computes of a workspace: what they need, what a GET shows, and what Kubernetes endpoints ask of them."""

import re
from typing import Any

from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made, missing
from localazure.services.kubernetesconfiguration.models import ML
from localazure.services.kubernetesconfiguration.models import TYPE as EXTENSION
from localazure.services.machinelearning.compute_bodies import AmlCompute, ComputeBody, Kubernetes
from localazure.services.machinelearning.errors import invalid_name, over_limit
from localazure.services.machinelearning.limits import milliseconds
from localazure.services.machinelearning.scheduling import check_nodes, check_types
from localazure.services.network.names import SUBNET
from localazure.store import Record

TYPE = "Microsoft.MachineLearningServices/workspaces/computes"
CLUSTER = "microsoft.containerservice/managedclusters"
NAME = re.compile(r"[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?")
LENGTHS = {"Kubernetes": (2, 16), "AKS": (2, 16), "AmlCompute": (3, 24)}
DEFAULT_INSTANCE_TYPE = "defaultinstancetype"
DEFAULT_INSTANCE = {
    "nodeSelector": None,
    "resources": {"requests": {"cpu": "100m", "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "8Gi"}},
}


def build(azure: Azure, compute: ResourceId, body: ComputeBody, before: Record | None) -> Made:
    """The document; what the compute stands on is there."""
    sent = body.properties
    least, most = LENGTHS[sent.compute_type]
    if not (least <= len(compute.name) <= most and NAME.fullmatch(compute.name)):
        raise invalid_name("compute", compute.name, f"{least} to {most} letters, digits and dashes, a letter first")
    del before
    if isinstance(sent, AmlCompute):
        inner = _training(azure, compute, sent)
    else:
        cluster = _cluster(azure, sent.resource_id)
        inner = sent.properties.sent()
        _check_attach(azure, compute, cluster)
        if isinstance(sent, Kubernetes):
            inner = _kubernetes(azure, cluster, inner)
    properties: dict[str, Any] = {
        "description": None,
        "disableLocalAuth": False,
        "computeLocation": body.location.lower().replace(" ", ""),
        "isAttachedCompute": not isinstance(sent, AmlCompute),
        "provisioningErrors": None,
        **sent.sent(),
        "properties": inner,
    }
    return Made(properties)


def check_of_endpoint(azure: Azure, workspace: Record, reference: str) -> None:
    """The compute that a Kubernetes endpoint names is attached, and not the v1 way; raises ArmError 400.

    A workspace with no compute at all takes any: the recorded exchanges do not show how theirs was attached.
    """
    if not azure.store.children(workspace.id, TYPE):
        return
    record = azure.store.get(reference)
    if record is None or record.type.lower() != TYPE.lower() or record.parent != workspace.key:
        raise over_limit(f"The compute '{reference}' is not in this workspace.")
    if (kind := record.properties["computeType"]) != "Kubernetes":
        raise over_limit(f"The compute '{record.name}' is of type {kind}: online endpoints run on Kubernetes computes.")
    if (state := record.properties["provisioningState"]) != "Succeeded":
        raise over_limit(f"The compute '{record.name}' is {state}: an endpoint needs one that has succeeded.")


def check_instance_type(azure: Azure, endpoint: Record, instance_type: str | None) -> None:
    """The instance type is one of the compute's, where that is known; raises ArmError 400."""
    compute = azure.store.get(endpoint.properties.get("compute") or "")
    if compute is None or instance_type is None:
        return
    known = compute.properties["properties"]["instanceTypes"]
    if instance_type not in known:
        expected = ", ".join(sorted(known))
        raise over_limit(f"The compute '{compute.name}' has no instance type '{instance_type}' (it has: {expected}).")
    check_nodes(azure, compute, instance_type, known[instance_type])


def users(azure: Azure, compute: Record) -> list[Record]:
    """Online endpoints on a compute."""
    endpoints = azure.store.children(compute.parent, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints")
    return [each for each in endpoints if (each.properties.get("compute") or "").lower() == compute.key]


def _cluster(azure: Azure, reference: str) -> Record:
    record = azure.store.get(reference)
    if record is None or record.type.lower() != CLUSTER:
        raise missing(f"The cluster '{reference}' does not exist.")
    if (state := record.properties["provisioningState"]) != "Succeeded":
        raise bad_request("BadArgument", f"The cluster '{record.name}' is {state}: attach it once it has succeeded.")
    return record


def _check_attach(azure: Azure, compute: ResourceId, cluster: Record) -> None:
    if cluster.properties.get("disableLocalAccounts"):
        raise bad_request("BadArgument", f"The cluster '{cluster.name}' has its local accounts disabled.")
    if _isolation(azure, compute) != "Disabled":
        raise bad_request("BadArgument", f"'{compute.name}': a workspace in a managed network attaches no cluster.")


def _isolation(azure: Azure, compute: ResourceId) -> str:
    workspace = azure.store.get(compute.parent)
    return workspace.properties["managedNetwork"].get("isolationMode", "Disabled") if workspace else "Disabled"


def _kubernetes(azure: Azure, cluster: Record, sent: dict[str, Any]) -> dict[str, Any]:
    extensions = azure.store.children(cluster.id, EXTENSION)
    mine = [each for each in extensions if each.properties["extensionType"].lower() == ML]
    if not any(each.properties["provisioningState"] == "Succeeded" for each in mine):
        message = f"The extension Microsoft.AzureML.Kubernetes is not installed on the cluster '{cluster.name}'."
        raise bad_request("BadArgument", message)
    types = sent.get("instanceTypes") or {DEFAULT_INSTANCE_TYPE: DEFAULT_INSTANCE}
    default = sent.get("defaultInstanceType") or next(iter(types))
    if default not in types:
        raise bad_request("BadArgument", f"defaultInstanceType '{default}' is none of instanceTypes.")
    check_types(types)
    return {"namespace": "default", **sent, "instanceTypes": types, "defaultInstanceType": default}


def _training(azure: Azure, compute: ResourceId, sent: AmlCompute) -> dict[str, Any]:
    wanted = sent.properties
    scale = wanted.scale_settings
    if scale is not None:
        least = scale.min_node_count or 0
        if not 0 <= least <= scale.max_node_count:
            raise over_limit(
                f"'{compute.name}': 0 <= minNodeCount <= maxNodeCount, got {least}, {scale.max_node_count}."
            )
        if scale.node_idle_time_before_scale_down:
            milliseconds(scale.node_idle_time_before_scale_down, "scaleSettings.nodeIdleTimeBeforeScaleDown")
    isolation = _isolation(azure, compute)
    if wanted.subnet is not None and isolation != "Disabled":
        raise over_limit(f"'{compute.name}': in a managed network a compute is in no subnet of another network.")
    if wanted.subnet is not None:
        subnet = azure.store.get(wanted.subnet.id)
        if subnet is None or subnet.type.lower() != SUBNET.lower():
            raise missing(f"The subnet '{wanted.subnet.id}' of compute '{compute.name}' does not exist.")
    elif wanted.enable_node_public_ip is False and isolation == "Disabled":
        message = f"'{compute.name}': enableNodePublicIp false needs a subnet, or a workspace in a managed network."
        raise over_limit(message)
    defaults = {"osType": "Linux", "vmPriority": "Dedicated", "remoteLoginPortPublicAccess": "NotSpecified"}
    counts = {"currentNodeCount": 0, "targetNodeCount": 0, "allocationState": "Steady"}
    return {**defaults, "enableNodePublicIp": True, **wanted.sent(), **counts}
