"""Which property paths differ, and what replaces a resource."""

from typing import Any

import pytest

from localazure.plugin.diff import compare
from localazure.plugin.ids import MADE_UP
from localazure.plugin.schema import ResourceType, Schema
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
    ("changes", "replaces"),
    [
        ({"endpointName": "other"}, ("endpointName",)),
        ({"location": "northeurope"}, ("location",)),
        ({"workspaceName": "other"}, ("workspaceName",)),
        ({"workspaceName": UNKNOWN}, ("workspaceName",)),
        ({"endpointName": UNKNOWN, "workspaceName": UNKNOWN}, ("endpointName", "workspaceName")),
    ],
)
def test_what_identifies_a_resource_replaces_it(
    endpoint_type: ResourceType, changes: dict[str, Any], replaces: tuple[str, ...]
) -> None:
    """Path parameters and the location replace, and the old one is deleted first, whatever the new one's name."""
    difference = compare(endpoint_type, BASE, changed(**changes))
    assert (replaces, True) == (difference.replaces, difference.delete_first)
    assert {*replaces} == {*difference.changes}


def test_what_the_plugin_named_itself_is_made_anew_first(endpoint_type: ResourceType) -> None:
    """A made-up name leaves room for the new one beside the old one."""
    difference = compare(endpoint_type, {**BASE, MADE_UP: True}, changed(location="northeurope"))
    assert (difference.replaces, difference.delete_first) == (("location",), False)


def test_a_groups_name_has_no_case(endpoint_type: ResourceType) -> None:
    """RG is rg."""
    assert compare(endpoint_type, BASE, changed(resourceGroupName="RG")).changes == {}


CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
ROLE = "azure-native:authorization:RoleAssignment"
ACCOUNT = "azure-native:storage:StorageAccount"
ML = "azure-native:machinelearningservices"
NETWORK = {"networkPlugin": "azure", "podCidr": "10.244.0.0/16", "loadBalancerSku": "standard"}
ROUTES = {"livenessRoute": {"path": "/", "port": 80}}
MOVED = {"livenessRoute": {"path": "/", "port": 81}}


def inside(value: dict[str, Any]) -> dict[str, Any]:
    """Inputs of a type that has `properties` of its own."""
    return {"properties": value}


@pytest.mark.parametrize(
    ("token", "old", "new", "replaces"),
    [
        (CLUSTER, {"networkProfile": NETWORK}, {"networkProfile": NETWORK | {"podCidr": "10.1.0.0/16"}}, True),
        (CLUSTER, {"networkProfile": NETWORK}, {"networkProfile": NETWORK | {"outboundType": "none"}}, True),
        (CLUSTER, {"networkProfile": NETWORK}, {"networkProfile": NETWORK | {"loadBalancerSku": "basic"}}, False),
        (CLUSTER, {}, {"networkProfile": NETWORK}, False),
        (CLUSTER, {"dnsPrefix": "a"}, {"dnsPrefix": "b"}, True),
        (CLUSTER, {"linuxProfile": {"adminUsername": "a"}}, {"linuxProfile": {"adminUsername": "b"}}, True),
        (CLUSTER, {"sku": {"name": "Basic", "tier": "Paid"}}, {"sku": {"name": "Base", "tier": "Standard"}}, False),
        (CLUSTER, {"agentPoolProfiles": [{"vmSize": "a"}]}, {"agentPoolProfiles": [{"vmSize": "b"}]}, False),
        (POOL, {"vmSize": "a"}, {"vmSize": "b"}, True),
        (POOL, {"osDiskSizeGB": 1}, {"osDiskSizeGB": 2}, False),
        (ROLE, {"principalId": "a"}, {"principalId": UNKNOWN}, True),
        (ROLE, {"roleDefinitionId": "a"}, {"roleDefinitionId": "b"}, False),
        (ACCOUNT, {"isHnsEnabled": False}, {"isHnsEnabled": True}, True),
        (ACCOUNT, {"sku": {"name": "Standard_LRS"}}, {"sku": {"name": "Standard_ZRS"}}, False),
        ("azure-native:network:PrivateEndpoint", {"subnet": {"id": "a"}}, {"subnet": {"id": "b"}}, True),
        (f"{ML}:Workspace", {"location": "a"}, {"location": "b"}, False),
        (f"{ML}:EnvironmentVersion", inside({"image": "a"}), inside({"image": "b"}), True),
        (f"{ML}:EnvironmentVersion", inside({"inferenceConfig": ROUTES}), inside({"inferenceConfig": MOVED}), True),
        (f"{ML}:EnvironmentVersion", inside({"description": "a"}), inside({"description": "b"}), False),
        (f"{ML}:OnlineEndpoint", inside({"authMode": "Key"}), inside({"authMode": "AMLToken"}), False),
        (f"{ML}:Compute", inside({"resourceId": "a"}), inside({"resourceId": "b"}), False),
    ],
)
def test_what_azure_fixes_at_creation_replaces_where_the_plugin_knows(
    schema: Schema, token: str, old: dict[str, Any], new: dict[str, Any], replaces: bool
) -> None:
    """Some properties replace, delete first; others the plugin sends as an update, whatever Azure says to it."""
    difference = compare(schema.resource(token), old, new)
    assert (bool(difference.replaces), difference.delete_first) == (replaces, replaces)


def test_what_azure_filled_in_may_be_said(schema: Schema) -> None:
    """An input that says for the first time what the output says is no replacement."""
    cluster = schema.resource(CLUSTER)
    group = {"nodeResourceGroup": "MC_a"}
    assert compare(cluster, {}, group, (), group).replaces == ()
    assert compare(cluster, {}, group, (), {"nodeResourceGroup": "MC_b"}).replaces == ("nodeResourceGroup",)


def test_elements_of_arrays_have_paths(endpoint_type: ResourceType) -> None:
    """An array is compared by position."""
    old, new = changed(sku={"a": [1, 2]}), changed(sku={"a": [1, 3, 4]})
    assert compare(endpoint_type, old, new).changes == {"sku.a[1]": "update", "sku.a[2]": "add"}


def test_a_value_that_is_not_known_yet_is_an_update(endpoint_type: ResourceType) -> None:
    """Only the path that is unknown is shown."""
    new = changed(properties={"authMode": "Key", "traffic": {"blue": UNKNOWN}})
    assert compare(endpoint_type, BASE, new).changes == {"properties.traffic.blue": "update"}
