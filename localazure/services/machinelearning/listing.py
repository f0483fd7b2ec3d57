"""What a list of online endpoints or deployments may be asked for in its query, and a deployment's SKUs.

Source: the REST reference of Online Endpoints - List, Online Deployments - List and - List Skus.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.errors import bad_request
from localazure.services.machinelearning.limits import INSTANCES
from localazure.store import Record

KINDS = {"managed": "Managed", "kubernetes": "K8S"}
ORDERS = ("CreatedAtDesc", "CreatedAtAsc", "UpdatedAtDesc", "UpdatedAtAsc")


def select_endpoints(records: list[Record], query: Mapping[str, str]) -> list[Record]:
    """The endpoints asked for, in the order asked for; query names are in lower case. Raises ArmError 400.

    `name`, `computeType` (Managed, Kubernetes), `tags` and `properties` (`a,b=c`: has a, and b is c), `orderBy`.
    """
    found = records
    if name := query.get("name"):
        found = [record for record in found if record.name.lower() == name.lower()]
    if kind := query.get("computetype"):
        if kind.lower() not in KINDS:
            raise _unknown("computeType", "Managed, Kubernetes", kind)
        found = [record for record in found if record.document["kind"] == KINDS[kind.lower()]]
    found = [record for record in found if _has(record.document["tags"], query.get("tags", ""))]
    found = [record for record in found if _has(record.properties["properties"], query.get("properties", ""))]
    return ordered(found, query.get("orderby", ""))


def ordered(records: list[Record], order: str) -> list[Record]:
    """By creation or last change; newest first where nothing is said. Raises ArmError 400."""
    known = {each.lower(): each for each in ORDERS}
    if not order:
        return records
    if order.lower() not in known:
        raise _unknown("orderBy", ", ".join(ORDERS), order)
    field = "createdAt" if order.lower().startswith("created") else "lastModifiedAt"
    return sorted(
        records, key=lambda each: str(each.document["systemData"][field]), reverse=order.lower()[-4:] == "desc"
    )


def skus(deployment: Record) -> list[dict[str, Any]]:
    """The one SKU that a deployment can have, and how many instances."""
    managed = deployment.document["kind"] == "Managed"
    capacity = {"minimum": 1, "maximum": INSTANCES, "default": 1, "scaleType": "Manual" if managed else "Automatic"}
    kind = "Microsoft.MachineLearning.Services/endpoints/deployments"
    return [{"resourceType": kind, "sku": {"name": "Default", "tier": "Standard"}, "capacity": capacity}]


def _has(values: Mapping[str, Any], wanted: str) -> bool:
    """Whether every `name` is there, and every `name=value` is so."""
    for each in filter(None, wanted.split(",")):
        name, equals, value = each.strip().partition("=")
        if name not in values or (equals and values[name] != value):
            return False
    return True


def _unknown(name: str, expected: str, got: str) -> Exception:
    return bad_request("InvalidQueryParameter", f"{name} must be one of {expected}, got '{got}'.")
