"""Resource groups: their body and their document."""

from typing import Any

from localazure.arm.bodies import Body, Tags, TrackedResource, check, normal_location
from localazure.arm.context import Azure
from localazure.arm.errors import OperationFailed, bad_request, group_not_found
from localazure.arm.ids import GROUP_TYPE, ResourceId
from localazure.arm.operations import Operation, Work
from localazure.arm.resources import keep_place, require_group
from localazure.store import Record

DELETE_SECONDS = 60.0
GROUP_NAME = 90


class GroupProperties(Body):
    """A resource group has no properties to set."""

    read_only = frozenset({"provisioningState"})


class GroupBody(TrackedResource):
    """PUT of a resource group."""

    managed_by: str | None = None
    properties: GroupProperties | None = None


def check_group_name(name: str) -> None:
    """As Azure says it (microsoft/microsoft-foundry-for-vscode#53); letters and digits are Unicode's, 90 at most."""
    if odd := "".join(dict.fromkeys(letter for letter in name if not (letter.isalnum() or letter in "-._()"))):
        text = (
            f"has these invalid characters: '{odd}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'."
        )
    elif len(name) > GROUP_NAME:
        text = f"has a length of '{len(name)}' which exceeds the maximum length of '{GROUP_NAME}'."
    elif name.endswith("."):
        text = "ends with a period."
    else:
        return
    raise bad_request("InvalidResourceGroup", f"The provided resource group name '{name[:100]}' {text}")


def put_group(azure: Azure, group: ResourceId, body: object) -> tuple[Record, bool]:
    """Create or update; returns the group and whether it is new."""
    sent = check(GroupBody, body)
    before = azure.store.get(group.text)
    check_group_name(group.name)
    if before is not None:
        require_group(azure, group)
        keep_place(before, sent.location)
    document: dict[str, Any] = {
        "id": before.id if before else f"/subscriptions/{azure.subscription}/resourceGroups/{group.name}",
        "name": before.name if before else group.name,
        "type": GROUP_TYPE,
        "location": normal_location(sent.location),
        "tags": sent.tags or {},
        "properties": {"provisioningState": "Succeeded"},
    }
    if sent.managed_by:
        document["managedBy"] = sent.managed_by
    record = Record(GROUP_TYPE, group.scope, document)
    azure.store.put(record)
    return record, before is None


class GroupPatch(Body):
    """PATCH of a resource group."""

    tags: Tags | None = None
    managed_by: str | None = None


def patch_group(azure: Azure, group: ResourceId, body: object) -> Record:
    """Change what is sent: tags and managedBy."""
    sent = check(GroupPatch, body)
    record = require_group(azure, group)
    record.document |= sent.sent()
    azure.store.put(record)
    return record


def delete_worker(azure: Azure, operation: Operation) -> Work:
    """Deleting a group ends everything that runs in it, then removes everything in it."""

    async def run() -> None:
        await azure.operations.cancel_under(operation.target)
        for stop in azure.stops:
            await stop(operation.target)

    def failed(failure: OperationFailed) -> None:
        del failure
        if (record := azure.store.get(operation.target)) is not None:
            record.properties["provisioningState"] = "Failed"
            azure.store.put(record)

    return Work(run, lambda: azure.store.delete(operation.target), failed, DELETE_SECONDS)


def mark_deleting(azure: Azure, group: ResourceId) -> Record:
    """The group is going: from here on nothing is written in it."""
    if (record := azure.store.get(group.text)) is None:
        raise group_not_found(group.name)
    require_group(azure, group)
    record.properties["provisioningState"] = "Deleting"
    azure.store.put(record)
    return record
