"""What the generated schema knows of the SDK, and what it says of what it does not know."""

import ast
import json
from pathlib import Path

import pulumi_azure_native
import pytest

from localazure.plugin.generate import file_name, generate
from localazure.plugin.package import package_schema
from localazure.plugin.paths import ACTIONS, TYPES
from localazure.plugin.schema import ResourceType, Schema, UnknownToken
from localazure.plugin.source import Source

SDK = Path(pulumi_azure_native.__path__[0])


def test_a_type_has_its_path_version_and_parameters(endpoint_type: ResourceType) -> None:
    """An online endpoint's path ends in its own name, and its API version is the SDK's."""
    assert endpoint_type.parameters == ("resourceGroupName", "workspaceName", "endpointName")
    assert endpoint_type.path.endswith("/workspaces/{workspaceName}/onlineEndpoints/{endpointName}")
    assert endpoint_type.api_version == "2025-12-01"


def test_nested_types_are_read_with_requirements_and_constants(schema: Schema) -> None:
    """A managed deployment must say so, and its maps, numbers and nested objects have their types."""
    fields = schema.classes["machinelearningservices:ManagedOnlineDeploymentArgs"]
    assert fields["endpointComputeType"] == ["string", True, "Managed"]
    assert fields["environmentVariables"] == [{"map": "string"}, False, None]
    assert fields["requestSettings"][0] == {"ref": "machinelearningservices:OnlineRequestSettingsArgs"}
    settings = schema.classes["machinelearningservices:OnlineRequestSettingsArgs"]
    assert settings["maxConcurrentRequestsPerInstance"][0] == "integer"


def test_closed_enumerations_keep_their_values_and_open_ones_are_strings(schema: Schema) -> None:
    """The service may know more values of an extensible enumeration than the SDK does."""
    sku = schema.classes["machinelearningservices:SkuArgs"]
    assert sku["tier"][0] == {"enum": ["Free", "Basic", "Standard", "Premium"]}
    assert schema.classes["machinelearningservices:OnlineEndpointPropertiesArgs"]["authMode"][0] == "string"


@pytest.mark.parametrize("name", ["OnlineEndpointPropertiesArgs", "ManagedOnlineDeploymentArgs", "SkuArgs"])
def test_the_fields_are_those_of_the_imported_class(schema: Schema, name: str) -> None:
    """Reading the source gives the same wire names as the SDK's own introspection."""
    from pulumi._types import input_type_types
    from pulumi_azure_native import machinelearningservices as ml

    assert {*input_type_types(getattr(ml, name))} == {*schema.classes[f"machinelearningservices:{name}"]}


@pytest.mark.parametrize("token", sorted(TYPES))
def test_every_type_leads_to_known_classes(schema: Schema, token: str) -> None:
    """No type refers to a nested class that the schema lacks, and every type has an API version."""
    resource = schema.resource(f"azure-native:{token}")
    assert resource.api_version
    text = json.dumps([resource.inputs, resource.outputs])
    names = {part.split('"')[0] for part in text.split('{"ref": "')[1:]}
    assert names <= {*schema.classes}


@pytest.mark.parametrize("token", sorted(ACTIONS))
def test_every_action_is_a_function_that_the_sdk_calls(token: str) -> None:
    """The SDK has the function under this very token."""
    module, name = token.split(":")
    tree = ast.parse((SDK / module / f"{file_name(name)}.py").read_text(encoding="utf-8"))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert f"azure-native:{token}" in strings


def test_an_unknown_token_is_named(schema: Schema) -> None:
    """The error says which type is not modelled and where to add it."""
    with pytest.raises(UnknownToken, match=r"azure-native:web:WebApp.*resource type.*paths\.py"):
        schema.resource("azure-native:web:WebApp")
    with pytest.raises(UnknownToken, match=r"azure-native:web:getWebApp.*function"):
        schema.function("azure-native:web:getWebApp")


def test_a_path_that_does_not_fit_its_class_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that is no input of the class stops the generation."""
    monkeypatch.setitem(TYPES, "keyvault:Vault", "vaults/{name}")
    with pytest.raises(ValueError, match=r"keyvault:Vault: its path names name, which VaultArgs does not have"):
        generate(SDK, "0")


def test_a_type_that_the_sdk_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of the table that no SDK class answers to stops the generation."""
    monkeypatch.setitem(TYPES, "keyvault:Safe", "safes/{safeName}")
    with pytest.raises(ValueError, match=r"keyvault:Safe .* has no such type"):
        generate(SDK, "0")


def test_a_file_that_is_not_there_has_no_classes() -> None:
    """Asking for a file of another SDK version is no error by itself."""
    assert Source(SDK / "keyvault").classes("safe") == {}


def test_the_package_schema_is_closed(schema: Schema) -> None:
    """Every reference in what GetSchema answers leads to a type in it, and required inputs are inputs."""
    text = package_schema(schema)
    package = json.loads(text)
    references = {part.split('"')[0] for part in text.split('"#/types/')[1:]}
    assert references <= {*package["types"]}
    endpoint = package["resources"]["azure-native:machinelearningservices:OnlineEndpoint"]
    assert {*endpoint["requiredInputs"]} == {"properties", "resourceGroupName", "workspaceName"}
    managed = package["types"]["azure-native:machinelearningservices:ManagedOnlineDeployment"]
    assert managed["properties"]["endpointComputeType"] == {"type": "string", "const": "Managed"}
