"""Inputs to ARM bodies and answers back, and what previews and refreshes make of them."""

from typing import Any

import pytest

from localazure.plugin import body, state
from localazure.plugin.check import check_inputs
from localazure.plugin.schema import ResourceType, Schema
from localazure.plugin.values import UNKNOWN

PARENTS = {"resourceGroupName": "rg", "workspaceName": "ws", "endpointName": "diabetes"}

BODIES = [
    (
        "containerservice:AgentPool",
        {"resourceGroupName": "rg", "resourceName": "aks", "agentPoolName": "models", "count": 3, "tags": {"a": "b"}},
        {"properties": {"count": 3, "tags": {"a": "b"}}},
    ),
    (
        "authorization:RoleDefinition",
        {"scope": "/s", "roleName": "deployer", "roleType": "CustomRole"},
        {"properties": {"roleName": "deployer", "type": "CustomRole"}},
    ),
    (
        "machinelearningservices:OnlineEndpoint",
        {**PARENTS, "location": "we", "tags": {"a": "b"}, "properties": {"authMode": "Key", "traffic": {"blue": 1}}},
        {"location": "we", "tags": {"a": "b"}, "properties": {"authMode": "Key", "traffic": {"blue": 1}}},
    ),
    (
        "machinelearningservices:Workspace",
        {
            "resourceGroupName": "rg",
            "workspaceName": "ws",
            "kind": "Default",
            "friendlyName": "f",
            "sku": {"name": "B"},
        },
        {"kind": "Default", "sku": {"name": "B"}, "properties": {"friendlyName": "f"}},
    ),
    (
        "operationalinsights:Workspace",
        {"resourceGroupName": "rg", "workspaceName": "logs", "sku": {"name": "PerGB2018"}, "retentionInDays": 30},
        {"properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}},
    ),
    (
        "storage:StorageAccount",
        {
            "resourceGroupName": "rg",
            "accountName": "acc",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "enableHttpsTrafficOnly": True,
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "1.2.3.4", "action": "Allow"}],
            },
        },
        {
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "properties": {
                "supportsHttpsTrafficOnly": True,
                "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4", "action": "Allow"}]},
            },
        },
    ),
    (
        "network:VirtualNetwork",
        {
            "resourceGroupName": "rg",
            "virtualNetworkName": "net",
            "subnets": [{"name": "s", "addressPrefix": "10.0.0.0/24"}],
        },
        {"properties": {"subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]}},
    ),
    ("resources:ResourceGroup", {"resourceGroupName": "rg", "location": "we"}, {"location": "we"}),
    (
        "containerservice:AgentPool",
        {
            "resourceGroupName": "rg",
            "resourceName": "aks",
            "agentPoolName": "p",
            "count": 3,
            "type": "VirtualMachineScaleSets",
        },
        {"properties": {"count": 3, "type": "VirtualMachineScaleSets"}},
    ),
]


@pytest.mark.parametrize(("token", "inputs", "sent"), BODIES, ids=[row[0] for row in BODIES])
def test_inputs_become_the_body_of_arm(
    schema: Schema, token: str, inputs: dict[str, Any], sent: dict[str, Any]
) -> None:
    """The envelope stands on top, the rest under properties, path parameters nowhere."""
    assert sent == body.to_arm(schema.resource(f"azure-native:{token}"), inputs, schema.classes)


@pytest.mark.parametrize(("token", "inputs", "sent"), BODIES, ids=[row[0] for row in BODIES])
def test_an_answer_becomes_outputs_of_the_same_values(
    schema: Schema, token: str, inputs: dict[str, Any], sent: dict[str, Any]
) -> None:
    """What was sent comes back under the names it was given by."""
    resource = schema.resource(f"azure-native:{token}")
    outputs = body.from_arm(resource, {"id": "i", "type": "T", **sent}, schema.classes)
    settable = {key: value for key, value in inputs.items() if key not in resource.parameters}
    assert settable == {key: outputs[key] for key in settable}
    assert resource.api_version == outputs["azureApiVersion"]


def test_outputs_hold_what_the_service_adds_and_no_nulls(schema: Schema, endpoint_type: ResourceType) -> None:
    """A scoring URI appears, a null does not, and an unknown key of the answer is left out."""
    answer = {"name": "diabetes", "properties": {"authMode": "Key", "scoringUri": "u", "swaggerUri": None, "new": 1}}
    outputs = body.from_arm(endpoint_type, answer, schema.classes)
    assert outputs["properties"] == {"authMode": "Key", "scoringUri": "u"}
    assert outputs["name"] == "diabetes"


def test_a_preview_of_a_creation_knows_the_inputs_only(schema: Schema, endpoint_type: ResourceType) -> None:
    """What the service gives is unknown, also inside properties."""
    known = state.preview(endpoint_type, {**PARENTS, "properties": {"authMode": "Key"}}, schema.classes)
    assert (
        known["name"],
        known["properties"]["authMode"],
        known["properties"]["scoringUri"],
    ) == (UNKNOWN, "Key", UNKNOWN)


def test_a_preview_of_an_update_counts_on_name_and_location_only(schema: Schema, endpoint_type: ResourceType) -> None:
    """Whatever else Azure gave, such as the scoring URI, is unknown until the update is made."""
    old = {"name": "diabetes", "location": "we", "properties": {"authMode": "Key", "scoringUri": "u"}, "kind": "K8S"}
    new = {**PARENTS, "properties": {"authMode": "Key", "traffic": {"green": 100}}}
    known = state.preview(endpoint_type, new, schema.classes, old)
    assert (known["name"], known["location"], known["kind"]) == ("diabetes", "we", UNKNOWN)
    properties = known["properties"]
    assert (properties["traffic"], properties["scoringUri"]) == ({"green": 100}, UNKNOWN)


def test_a_preview_makes_the_principal_of_an_identity_unknown(schema: Schema) -> None:
    """A new tag is enough, and whatever is replaced by another principal looks replaced."""
    identity = schema.resource("azure-native:managedidentity:UserAssignedIdentity")
    known = state.preview(identity, {"tags": {"a": "b"}}, schema.classes, {"principalId": "p", "name": "n"})
    assert (known["principalId"], known["name"]) == (UNKNOWN, "n")


def test_a_preview_takes_one_of_several_types_as_it_was_written(schema: Schema) -> None:
    """The properties of a deployment are the inputs, without a mark of what Azure will add."""
    deployment = schema.resource("azure-native:machinelearningservices:OnlineDeployment")
    properties = {"endpointComputeType": "Managed", "model": "m"}
    assert state.preview(deployment, {"properties": properties}, schema.classes)["properties"] == properties


def test_drift_comes_into_the_inputs_and_additions_of_the_service_do_not(
    schema: Schema, endpoint_type: ResourceType
) -> None:
    """Shifted traffic and a new tag are drift; a default that was there before is none."""
    inputs = {**PARENTS, "properties": {"authMode": "Key", "traffic": {"blue": 90, "green": 10}}}
    old = {"properties": {**inputs["properties"], "publicNetworkAccess": "Enabled", "scoringUri": "u"}}
    live = {"blue": 50, "green": 50}
    new = {"properties": {**old["properties"], "traffic": live, "scoringUri": "v"}, "tags": {"by": "hand"}}
    merged = state.refreshed(endpoint_type, inputs, old, new, schema.classes)
    assert {**PARENTS, "properties": {"authMode": "Key", "traffic": live}, "tags": {"by": "hand"}} == merged


def test_a_key_that_was_taken_away_in_azure_leaves_the_inputs(schema: Schema, endpoint_type: ResourceType) -> None:
    """A removed tag and a removed deployment in traffic are drift too."""
    inputs = {**PARENTS, "tags": {"a": "b", "c": "d"}, "properties": {"authMode": "Key", "traffic": {"blue": 100}}}
    old = {"tags": inputs["tags"], "properties": inputs["properties"]}
    new = {"tags": {"c": "d"}, "properties": {"authMode": "Key", "traffic": {}}}
    merged = state.refreshed(endpoint_type, inputs, old, new, schema.classes)
    assert merged == {**PARENTS, "tags": {"c": "d"}, "properties": {"authMode": "Key", "traffic": {}}}


def test_a_write_only_input_survives_a_refresh(schema: Schema, endpoint_type: ResourceType) -> None:
    """Keys are null on read: that is no drift."""
    inputs = {**PARENTS, "properties": {"authMode": "Key", "keys": {"primaryKey": "k"}}}
    outputs = {"properties": {"authMode": "Key"}}
    assert inputs == state.refreshed(endpoint_type, inputs, outputs, outputs, schema.classes)


def test_identities_are_a_list_in_programs_and_keys_in_azure(schema: Schema, endpoint_type: ResourceType) -> None:
    """Sent as keys, unknown in a preview, no drift by their contents, a list in an import."""
    identity = {"type": "UserAssigned", "userAssignedIdentities": ["/Id"]}
    inputs = {**PARENTS, "identity": identity, "properties": {"authMode": "Key"}}
    assert check_inputs(endpoint_type, inputs, schema.classes) == []
    sent = body.to_arm(endpoint_type, inputs, schema.classes)["identity"]
    assert sent == {"type": "UserAssigned", "userAssignedIdentities": {"/Id": {}}}
    known = state.preview(endpoint_type, inputs, schema.classes)["identity"]
    assert known["userAssignedIdentities"] is UNKNOWN
    old = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id": {"principalId": "p"}}}}
    new = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"/ID": {"principalId": "q"}}}}
    assert state.refreshed(endpoint_type, inputs, old, new, schema.classes)["identity"] == identity
    other = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"/other": {"principalId": "q"}}}}
    drifted = state.refreshed(endpoint_type, inputs, old, other, schema.classes)["identity"]
    assert drifted == {"type": "UserAssigned", "userAssignedIdentities": ["/other"]}
    assert state.importable(endpoint_type, other, schema.classes) == {"identity": drifted}


def test_an_import_gives_the_settable_keys(schema: Schema, endpoint_type: ResourceType) -> None:
    """Read-only keys and empty values are left out."""
    outputs = {"name": "n", "tags": {}, "properties": {"authMode": "Key", "scoringUri": "u", "traffic": {"blue": 1}}}
    expected = {"properties": {"authMode": "Key", "traffic": {"blue": 1}}}
    assert expected == state.importable(endpoint_type, outputs, schema.classes)


def test_a_discriminator_with_a_dot(schema: Schema) -> None:
    """Azure Monitor's `odata.type` is written with its dot and read without it."""
    kind = schema.resource("azure-native:monitor:MetricAlert")
    criteria = {"odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []}
    sent = body.to_arm(kind, {"criteria": criteria}, schema.classes)
    assert sent["properties"]["criteria"] == {"odata.type": criteria["odataType"], "allOf": []}
    assert body.from_arm(kind, sent, schema.classes)["criteria"] == criteria
