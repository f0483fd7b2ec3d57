"""The body of a deployment: what managed and Kubernetes deployments have in common, and what each has of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from settings.attachment import Resources
from settings.autoscale import Autoscale
from settings.deployment import ContainerResources, DataCollector, Deployment, Probe, RequestSettings

AssetId = Callable[[str, str], pulumi.Input[str]]
"""The resource id of a reference, by its kind: models, environments or codes."""

_EGRESS = {
    "enabled": ml.EgressPublicNetworkAccessType.ENABLED,
    "disabled": ml.EgressPublicNetworkAccessType.DISABLED,
}
_ROLLING = {"minute": ml.RollingRateType.MINUTE, "hour": ml.RollingRateType.HOUR, "day": ml.RollingRateType.DAY}


def managed(wanted: Deployment, asset_id: AssetId) -> ml.ManagedOnlineDeploymentArgs:
    """A managed deployment; its count is the resource's sku, and only `Default` scale settings are possible."""
    egress = wanted.egress_public_network_access
    return ml.ManagedOnlineDeploymentArgs(
        endpoint_compute_type="Managed",
        egress_public_network_access=_EGRESS[egress] if egress else None,
        scale_settings=ml.DefaultScaleSettingsArgs(scale_type="Default"),
        **_common(wanted, asset_id),
    )


def on_kubernetes(wanted: Deployment, asset_id: AssetId) -> ml.KubernetesOnlineDeploymentArgs:
    """A deployment on a cluster; with `autoscale` the router scales its replicas by the share of busy ones."""
    return ml.KubernetesOnlineDeploymentArgs(
        endpoint_compute_type="Kubernetes",
        container_resource_requirements=_resources(wanted.resources) if wanted.resources else None,
        scale_settings=_target_utilization(wanted.autoscale)
        if wanted.autoscale
        else ml.DefaultScaleSettingsArgs(scale_type="Default"),
        **_common(wanted, asset_id),
    )


def capacity(wanted: Deployment) -> int:
    """Instances to begin with; an autoscaled deployment starts with its autoscaler's default."""
    if wanted.autoscale:
        return wanted.autoscale.default or wanted.autoscale.min
    return wanted.instance_count or 1


def _common(wanted: Deployment, asset_id: AssetId) -> dict[str, Any]:
    code = None
    if wanted.code:
        code = ml.CodeConfigurationArgs(code_id=asset_id("codes", wanted.code), scoring_script=wanted.scoring_script)
    return {
        "model": asset_id("models", wanted.model) if wanted.model else None,
        "environment_id": asset_id("environments", wanted.environment) if wanted.environment else None,
        "code_configuration": code,
        "instance_type": wanted.instance_type,
        "environment_variables": dict(sorted(wanted.variables.items())),
        "app_insights_enabled": wanted.app_insights,
        "description": wanted.description,
        "data_collector": _collector(wanted.data_collector) if wanted.data_collector else None,
        "request_settings": _requests(wanted.requests),
        "liveness_probe": _probe(wanted.liveness) if wanted.liveness else None,
        "readiness_probe": _probe(wanted.readiness) if wanted.readiness else None,
    }


def _target_utilization(scale: Autoscale) -> ml.TargetUtilizationScaleSettingsArgs:
    return ml.TargetUtilizationScaleSettingsArgs(
        scale_type="TargetUtilization",
        min_instances=scale.min,
        max_instances=scale.max,
        target_utilization_percentage=scale.target_utilization,
        polling_interval=f"PT{scale.polling_seconds}S",
    )


def _collector(wanted: DataCollector) -> ml.DataCollectorArgs:
    collected = (("model_inputs", wanted.inputs), ("model_outputs", wanted.outputs))
    return ml.DataCollectorArgs(
        collections={
            name: ml.CollectionArgs(
                data_collection_mode=ml.DataCollectionMode.ENABLED, sampling_rate=wanted.sampling_percent / 100
            )
            for name, is_wanted in collected
            if is_wanted
        },
        rolling_rate=_ROLLING[wanted.rolling],
        request_logging=ml.RequestLoggingArgs(capture_headers=list(wanted.headers)) if wanted.headers else None,
    )


def _resources(wanted: ContainerResources) -> ml.ContainerResourceRequirementsArgs:
    # GPUs stand in the limits only; Kubernetes asks for as many as a container is held to.
    gpus = wanted.requests.gpu if wanted.limits.gpu is None else wanted.limits.gpu
    return ml.ContainerResourceRequirementsArgs(
        container_resource_requests=_quantities(wanted.requests),
        container_resource_limits=_quantities(wanted.limits, gpus),
    )


def _quantities(of: Resources, gpus: int | None = None) -> ml.ContainerResourceSettingsArgs:
    return ml.ContainerResourceSettingsArgs(cpu=of.cpu, memory=of.memory, gpu=None if gpus is None else str(gpus))


def _requests(wanted: RequestSettings) -> ml.OnlineRequestSettingsArgs:
    return ml.OnlineRequestSettingsArgs(
        request_timeout=_milliseconds(wanted.timeout_ms),
        max_concurrent_requests_per_instance=wanted.max_concurrent_per_instance,
        max_queue_wait=_milliseconds(wanted.max_queue_wait_ms),
    )


def _probe(wanted: Probe) -> ml.ProbeSettingsArgs:
    return ml.ProbeSettingsArgs(
        initial_delay=f"PT{wanted.initial_delay}S",
        period=f"PT{wanted.period}S",
        timeout=f"PT{wanted.timeout}S",
        success_threshold=wanted.success_threshold,
        failure_threshold=wanted.failure_threshold,
    )


def _milliseconds(value: int) -> str:
    """ISO 8601, as the service writes it: PT5S, PT0.5S."""
    seconds, rest = divmod(value, 1000)
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    return f"PT{seconds}{fraction}S"
