"""The SDK's classes that a stack uses, loaded ahead of their use."""

from collections.abc import Iterator

from pulumi_azure_native import (
    applicationinsights,
    authorization,
    containerregistry,
    containerservice,
    keyvault,
    kubernetesconfiguration,
    managedidentity,
    monitor,
    operationalinsights,
    privatedns,
    resources,
    storage,
)
from pulumi_azure_native import machinelearningservices as ml

from settings.stack import Stack


def load(stack: Stack) -> list[type]:
    """Import them: most of a preview's time, so it is done in a thread, while the provider starts and Azure is read.

    What is missing here is loaded when it is used, a little later.
    """
    return [*_always(), *_of_the_estate(stack), *_of_the_endpoints(stack)]


def _always() -> Iterator[type]:
    yield from (resources.ResourceGroup, storage.StorageAccount, keyvault.Vault, operationalinsights.Workspace)
    yield from (applicationinsights.Component, containerregistry.Registry)
    yield from (ml.Workspace, ml.OnlineEndpoint, ml.OnlineDeployment)


def _of_the_estate(stack: Stack) -> Iterator[type]:
    if stack.network and stack.network.endpoint_subnet and stack.network.private_dns_zones == "create":
        yield from (privatedns.PrivateZone, privatedns.VirtualNetworkLink)
    if stack.identities or stack.inference_cluster:
        yield from (managedidentity.UserAssignedIdentity, authorization.RoleAssignment)
    if stack.training or stack.inference_cluster:
        yield ml.Compute
    if stack.inference_cluster:
        yield from (containerservice.ManagedCluster, containerservice.MaintenanceConfiguration)
        yield kubernetesconfiguration.Extension


def _of_the_endpoints(stack: Stack) -> Iterator[type]:
    watching = stack.watching
    if watching.action_group:
        yield from (monitor.ActionGroup, monitor.MetricAlert)
    if watching.diagnostics.log_analytics or watching.diagnostics.blob:
        yield monitor.DiagnosticSetting
    if watching.workbook:
        yield applicationinsights.Workbook
    every = (deployment for endpoint in stack.endpoints.values() for deployment in endpoint.deployments.values())
    if any(deployment.autoscale for deployment in every):
        yield monitor.AutoscaleSetting
