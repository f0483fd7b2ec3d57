"""One managed deployment of an endpoint."""

import re

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from components.options import TYPE_PREFIX, child
from components.workspace import Workspace
from settings.endpoint import Deployment as Wanted
from settings.endpoint import Probe, RequestSettings

_REFERENCE = re.compile(r"^azureml:(?P<name>[^:]+):(?P<version>[^:]+)$")
_EGRESS = {
    "enabled": ml.EgressPublicNetworkAccessType.ENABLED,
    "disabled": ml.EgressPublicNetworkAccessType.DISABLED,
}


class Deployment(pulumi.ComponentResource):
    """A model, its environment and its code on so many instances; it goes when its endpoint goes."""

    name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        endpoint: ml.OnlineEndpoint,
        wanted: Wanted,
        workspace: Workspace,
        location: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Deployment", f"{endpoint._name}-{name}", None, opts)
        owned_by_autoscaler = ["sku.capacity"] if wanted.autoscale else []
        deployment = ml.OnlineDeployment(
            f"{endpoint._name}-{name}",
            deployment_name=name,
            endpoint_name=endpoint._name,
            workspace_name=workspace.name,
            resource_group_name=workspace.resource_group,
            location=location,
            sku={"name": "Default", "capacity": capacity(wanted)},
            properties=_properties(wanted, workspace.workspace_id),
            tags=dict(sorted(wanted.tags.items())),
            opts=child(self, pulumi.ResourceOptions(deleted_with=endpoint, ignore_changes=owned_by_autoscaler)),
        )
        self.name = deployment.name
        self.register_outputs({})


def capacity(wanted: Wanted) -> int:
    """Instances to begin with; an autoscaled deployment starts with its autoscaler's default."""
    if wanted.autoscale:
        return wanted.autoscale.default or wanted.autoscale.min
    return wanted.instance_count or 1


def asset_id(workspace_id: pulumi.Input[str], kind: str, reference: str) -> pulumi.Output[str]:
    """The resource id behind `azureml:NAME:VERSION` (`kind`: models, environments or codes); others stay."""
    match = _REFERENCE.match(reference)
    if not match:
        return pulumi.Output.from_input(reference)
    return pulumi.Output.concat(workspace_id, f"/{kind}/{match['name']}/versions/{match['version']}")


def _properties(wanted: Wanted, workspace_id: pulumi.Input[str]) -> ml.ManagedOnlineDeploymentArgs:
    code = None
    if wanted.code:
        code = ml.CodeConfigurationArgs(
            code_id=asset_id(workspace_id, "codes", wanted.code), scoring_script=wanted.scoring_script
        )
    egress = wanted.egress_public_network_access
    return ml.ManagedOnlineDeploymentArgs(
        endpoint_compute_type="Managed",
        model=asset_id(workspace_id, "models", wanted.model) if wanted.model else None,
        environment_id=asset_id(workspace_id, "environments", wanted.environment),
        code_configuration=code,
        instance_type=wanted.instance_type,
        environment_variables=dict(sorted(wanted.variables.items())),
        app_insights_enabled=wanted.app_insights,
        description=wanted.description,
        egress_public_network_access=_EGRESS[egress] if egress else None,
        request_settings=_requests(wanted.requests),
        liveness_probe=_probe(wanted.liveness),
        readiness_probe=_probe(wanted.readiness),
        scale_settings=ml.DefaultScaleSettingsArgs(scale_type="Default"),
    )


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
