"""Rules for endpoints on an attached Kubernetes cluster."""

from collections import Counter
from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack

MOST_ENDPOINTS, MOST_DEPLOYMENTS = 60, 100


def names_its_compute(case: Case) -> Iterator[Refusal]:
    """R091 A Kubernetes endpoint names the compute it runs on, and a managed one has none.

    Source: limits, AKS (a Kubernetes compute, attached by the extension Microsoft.AzureML.Kubernetes).
    Example:
        endpoint: {kind: kubernetes}
    """
    if case.wanted.kind == "kubernetes" and not case.wanted.compute:
        cure = "Write for example compute: aks-inference, the name of an attached Kubernetes compute."
        yield Refusal("R091", case.at("compute"), "none", "the compute of a Kubernetes endpoint", cure)
    if case.wanted.kind == "managed" and case.wanted.compute:
        cure = "Remove compute, or write kind: kubernetes."
        yield Refusal("R091", case.at("compute"), case.wanted.compute, "none on a managed endpoint", cure)


def endpoints_per_cluster(stack: Stack) -> Iterator[Refusal]:
    """R092 A Kubernetes cluster carries at most 60 endpoints.

    Source: limits, endpoints.
    Example:
        endpoint: {kind: kubernetes, compute: aks-inference}
        times: 61
    """
    if len(stack.endpoints) > MOST_ENDPOINTS:
        counts = Counter(_compute(stack, name) for name in stack.endpoints)
        yield from _too_many("R092", counts, MOST_ENDPOINTS, "endpoints")


def deployments_per_cluster(stack: Stack) -> Iterator[Refusal]:
    """R093 A Kubernetes cluster carries at most 100 deployments.

    Source: limits, deployments.
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments: {blue: {instanceType: cpu-small}, green: {instanceType: cpu-small}}
        times: 51
    """
    if sum(len(endpoint.deployments) for endpoint in stack.endpoints.values()) > MOST_DEPLOYMENTS:
        counts: Counter[str | None] = Counter()
        for name, endpoint in stack.endpoints.items():
            counts[_compute(stack, name)] += len(endpoint.deployments)
        yield from _too_many("R093", counts, MOST_DEPLOYMENTS, "deployments")


def not_on_the_v1_attach(case: Case) -> Iterator[Refusal]:
    """R094 A Kubernetes endpoint does not run on a cluster that is attached the v1 way, or not at all.

    Source: limits, AKS (v2 endpoints need the extension Microsoft.AzureML.Kubernetes).
    Example:
        stack: {inferenceCluster: {name: aks-inference, attach: {kind: legacy}}}
        endpoint: {kind: kubernetes, compute: aks-inference}
    """
    cluster = case.stack.inference_cluster
    if not cluster or case.wanted.kind != "kubernetes" or cluster.attach.kind == "extension":
        return
    if case.wanted.compute == (cluster.attach.compute or cluster.name):
        cure = "Write attach: {kind: extension} under inferenceCluster, or run the endpoint on another compute."
        got = f"{case.wanted.compute}, a cluster with attach.kind {cluster.attach.kind}"
        yield Refusal("R094", case.at("compute"), got, "a compute attached by the extension", cure)


def in_the_workspaces_region(stack: Stack) -> Iterator[Refusal]:
    """R095 The inference cluster is in the workspace's region.

    Across regions, requests take longer, and only the workspace's region gives tokens.

    Source: limits, AKS (workspace and cluster in one region).
    Example:
        stack: {inferenceCluster: {name: aks-inference, location: northeurope}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if cluster and cluster.location and cluster.location != stack.location:
        cure = "Remove location: the cluster is made where the stack is."
        yield Refusal("R095", "inferenceCluster.location", cluster.location, stack.location, cure)


def _compute(stack: Stack, endpoint: str) -> str | None:
    wanted = stack.endpoints[endpoint]
    return wanted.compute if wanted.kind == "kubernetes" else None


def _too_many(code: str, counts: Counter[str | None], most: int, what: str) -> Iterator[Refusal]:
    for compute, count in sorted((key, count) for key, count in counts.items() if key is not None):
        if count > most:
            cure = "Attach a second cluster and move some of them there."
            yield Refusal(code, "endpoints", f"{count} {what} on {compute}", f"at most {most} on a cluster", cure)


RULES = (names_its_compute, not_on_the_v1_attach)
STACK_RULES = (endpoints_per_cluster, deployments_per_cluster, in_the_workspaces_region)
