"""The SDK's classes that a stack uses, loaded ahead of their use."""

from collections.abc import Callable, Iterator
from typing import TypeVar

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

from components.speed import is_on
from components.speed.tricks import no_collection
from settings.stack import Stack

_Found = TypeVar("_Found")


def load(stack: Stack, then: Callable[[], _Found]) -> _Found:
    """Import them: most of a preview's time, so it is done in a thread, while the provider starts and Azure is read.

    Returns what `then` imports on top of them. A class that is missing here is loaded a little later, when it is used.
    """
    with no_collection():
        if is_on("ahead"):
            _ = [*_always(), *_of_the_estate(stack), *_of_the_endpoints(stack)]
        return then()


def _always() -> Iterator[type]:
    yield from (ml.OnlineEndpoint, ml.OnlineDeployment)


def _of_the_estate(stack: Stack) -> Iterator[type]:
    if stack.workspace.existing is None:
        yield from (resources.ResourceGroup, storage.StorageAccount, keyvault.Vault, operationalinsights.Workspace)
        yield from (storage.BlobServiceProperties, applicationinsights.Component, containerregistry.Registry)
        yield ml.Workspace
    if stack.network and stack.network.endpoint_subnet and stack.network.private_dns_zones == "create":
        yield from (privatedns.PrivateZone, privatedns.VirtualNetworkLink)
    if stack.identities or stack.inference_cluster:
        yield from (managedidentity.UserAssignedIdentity, authorization.RoleAssignment)
    if stack.workspace.managed_network and stack.workspace.managed_network.outbound_rules:
        yield ml.ManagedNetworkSettingsRule
    if stack.training or stack.inference_cluster:
        yield ml.Compute
    if stack.inference_cluster:
        yield from (containerservice.ManagedCluster, containerservice.MaintenanceConfiguration)
        if stack.inference_cluster.user_pools:
            yield containerservice.AgentPool
        if stack.inference_cluster.container_insights:
            yield from (monitor.DataCollectionRule, monitor.DataCollectionRuleAssociation)
        yield kubernetesconfiguration.Extension


def _of_the_endpoints(stack: Stack) -> Iterator[type]:
    watching = stack.watching
    if watching.action_group:
        yield from (monitor.ActionGroup, monitor.MetricAlert)
    if watching.diagnostics.log_analytics or watching.diagnostics.blob:
        yield monitor.DiagnosticSetting
    if watching.alerts.error_percent is not None:
        yield monitor.ScheduledQueryRule
    if watching.workbook:
        yield applicationinsights.Workbook
    every = (deployment for endpoint in stack.endpoints.values() for deployment in endpoint.deployments.values())
    if any(deployment.autoscale for deployment in every):
        yield monitor.AutoscaleSetting
