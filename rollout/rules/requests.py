"""Rules for a deployment's requests and probes."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.values import HIDDEN

LONGEST_MS = {"managed": 180_000, "kubernetes": 300_000}
_WORKERS = "WORKER_COUNT"


def timeout_within_limits(case: Case) -> Iterator[Refusal]:
    """R071 A request times out after 180,000 ms at most on a managed endpoint, after 300,000 ms on Kubernetes.

    Source: limits, request_timeout_ms.
    Example:
        endpoint: {deployments: {blue: {requests: {timeoutMs: 200000}}}}
    """
    longest = LONGEST_MS[case.wanted.kind]
    for name, deployment in case.wanted.deployments.items():
        if deployment.requests.timeout_ms > longest:
            path = case.at("deployments", name, "requests", "timeoutMs")
            cure = "Lower it; what takes longer is a job for a batch endpoint."
            expected = f"at most {longest} ms on a {case.wanted.kind} endpoint"
            yield Refusal("R071", path, f"{deployment.requests.timeout_ms} ms", expected, cure)


def concurrency_matches_workers(case: Case) -> Iterator[Refusal]:
    """R072 The concurrent requests of an instance are as many as its workers.

    With a scoring script, Azure's inference server runs 1 worker unless WORKER_COUNT says otherwise.

    Source: limits, max_concurrent_requests_per_instance.
    Example:
        endpoint: {deployments: {blue: {requests: {maxConcurrentPerInstance: 4}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        workers = deployment.variables.get(_WORKERS, "1" if deployment.code else None)
        concurrent = deployment.requests.max_concurrent_per_instance
        if workers not in (None, HIDDEN, str(concurrent)):
            path = case.at("deployments", name, "requests", "maxConcurrentPerInstance")
            cure = f"Write variables: {{{_WORKERS}: '{concurrent}'}}, or change this number."
            yield Refusal("R072", path, f"{concurrent} with {workers} workers", f"as many as {_WORKERS}", cure)


def probes_fit_their_period(case: Case) -> Iterator[Refusal]:
    """A071 A probe that may take longer than its period overlaps with the next one.

    Source: limits, probes.
    Example:
        endpoint: {deployments: {blue: {liveness: {period: 5, timeout: 10}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        for key, probe in (("liveness", deployment.liveness), ("readiness", deployment.readiness)):
            if probe and probe.timeout > probe.period:
                path = case.at("deployments", name, key, "timeout")
                got = f"{probe.timeout} s every {probe.period} s"
                yield Refusal("A071", path, got, "a timeout within the period", "Lower it, or raise the period.")


def probe_outlives_timeout(case: Case) -> Iterator[Refusal]:
    """A072 A liveness probe that gives up before a request's time is over restarts a deployment that is only busy.

    Source: limits, probes and request_timeout_ms (the probe shares the workers with the requests).
    Example:
        endpoint: {deployments: {blue: {requests: {timeoutMs: 60000}, liveness: {failureThreshold: 1}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        probe = deployment.liveness
        if probe is None:
            continue
        patience = probe.period * probe.failure_threshold * 1000
        if patience < deployment.requests.timeout_ms:
            path = case.at("deployments", name, "liveness", "failureThreshold")
            got = f"restarts after {patience} ms while a request may take {deployment.requests.timeout_ms} ms"
            yield Refusal(
                "A072", path, got, "a probe that waits longer than one request may take", "Raise failureThreshold."
            )


RULES = (timeout_within_limits, concurrency_matches_workers)
ADVICE = (probes_fit_their_period, probe_outlives_timeout)
