"""Rules for networks: where a deployment may call, and what a private one stands on."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal


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
    is_basic = case.wanted.kind == "managed" and case.stack.registry.sku != "premium"
    for name, deployment in case.wanted.deployments.items():
        if deployment.egress_public_network_access == "disabled" and is_basic:
            path = case.at("deployments", name, "egressPublicNetworkAccess")
            cure = "Write sku: premium under registry, or leave egressPublicNetworkAccess out."
            yield Refusal("R102", path, f"disabled with a {case.stack.registry.sku} registry", "a premium one", cure)


RULES = (egress_on_managed_only, private_egress_needs_premium)
