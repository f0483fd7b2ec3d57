"""Every ARM body that the program would send, held to the SDK's types and to Azure's own request models."""

import importlib
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi_azure_native
import pytest
from localazure.plugin.body import to_arm
from localazure.plugin.check import check_inputs
from localazure.plugin.generate import generate
from localazure.plugin.schema import Schema

from settings.autoscale import ZONE_PATTERN
from tests.components.arm_models import faults
from tests.components.estates import everything
from tests.components.program import run, stack_file

# azure-ai-ml brings the newest models of its service; azure-mgmt-machinelearningservices is years behind.
_ML = "azure.ai.ml._restclient.arm_ml_service"
# The request model of each type: a module of `azure.mgmt`, unless it says otherwise.
MODELS = {
    "applicationinsights:Component": "applicationinsights.v2020_02_02:ApplicationInsightsComponent",
    "applicationinsights:Workbook": "applicationinsights.v2023_06_01:Workbook",
    "authorization:RoleAssignment": "authorization.v2022_04_01:RoleAssignmentCreateParameters",
    "authorization:RoleDefinition": "authorization.v2022_04_01:RoleDefinition",
    "containerregistry:Registry": "containerregistry:Registry",
    "containerservice:AgentPool": "containerservice:AgentPool",
    "containerservice:MaintenanceConfiguration": "containerservice:MaintenanceConfiguration",
    "containerservice:ManagedCluster": "containerservice:ManagedCluster",
    "keyvault:Vault": "keyvault:VaultCreateOrUpdateParameters",
    "kubernetesconfiguration:Extension": "kubernetesconfiguration.v2023_05_01:Extension",
    "machinelearningservices:Compute": f"{_ML}:ComputeResource",
    "machinelearningservices:EnvironmentVersion": f"{_ML}:EnvironmentVersion",
    "machinelearningservices:ManagedNetworkSettingsRule": f"{_ML}:OutboundRuleBasicResource",
    "machinelearningservices:OnlineDeployment": f"{_ML}:OnlineDeployment",
    "machinelearningservices:OnlineEndpoint": f"{_ML}:OnlineEndpoint",
    "machinelearningservices:Workspace": f"{_ML}:Workspace",
    "managedidentity:FederatedIdentityCredential": "msi.v2024_11_30:FederatedIdentityCredential",
    "managedidentity:UserAssignedIdentity": "msi.v2024_11_30:Identity",
    "monitor:ActionGroup": "monitor:ActionGroupResource",
    "monitor:AutoscaleSetting": "monitor:AutoscaleSettingResource",
    "monitor:DataCollectionRule": "monitor:DataCollectionRuleResource",
    "monitor:DataCollectionRuleAssociation": "monitor:DataCollectionRuleAssociationProxyOnlyResource",
    "monitor:DiagnosticSetting": "tests.components.diagnostic_settings:DiagnosticSettingsResource",
    "monitor:MetricAlert": "monitor:MetricAlertResource",
    "monitor:ScheduledQueryRule": "monitor:ScheduledQueryRuleResource",
    "network:FirewallPolicy": "network:FirewallPolicy",
    "network:FirewallPolicyRuleCollectionGroup": "network:FirewallPolicyRuleCollectionGroup",
    "network:NetworkSecurityGroup": "network:NetworkSecurityGroup",
    "network:PrivateDnsZoneGroup": "network:PrivateDnsZoneGroup",
    "network:PrivateEndpoint": "network:PrivateEndpoint",
    "network:RouteTable": "network:RouteTable",
    "network:VirtualNetwork": "network:VirtualNetwork",
    "operationalinsights:Workspace": "loganalytics:Workspace",
    "privatedns:PrivateZone": "privatedns:PrivateZone",
    "privatedns:VirtualNetworkLink": "privatedns:VirtualNetworkLink",
    "resources:ResourceGroup": "resource.resources:ResourceGroup",
    "storage:BlobServiceProperties": "storage:BlobServiceProperties",
    "storage:StorageAccount": "storage:StorageAccountCreateParameters",
}

CONFIGS = {
    **{name: stack_file(name) for name in ("aks", "dev", "local", "prod")},
    **everything(),
}


@pytest.fixture(scope="module")
def schema() -> Schema:
    """What the installed SDK says about its types."""
    return Schema(generate(Path(pulumi_azure_native.__path__[0]), "any"))


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_every_body_is_valid(name: str, schema: Schema) -> None:
    """No key that Azure does not know, no wrong type, no missing or read-only key, in any resource of the stack."""
    azure, _ = run(CONFIGS[name])
    found = []
    for resource in azure.declared.values():
        if not resource.typ.startswith("azure-native:"):
            continue
        token = resource.typ.removeprefix("azure-native:")
        kind = schema.resource(resource.typ)
        inputs = whole(resource.inputs)
        failures = check_inputs(kind, inputs, schema.classes)
        found += [f"{resource.name}.{path}: {reason}" for path, reason in failures]
        body = to_arm(kind, inputs, schema.classes)
        found += [f"{token} {resource.name}{fault}" for fault in faults(model_of(token), body)]
    assert found == []


def test_a_wrong_body_is_found() -> None:
    """The check tells an unknown key, a missing one, a read-only one, a wrong type and a value out of bounds."""
    body: Mapping[str, Any] = {
        "location": "westeurope",
        "id": "mine",
        "properties": {"agentPoolProfiles": [{"vmSize": 4}], "colour": "blue"},
    }
    found = list(faults(model_of("containerservice:ManagedCluster"), body))
    assert [fault.split(" ")[0] for fault in found] == [
        ".id:",
        ".properties.agentPoolProfiles[0].vmSize:",
        ".properties.agentPoolProfiles[0].name:",
        ".properties.colour:",
    ]
    group = {"location": "global", "properties": {"groupShortName": "longer than twelve", "enabled": True}}
    assert [fault.split(" ")[0] for fault in faults(model_of("monitor:ActionGroup"), group)] == [
        ".properties.groupShortName:"
    ]
    setting = {"properties": {"logs": [{"category": "traffic"}], "metrics": [{"enabled": "yes"}]}, "id": "mine"}
    assert [fault.split(" ")[0] for fault in faults(model_of("monitor:DiagnosticSetting"), setting)] == [
        ".properties.logs[0].enabled:",
        ".properties.metrics[0].enabled:",
        ".id:",
    ]


def test_every_time_zone_of_azure_is_taken() -> None:
    """The names that Azure's own model lists for schedules fit the stack file's pattern; others of the world do not."""
    schedule = " ".join(str(importlib.import_module("azure.mgmt.monitor.models").RecurrentSchedule.__doc__).split())
    listed = re.search(r"Dateline Standard Time.*?(?=\. Required)", schedule)
    assert listed
    zones = [zone.strip() for zone in listed[0].split(",")]
    assert len(zones) > 100
    assert [zone for zone in zones if not re.match(ZONE_PATTERN, zone)] == []
    assert not re.match(ZONE_PATTERN, "Europe/Berlin")


def whole(value: Any) -> Any:
    """Numbers as a program writes them: Pulumi hands every number over as a float."""
    if isinstance(value, Mapping):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def model_of(token: str) -> type:
    """The model class of a type."""
    module, _, name = MODELS[token].partition(":")
    if module.startswith("tests."):
        of_ours: type = getattr(importlib.import_module(module), name)
        return of_ours
    module = module if module.startswith("azure.") else f"azure.mgmt.{module}"
    with warnings.catch_warnings():
        # Generated docstrings with escapes that newer Pythons warn of, when there is no bytecode yet.
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        found: type = getattr(importlib.import_module(f"{module}.models"), name)
    return found
