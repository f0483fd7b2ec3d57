"""What a workspace shows of its managed network: all outbound rules, the required ones and the user's.

Source: Azure ML, workspace managed network isolation, list of required rules. Their names are of our own making.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import parse_id
from localazure.arm.resources import new_document
from localazure.services.machinelearning.managed_network import ONLY_APPROVED, RULE, AnyRule, RuleBody, build_rule
from localazure.store import Record

_TAGS = (
    "AzureActiveDirectory",
    "AzureFrontDoor.FirstParty",
    "AzureMachineLearning",
    "AzureMonitor",
    "AzureResourceManager",
    "BatchNodeManagement.{region}",
    "MicrosoftContainerRegistry.{region}",
)
_TARGETS = (
    ("storageAccount", "blob"),
    ("storageAccount", "file"),
    ("keyVault", "vault"),
    ("containerRegistry", "registry"),
)


def shown(azure: Azure, workspace: Record) -> dict[str, Any]:
    """The workspace's document as a GET answers it."""
    network = workspace.properties["managedNetwork"]
    if network.get("isolationMode", "Disabled") == "Disabled":
        return workspace.document
    users = {rule.name: rule.properties for rule in reversed(azure.store.children(workspace.id, RULE))}
    rules = dict(_required(azure, workspace)) | {name: _plain(rule) for name, rule in users.items()}
    properties = {**workspace.properties, "managedNetwork": {**network, "outboundRules": rules}}
    return {**workspace.document, "properties": properties}


def write(azure: Azure, workspace: Record, sent: Mapping[str, AnyRule] | None) -> None:
    """Store the rules of a workspace's body: they take the place of the user's; without any, those stay (open).

    Raises ArmError 400 for a required rule: a client must not send what the service made (azure-sdk-for-python#32643).
    """
    if sent is None:
        return
    for name, rule in sent.items():
        if rule.category == "Required":
            raise bad_request("ValidationError", f"Outbound rule '{name}' is required: it cannot be set by a request.")
    for old in azure.store.children(workspace.id, RULE):
        if old.name not in sent:
            azure.store.delete(old.id)
    for name, rule in sent.items():
        document = new_document(workspace, RULE, name)
        if (resource := parse_id(document["id"])) is None:
            raise bad_request("ValidationError", f"The name of outbound rule '{name}' is invalid.")
        made = build_rule(azure, resource, RuleBody(properties=rule), azure.store.get(document["id"]))
        properties = {**made.properties, "provisioningState": "Succeeded"}
        azure.store.put(Record(RULE, workspace.id, {**document, "properties": properties}))


def _required(azure: Azure, workspace: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    properties, is_closed = (
        workspace.properties,
        workspace.properties["managedNetwork"]["isolationMode"] == ONLY_APPROVED,
    )
    common = {"category": "Required", "status": "Active"}
    for key, group in _TARGETS:
        target = azure.store.get(properties.get(key) or "")
        if target is None or not (is_closed or target.properties.get("publicNetworkAccess") == "Disabled"):
            continue
        destination = {"serviceResourceId": target.id, "subresourceTarget": group, "sparkEnabled": False}
        yield f"__SYS_PE_{target.name}_{group}", {"type": "PrivateEndpoint", **common, "destination": destination}
    for tag in _TAGS if is_closed else ():
        name = tag.format(region=workspace.document["location"])
        destination = {"serviceTag": name, "protocol": "TCP", "portRanges": "443", "action": "Allow"}
        yield f"__SYS_ST_{name.replace('.', '_')}", {"type": "ServiceTag", **common, "destination": destination}


def _plain(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if key != "provisioningState"}
