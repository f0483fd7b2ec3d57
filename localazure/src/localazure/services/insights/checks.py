"""What the alerting types have in common: resources they name, durations, names."""

from collections.abc import Collection, Iterable

from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.store import Record

ENDPOINT = "microsoft.machinelearningservices/workspaces/onlineendpoints"
DEPLOYMENT = f"{ENDPOINT}/deployments"
# Metrics by type. Source: Azure Monitor, supported metrics of online endpoints and their deployments.
METRICS = {
    ENDPOINT: frozenset(
        {"ConnectionsActive", "NetworkBytes", "NewConnectionsPerSecond", "RequestLatency", "RequestLatency_P50"}
        | {"RequestLatency_P90", "RequestLatency_P95", "RequestLatency_P99", "RequestsPerMinute"}
        | {"DataCollectionErrorsPerMinute", "DataCollectionEventsPerMinute"}
    ),
    DEPLOYMENT: frozenset(
        {"CpuMemoryUtilizationPercentage", "CpuUtilizationPercentage", "DeploymentCapacity", "DiskUtilization"}
        | {"GpuEnergyJoules", "GpuMemoryUtilizationPercentage", "GpuUtilizationPercentage", "RequestLatency_P50"}
        | {"RequestLatency_P90", "RequestLatency_P95", "RequestLatency_P99", "RequestsPerMinute"}
        | {"DataCollectionErrorsPerMinute", "DataCollectionEventsPerMinute"}
    ),
}


def require_each(azure: Azure, path: str, references: Iterable[str], *types: str) -> list[Record]:
    """The resources that a body names at `path`, of one of `types` (lower case) if any are given; else ArmError 400."""
    found = []
    for reference in references:
        record = azure.store.get(reference)
        if record is None or (types and record.type.lower() not in types):
            raise bad_request("ResourceNotFound", f"The resource {reference} of {path} does not exist.")
        found.append(record)
    return found


def require_metric(path: str, metric: str, resource: Record) -> None:
    """The metric is one of the resource's; types whose metrics are not known here have any."""
    known = METRICS.get(resource.type.lower())
    if known is not None and metric not in known:
        expected = ", ".join(sorted(known))
        message = f"Couldn't find a metric named {metric} ({path}). Make sure the name is correct: {expected}."
        raise bad_request("BadRequest", message)


def once(what: str, names: Collection[str]) -> None:
    """No name twice, whatever its case."""
    if len({name.lower() for name in names}) != len(names):
        raise bad_request("BadRequest", f"{what} must have different names, got {', '.join(names)}.")


def in_range(path: str, value: int, least: int, most: int) -> None:
    """A number between two, both included."""
    if not least <= value <= most:
        raise bad_request("BadRequest", f"{path} must be {least} to {most}, got {value}.")
