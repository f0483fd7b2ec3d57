"""Advice on load: how many instances the expected requests need, with the arithmetic."""

import math
from collections.abc import Iterator

from rollout.case import Case
from settings.deployment import Deployment
from settings.endpoint import Load
from settings.refusal import Refusal

MOST_PER_SECOND = 500
TARGET_UTILIZATION = 70


def fits_without_429(case: Case) -> Iterator[Refusal]:
    """A084 A deployment can take the expected load at its weight: above 2 x concurrency x instances Azure answers 429.

    Source: limits, 429.
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {blue: 50, green: 50}
          load: {requestsPerSecond: 40, secondsPerRequest: 0.5}
        observed: {traffic: {blue: 50, green: 50}, deployments: {blue: {}, green: {}}}
    """
    for name, share, deployment, load in _loaded(case):
        concurrent = deployment.requests.max_concurrent_per_instance
        parallel = load.requests_per_second * share / 100 * load.seconds_per_request
        bound = 2 * concurrent * deployment.largest_count
        if parallel > bound:
            got = (
                f"{load.requests_per_second:g} requests/s x {share} % x {load.seconds_per_request:g} s = {parallel:g} "
                f"in parallel; 429 above 2 x {concurrent} x {deployment.largest_count} = {bound}"
            )
            needed = math.ceil(parallel / (2 * concurrent))
            cure = f"Raise instanceCount (or autoscale.max) to {needed}."
            yield Refusal("A084", case.at("deployments", name), got, f"at least {needed} instances", cure)


def within_the_endpoint(case: Case) -> Iterator[Refusal]:
    """A085 A managed endpoint takes 500 requests a second.

    Source: limits, managed endpoint.
    Example:
        endpoint: {load: {requestsPerSecond: 800, secondsPerRequest: 0.01}}
    """
    load = case.wanted.load
    if load and case.wanted.kind == "managed" and load.requests_per_second > MOST_PER_SECOND:
        cure = "Ask Azure support for a higher limit, or spread the load over several endpoints."
        got = f"{load.requests_per_second:g} requests/s"
        path = case.at("load", "requestsPerSecond")
        yield Refusal("A085", path, got, f"at most {MOST_PER_SECOND} requests/s", cure)


def replicas_on_kubernetes(case: Case) -> Iterator[Refusal]:
    """A086 On Kubernetes the largest number of replicas can take the expected load at the target utilization.

    replicas = ceil(requests per second x seconds per request / utilization / concurrent requests)

    Source: replica formula of the AKS router.
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments: {blue: {instanceType: cpu-small, instanceCount: null, autoscale: {min: 1, max: 100}}}
          traffic: {blue: 100}
          load: {requestsPerSecond: 20, secondsPerRequest: 10}
    """
    for name, share, deployment, load in _loaded(case):
        concurrent = deployment.requests.max_concurrent_per_instance
        rate = load.requests_per_second * share / 100
        percent = deployment.autoscale.target_utilization if deployment.autoscale else TARGET_UTILIZATION
        needed = replicas(rate, load.seconds_per_request, percent / 100, concurrent)
        if case.wanted.kind == "kubernetes" and needed > deployment.largest_count:
            got = (
                f"ceil({rate:g} requests/s x {load.seconds_per_request:g} s / {percent / 100:g} / {concurrent}) = "
                f"{needed} replicas, at most {deployment.largest_count} allowed"
            )
            cure = f"Raise autoscale.max (or instanceCount) to {needed}."
            yield Refusal("A086", case.at("deployments", name), got, f"at least {needed} replicas", cure)


def replicas(rate: float, seconds: float, utilization: float, concurrent: int) -> int:
    """Replicas that the AKS router needs for `rate` requests a second of `seconds` each.

    >>> replicas(20, 10, 0.7, 1)
    286
    """
    return math.ceil(rate * seconds / utilization / concurrent)


def _loaded(case: Case) -> Iterator[tuple[str, int, Deployment, Load]]:
    """(name, share, deployment, load) of each deployment that gets live or mirrored requests."""
    if case.wanted.load:
        for name, share in (*case.traffic.items(), *case.mirror.items()):
            deployment = case.wanted.deployments.get(name)
            if deployment:
                yield name, share, deployment, case.wanted.load


ADVICE = (fits_without_429, within_the_endpoint, replicas_on_kubernetes)
