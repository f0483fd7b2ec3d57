"""Which property paths differ, and what replaces a resource."""

from typing import Any

import pytest

from localazure.plugin.diff import compare
from localazure.plugin.schema import ResourceType
from localazure.plugin.values import UNKNOWN

BASE: dict[str, Any] = {
    "resourceGroupName": "rg",
    "workspaceName": "ws",
    "endpointName": "diabetes",
    "location": "westeurope",
    "properties": {"authMode": "Key", "traffic": {"blue": 100}},
}


def changed(**changes: Any) -> dict[str, Any]:
    """The base with other values on top."""
    return {**BASE, **changes}


def test_a_shift_of_traffic_is_shown_per_deployment(endpoint_type: ResourceType) -> None:
    """Nested additions, updates and deletions have paths of their own and replace nothing."""
    new = changed(properties={"authMode": "Key", "traffic": {"green": 10, "blue": 90}})
    difference = compare(endpoint_type, BASE, new)
    assert difference.changes == {"properties.traffic.blue": "update", "properties.traffic.green": "add"}
    assert (difference.replaces, difference.delete_first) == ((), False)
    back = compare(endpoint_type, new, BASE)
    assert back.changes == {"properties.traffic.blue": "update", "properties.traffic.green": "delete"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"capacity": 1}, {"capacity": 1.0}),
        ({"name": "Default"}, {"name": "Default", "tier": None}),
        ({"a": [1, {"b": 2}]}, {"a": [1.0, {"b": 2}]}),
    ],
)
def test_equal_json_is_no_difference(endpoint_type: ResourceType, old: Any, new: Any) -> None:
    """1 is 1.0 and null is an absent key."""
    assert compare(endpoint_type, changed(sku=old), changed(sku=new)).changes == {}


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ([], ["sku.capacity", "sku.pools[0].count", "sku.pools[1]"]),
        (["sku.capacity"], ["sku.pools[0].count", "sku.pools[1]"]),
        (["sku.pools"], ["sku.capacity"]),
        (["sku.pools[*].count"], ["sku.capacity", "sku.pools[1]"]),
        (["sku.cap"], ["sku.capacity", "sku.pools[0].count", "sku.pools[1]"]),
        (["sku"], []),
    ],
)
def test_ignored_paths_are_no_difference(endpoint_type: ResourceType, ignored: list[str], left: list[str]) -> None:
    """What an option ignores is left out with all below it: a refresh of an autoscaled count finds nothing."""
    old = changed(sku={"capacity": 3, "pools": [{"count": 1}]})
    new = changed(sku={"capacity": 5, "pools": [{"count": 2}, {"count": 1}]})
    assert sorted(compare(endpoint_type, old, new, ignored).changes) == left


def test_true_is_not_one(endpoint_type: ResourceType) -> None:
    """A boolean differs from a number."""
    assert compare(endpoint_type, changed(sku={"x": 1}), changed(sku={"x": True})).changes == {"sku.x": "update"}


def test_the_way_a_location_is_written_is_no_difference(endpoint_type: ResourceType) -> None:
    """West Europe is westeurope."""
    assert compare(endpoint_type, BASE, changed(location="West Europe")).changes == {}


@pytest.mark.parametrize(
    ("changes", "replaces", "delete_first"),
    [
        ({"endpointName": "other"}, ("endpointName",), False),
        ({"location": "northeurope"}, ("location",), True),
        ({"workspaceName": "other"}, ("workspaceName",), True),
        ({"workspaceName": UNKNOWN}, ("workspaceName",), True),
        ({"endpointName": UNKNOWN, "workspaceName": UNKNOWN}, ("endpointName", "workspaceName"), False),
    ],
)
def test_what_identifies_a_resource_replaces_it(
    endpoint_type: ResourceType, changes: dict[str, Any], replaces: tuple[str, ...], delete_first: bool
) -> None:
    """Path parameters and the location replace; one that keeps its name is deleted first."""
    difference = compare(endpoint_type, BASE, changed(**changes))
    assert (replaces, delete_first) == (difference.replaces, difference.delete_first)
    assert {*replaces} == {*difference.changes}


def test_elements_of_arrays_have_paths(endpoint_type: ResourceType) -> None:
    """An array is compared by position."""
    old, new = changed(sku={"a": [1, 2]}), changed(sku={"a": [1, 3, 4]})
    assert compare(endpoint_type, old, new).changes == {"sku.a[1]": "update", "sku.a[2]": "add"}


def test_a_value_that_is_not_known_yet_is_an_update(endpoint_type: ResourceType) -> None:
    """Only the path that is unknown is shown."""
    new = changed(properties={"authMode": "Key", "traffic": {"blue": UNKNOWN}})
    assert compare(endpoint_type, BASE, new).changes == {"properties.traffic.blue": "update"}
