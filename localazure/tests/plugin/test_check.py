"""What inputs are refused before anything is sent, with path, got and expected."""

from typing import Any

import pytest

from localazure.plugin.check import check_inputs
from localazure.plugin.schema import ResourceType, Schema
from localazure.plugin.values import UNKNOWN

PARENTS = {"resourceGroupName": "rg", "workspaceName": "ws", "endpointName": "diabetes"}


def deployment(**properties: Any) -> dict[str, Any]:
    """Inputs of a managed deployment."""
    return {**PARENTS, "deploymentName": "blue", "properties": {"endpointComputeType": "Managed", **properties}}


@pytest.fixture
def deployment_type(schema: Schema) -> ResourceType:
    """The type of an online deployment."""
    return schema.resource("azure-native:machinelearningservices:OnlineDeployment")


def test_good_inputs_pass(schema: Schema, endpoint_type: ResourceType) -> None:
    """A complete endpoint has nothing to object to."""
    inputs = {**PARENTS, "properties": {"authMode": "Key", "traffic": {"blue": 100}}, "tags": {"a": "b"}}
    assert check_inputs(endpoint_type, inputs, schema.classes) == []


@pytest.mark.parametrize(
    ("properties", "path", "reason"),
    [
        ({"trafic": {}}, "properties.trafic", "'trafic' is no property of OnlineEndpointPropertiesArgs (it has: "),
        ({"traffic": {"blue": "100"}}, "properties.traffic.blue", "expected an integer, got a string"),
        ({"traffic": {"blue": 1.5}}, "properties.traffic.blue", "expected an integer, got the number 1.5"),
        ({"traffic": {"blue": True}}, "properties.traffic.blue", "expected an integer, got the boolean true"),
        ({"traffic": {"a.b": "1"}}, 'properties.traffic["a.b"]', "expected an integer"),
        ({"traffic": [1]}, "properties.traffic", "expected a map, got an array"),
        ({"keys": "secret"}, "properties.keys", "expected an object (EndpointAuthKeysArgs), got a string"),
        ({"authMode": None}, "properties.authMode", "missing required property 'authMode'"),
    ],
)
def test_a_bad_property_is_named_with_its_path(
    schema: Schema, endpoint_type: ResourceType, properties: dict[str, Any], path: str, reason: str
) -> None:
    """Each failure has the property's path and says what was expected and what came."""
    inputs = {**PARENTS, "properties": {"authMode": "Key", **properties}}
    [(got_path, got_reason)] = check_inputs(endpoint_type, inputs, schema.classes)
    assert (path, True) == (got_path, got_reason.startswith(reason))


def test_a_bad_value_of_a_closed_enumeration_shows_the_good_ones(schema: Schema, endpoint_type: ResourceType) -> None:
    """The failure lists what may be written."""
    inputs = {**PARENTS, "properties": {"authMode": "Key"}, "sku": {"name": "Default", "tier": "Gold"}}
    [(path, reason)] = check_inputs(endpoint_type, inputs, schema.classes)
    assert (path, reason) == ("sku.tier", "expected one of 'Free', 'Basic', 'Standard', 'Premium', got 'Gold'")


def test_all_failures_come_at_once(schema: Schema, endpoint_type: ResourceType) -> None:
    """Two mistakes give two failures."""
    found = check_inputs(endpoint_type, {**PARENTS, "tag": {}, "properties": {}}, schema.classes)
    assert {"tag", "properties.authMode"} == {path for path, _ in found}


def test_values_that_are_not_known_yet_pass(schema: Schema, endpoint_type: ResourceType) -> None:
    """A preview does not refuse what another resource will give."""
    inputs = {**PARENTS, "workspaceName": UNKNOWN, "properties": {"authMode": "Key", "traffic": UNKNOWN}}
    assert check_inputs(endpoint_type, inputs, schema.classes) == []


def test_a_union_is_checked_by_its_discriminator(schema: Schema, deployment_type: ResourceType) -> None:
    """A managed deployment is checked as one, and a nested union likewise."""
    inputs = deployment(scaleSettings={"scaleType": "TargetUtilization", "maxInstances": "3"}, model=1)
    found = dict(check_inputs(deployment_type, inputs, schema.classes))
    assert {"properties.scaleSettings.maxInstances", "properties.model"} == {*found}


def test_an_unknown_discriminator_shows_the_known_ones(schema: Schema, deployment_type: ResourceType) -> None:
    """The failure is at the discriminator."""
    found = check_inputs(deployment_type, deployment(endpointComputeType="Cloud"), schema.classes)
    expected = "expected one of 'Kubernetes', 'Managed', got 'Cloud'"
    assert [("properties.endpointComputeType", expected)] == found


def test_a_failure_never_shows_a_string_of_the_wrong_type(schema: Schema, endpoint_type: ResourceType) -> None:
    """What stands where it does not belong may be a secret."""
    inputs = {**PARENTS, "properties": {"authMode": "Key", "keys": "hunter2"}}
    assert "hunter2" not in str(check_inputs(endpoint_type, inputs, schema.classes))
