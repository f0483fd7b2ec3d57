"""What a PUT and a PATCH of a deployment may say, and the properties that a deployment begins with (recorded)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Identity, Open, Sku, Tags, Text, TrackedResource, Whole
from localazure.services.machinelearning.limits import UNITS, quantity

SCALE: Mapping[str, Mapping[str, Any]] = {
    "Default": {},
    "TargetUtilization": {
        "pollingInterval": "PT1S",
        "targetUtilizationPercentage": 70,
        "minInstances": 1,
        "maxInstances": 1,
    },
}
Positive = Annotated[Whole, Field(ge=1, le=2_147_483_647)]
REQUESTS = {"cpu": "0.1", "memory": "0.500Gi"}


class CodeConfiguration(Body):
    """Scoring code: a registered version and the script in it."""

    code_id: Text
    scoring_script: Text


class Probe(Body):
    """When an instance counts as alive or ready."""

    failure_threshold: Positive | None = None
    success_threshold: Positive | None = None
    timeout: Text | None = None
    period: Text | None = None
    initial_delay: Text | None = None


class RequestSettings(Body):
    """Timeout and concurrency of requests."""

    max_queue_wait: Text | None = None
    request_timeout: Text | None = None
    max_concurrent_requests_per_instance: Positive | None = None


class ScaleSettings(Body):
    """How instances are scaled."""

    scale_type: Literal["Default", "TargetUtilization"]
    polling_interval: Text | None = None
    target_utilization_percentage: Whole | None = None
    min_instances: Whole | None = None
    max_instances: Whole | None = None


class Collection(Body):
    """One stream of collected data, e.g. `request`."""

    data_collection_mode: Literal["Enabled", "Disabled"] | None = None
    data_id: Text | None = None
    client_id: Text | None = None
    sampling_rate: Annotated[float, Field(ge=0, le=1)] | None = None


class ContainerResources(Body):
    """What a container on Kubernetes asks for, or is limited to, e.g. cpu 0.5, memory 1Gi."""

    cpu: Text | None = None
    memory: Text | None = None
    gpu: Text | None = None

    def shown(self) -> dict[str, str | None]:
        """As a GET shows it (recorded): `300m` of cpu is `0.3`, `200Mi` of memory `0.195Gi`. Raises ArmError 400."""
        cpu = None if self.cpu is None else f"{quantity(self.cpu, 'cpu'):g}"
        memory = None if self.memory is None else f"{quantity(self.memory, 'memory') / UNITS['Gi']:.3f}Gi"
        return {"cpu": cpu, "memory": memory, "gpu": self.gpu}


class ContainerRequirements(Body):
    """Requests and limits of a container on Kubernetes."""

    container_resource_requests: ContainerResources = ContainerResources.model_validate(REQUESTS)
    container_resource_limits: ContainerResources = ContainerResources()


class DataCollector(Body):
    """Which data are collected; the local Azure shows it and collects none."""

    collections: dict[str, Collection]
    rolling_rate: Literal["Year", "Month", "Day", "Hour", "Minute"] | None = None
    request_logging: Open | None = None


class Properties(Body):
    """Properties of a deployment."""

    read_only = frozenset({"provisioningState"})
    endpoint_compute_type: Literal["Managed", "Kubernetes"]
    code_configuration: CodeConfiguration | None = None
    environment_id: Text | None = None
    model: Text | None = None
    description: Text | None = None
    properties: dict[str, Text] | None = None
    environment_variables: dict[str, Text] | None = None
    scale_settings: ScaleSettings | None = None
    request_settings: RequestSettings | None = None
    model_mount_path: Text | None = None
    app_insights_enabled: Flag | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    instance_type: Text | None = None
    egress_public_network_access: Literal["Enabled", "Disabled"] | None = None
    private_network_connection: Flag | None = None
    data_collector: DataCollector | None = None
    container_resource_requirements: ContainerRequirements | None = None


class DeploymentBody(TrackedResource):
    """PUT of a deployment."""

    kind: Text | None = None
    sku: Sku | None = None
    identity: Identity | None = None
    properties: Properties


class SkuPatch(Body):
    """The part of a SKU that a PATCH may say."""

    name: Text | None = None
    tier: Text | None = None
    family: Text | None = None
    size: Text | None = None
    capacity: Whole | None = None


class DeploymentPatch(Body):
    """PATCH of a deployment: tags and sku (facts T1)."""

    tags: Tags | None = None
    sku: SkuPatch | None = None


def capacity(sent: DeploymentBody) -> int:
    """Instances asked for; one where nothing is said."""
    return sent.sku.capacity if sent.sku and sent.sku.capacity is not None else 1


def managed(sent: DeploymentBody) -> bool:
    """Whether it is for managed compute."""
    return sent.properties.endpoint_compute_type == "Managed"


def shows_sku(sent: DeploymentBody) -> bool:
    """Whether a GET shows the number of instances: not of one that scales itself by its utilization (recorded)."""
    scale = sent.properties.scale_settings
    return managed(sent) or (scale is not None and scale.scale_type == "Default")


def kind(sent: DeploymentBody) -> str:
    """The kind that a GET shows: Managed or K8S."""
    return "Managed" if managed(sent) else "K8S"


def new_properties(sent: DeploymentBody, deployment: str, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The properties that the deployment of that id begins with; `before` are those of the one it replaces."""
    wanted = sent.properties.sent()
    is_managed = managed(sent)
    requests = {"maxQueueWait": "PT0S" if is_managed else "PT0.5S", "requestTimeout": "PT0S"}
    own = before["properties"] if before else {}
    kept = {"instanceType": before["instanceType"]} if before and not is_managed else {}  # recorded: left out, it stays
    properties: dict[str, Any] = {
        "description": None,
        "codeConfiguration": None,
        "environmentId": None,
        "environmentVariables": {},
        "modelMountPath": None,
        "appInsightsEnabled": False,
        "livenessProbe": None,
        "readinessProbe": None,
        "provisioningState": "Updating",
        "instanceType": None,
        "model": None,
        "privateNetworkConnection": False,
        "egressPublicNetworkAccess": "Enabled",
        **kept,
        **wanted,
        "properties": {**own, **wanted.get("properties", {})},
        "scaleSettings": _scale(is_managed, wanted.get("scaleSettings", {})),
        "requestSettings": requests | {"maxConcurrentRequestsPerInstance": 1} | wanted.get("requestSettings", {}),
    }
    if not is_managed:
        asked = sent.properties.container_resource_requirements or ContainerRequirements()
        requested = asked.container_resource_requests.shown()
        limits = {"gpu": requested["gpu"]} | asked.container_resource_limits.sent()
        properties["containerResourceRequirements"] = {
            "containerResourceRequests": requested,
            "containerResourceLimits": ContainerResources.model_validate(limits).shown(),
        }
    if sent.properties.data_collector is not None:
        properties["dataCollector"] = _collector(sent.properties.data_collector, deployment)
    return properties


def _scale(is_managed: bool, wanted: Mapping[str, Any]) -> dict[str, Any]:
    kind = wanted.get("scaleType", "Default" if is_managed else "TargetUtilization")
    return {"scaleType": kind, **SCALE[kind], **wanted}


def _collector(sent: DataCollector, deployment: str) -> dict[str, Any]:
    """Nulls where nothing was sent; data is named by endpoint, deployment and collection (recorded)."""
    workspace, rest = deployment.split("/onlineEndpoints/")
    data = f"{workspace}/data/{rest.replace('/deployments/', '-')}"
    empty = {"samplingRate": 1.0, "dataCollectionMode": "Disabled", "clientId": None}
    collections = {
        name: empty | {"dataId": f"{data}-{name}/versions/1"} | one.sent() for name, one in sent.collections.items()
    }
    return {"rollingRate": "Hour", "requestLogging": None, **sent.sent(), "collections": collections}
