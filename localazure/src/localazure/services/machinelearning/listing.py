"""What a list of online endpoints, deployments or assets may be asked for in its query, and a deployment's SKUs.

Source: the REST reference of Online Endpoints - List, Online Deployments - List and - List Skus, and of the lists of
models, environments, codes and data and of their versions.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.errors import bad_request
from localazure.services.machinelearning.limits import INSTANCES
from localazure.store import Record

KINDS = {"managed": "Managed", "kubernetes": "K8S"}
VIEWS = ("ActiveOnly", "ArchivedOnly", "All")
BY_TIME = {"createdtime": "createdAt", "modifiedtime": "lastModifiedAt"}
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


def select_assets(records: list[Record], query: Mapping[str, str]) -> list[Record]:
    """The asset versions, or their containers, asked for; newest first where nothing is said. Raises ArmError 400.

    `listViewType` (ActiveOnly), `version`, `tags` and `properties` (`a,b=c`), `$orderBy` (`createdtime desc`).
    """
    views = {view.lower(): view for view in VIEWS}
    view = views.get(query.get("listviewtype", VIEWS[0]).lower())
    if view is None:
        raise _unknown("listViewType", ", ".join(VIEWS), query["listviewtype"])
    found = records
    if view != "All":
        found = [each for each in found if bool(each.properties.get("isArchived")) == (view == "ArchivedOnly")]
    if version := query.get("version"):
        found = [each for each in found if each.name.lower() == version.lower()]
    for name in ("tags", "properties"):
        wanted = query.get(name, query.get(f"${name}", ""))
        found = [each for each in found if _has(each.properties.get(name) or {}, wanted)]
    field, _, way = query.get("$orderby", "").lower().partition(" ")
    if not field:
        return found
    if field not in BY_TIME or way.strip() not in {"", "asc", "desc"}:
        raise _unknown("$orderBy", "createdtime, modifiedtime, each with asc or desc", query["$orderby"])
    return sorted(
        found,
        key=lambda each: str(each.document["systemData"][BY_TIME[field]]),
        reverse=way.strip() == "desc",
    )


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
