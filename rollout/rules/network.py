"""Rules for networks: where a deployment may call, and what a private one stands on."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack


def egress_on_managed_only(case: Case) -> Iterator[Refusal]:
    """R101 Only a managed deployment has an egress setting; a cluster's egress is the cluster's.

    Source: limits, egressPublicNetworkAccess.
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments: {blue: {instanceType: cpu-small, egressPublicNetworkAccess: disabled}}
    """
    for name, deployment in case.wanted.deployments.items():
        if case.wanted.kind == "kubernetes" and deployment.egress_public_network_access:
            path = case.at("deployments", name, "egressPublicNetworkAccess")
            cure = "Remove it, and close the cluster's own way out."
            yield Refusal("R101", path, deployment.egress_public_network_access, "none on Kubernetes", cure)


def private_egress_needs_premium(case: Case) -> Iterator[Refusal]:
    """R102 A deployment without public egress pulls its image through a private endpoint: a Premium registry.

    Source: limits, private workspace and egressPublicNetworkAccess.
    Example:
        endpoint: {deployments: {blue: {egressPublicNetworkAccess: disabled}}}
    """
    sku = case.stack.registry_sku
    is_basic = case.wanted.kind == "managed" and sku not in (None, "premium")
    for name, deployment in case.wanted.deployments.items():
        if deployment.egress_public_network_access == "disabled" and is_basic:
            path = case.at("deployments", name, "egressPublicNetworkAccess")
            cure = "Write sku: premium under registry, or leave egressPublicNetworkAccess out."
            yield Refusal("R102", path, f"disabled with a {sku} registry", "a premium one", cure)


def egress_is_the_networks(case: Case) -> Iterator[Refusal]:
    """R103 In a workspace with a managed virtual network a deployment has no egress setting: the network decides.

    Source: limits, egressPublicNetworkAccess (legacy isolation only, fixed after creation).
    Example:
        stack:
          workspace: {name: ws-ml, resourceGroup: rg, isolation: managedVnet, imageBuildCompute: builder}
          registry: {name: acrdiabetes, sku: premium}
          training: {builder: {}}
        endpoint: {deployments: {blue: {egressPublicNetworkAccess: disabled}}}
    """
    is_managed = case.stack.workspace.isolation == "managedVnet"
    for name, deployment in case.wanted.deployments.items() if is_managed else ():
        if deployment.egress_public_network_access:
            path = case.at("deployments", name, "egressPublicNetworkAccess")
            cure = "Remove it; close the way out with workspace.managedNetwork.outbound: allowOnlyApprovedOutbound."
            expected = "none with a managed virtual network"
            yield Refusal("R103", path, deployment.egress_public_network_access, expected, cure)


def no_public_endpoint_in_private(case: Case) -> Iterator[Refusal]:
    """R104 An endpoint of a private workspace is not open to public networks.

    Source: limits, private workspace.
    Example:
        stack:
          workspace: {name: ws-ml, resourceGroup: rg, isolation: managedVnet, imageBuildCompute: builder}
          registry: {name: acrdiabetes, sku: premium}
          training: {builder: {}}
        endpoint: {publicNetworkAccess: enabled}
    """
    if case.stack.workspace.is_private and case.wanted.public_network_access == "enabled":
        cure = "Remove it: the endpoint follows the workspace; or write workspace.publicNetworkAccess: enabled."
        yield Refusal("R104", case.at("publicNetworkAccess"), "enabled", "disabled in a private workspace", cure)


def premium_where_private(stack: Stack) -> Iterator[Refusal]:
    """R105 A private workspace needs a Premium registry: no other one has private endpoints.

    Source: limits, private workspace.
    Example:
        stack:
          workspace: {name: ws-ml, resourceGroup: rg, isolation: managedVnet, imageBuildCompute: builder}
          training: {builder: {}}
        endpoint: {}
    """
    sku = stack.registry_sku
    if stack.workspace.is_private and sku is not None and sku != "premium":
        cure = "Write sku: premium under registry, or isolation: public under workspace."
        yield Refusal("R105", "registry.sku", sku, "premium for a private workspace", cure)


def builds_where_private(stack: Stack) -> Iterator[Refusal]:
    """R106 A private workspace builds its images on a compute of the stack: Azure's builders cannot reach the registry.

    Source: limits, private workspace.
    Example:
        stack:
          workspace: {name: ws-ml, resourceGroup: rg, isolation: managedVnet}
          registry: {name: acrdiabetes, sku: premium}
        endpoint: {}
    """
    workspace = stack.workspace
    if workspace.is_private and not workspace.image_build_compute and not workspace.existing:
        cure = "Write imageBuildCompute: builder under workspace, and training: {builder: {}}."
        yield Refusal("R106", "workspace.imageBuildCompute", "none", "a compute for a private workspace", cure)


RULES = (egress_on_managed_only, private_egress_needs_premium, egress_is_the_networks, no_public_endpoint_in_private)
STACK_RULES = (premium_where_private, builds_where_private)
