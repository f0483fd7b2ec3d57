"""Microsoft.KubernetesConfiguration over HTTP."""

from localazure.arm.catalog import ResourceType
from localazure.arm.context import Azure
from localazure.arm.lasting import LastingType, status_type
from localazure.services.kubernetesconfiguration.models import TYPE, ExtensionBody, build
from localazure.store import Record

# Seconds; nobody has recorded them: orders of magnitude of the service.
SECONDS = {"create": 300.0, "update": 120.0, "delete": 120.0}


def resource_types(azure: Azure) -> list[ResourceType]:
    """Extensions, which extend a cluster, and where their operations are polled."""
    kind = LastingType(azure, TYPE, ExtensionBody, build, SECONDS, _status_path)
    return [kind.resource_type(), status_type(azure, f"{TYPE}/operations")]


def _status_path(record: Record, name: str) -> str:
    return f"{record.id}/operations/{name}"
