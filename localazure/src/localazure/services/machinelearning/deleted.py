"""Workspaces that were deleted: they keep their name until they are purged, or their retention has passed.

Source: Azure ML, recover workspaces with soft delete (14 days); the refusal as reported (Azure/ResourceModules#3596).
Nothing of what was in them is kept here, so there is no recovery.
"""

from datetime import datetime, timedelta

from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.services.machinelearning import names
from localazure.store import Record

RETENTION = timedelta(days=14)
TYPE = f"{names.PROVIDER}/locations/deletedWorkspaces"  # of our own: Azure shows them in the portal only


def soft_delete(azure: Azure, workspace: Record) -> None:
    """Keep the workspace's name; the workspace itself stays."""
    document = {
        "id": _place(azure, workspace.id),
        "name": workspace.name,
        "type": TYPE,
        "properties": {"workspaceId": workspace.id, "until": (azure.clock.now() + RETENTION).isoformat()},
    }
    azure.store.put(Record(TYPE, f"/subscriptions/{azure.subscription}", document))


def purge(azure: Azure, workspace_id: str) -> bool:
    """Give the name free; whether there was a deleted workspace."""
    if _kept(azure, workspace_id) is None:
        return False
    azure.store.delete(_place(azure, workspace_id))
    return True


def refuse_kept_name(azure: Azure, workspace_id: str) -> None:
    """Raises ArmError 400 for the name of a deleted workspace, in the group that it was in."""
    if _kept(azure, workspace_id) is not None:
        message = "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete"
        raise bad_request("BadRequest", message)


def _kept(azure: Azure, workspace_id: str) -> Record | None:
    record = azure.store.get(_place(azure, workspace_id))
    if record is not None and datetime.fromisoformat(record.properties["until"]) <= azure.clock.now():
        azure.store.delete(record.id)
        return None
    return record


def _place(azure: Azure, workspace_id: str) -> str:
    group, name = workspace_id.split("/")[4], workspace_id.rsplit("/", 1)[1]
    return f"/subscriptions/{azure.subscription}/providers/{names.PROVIDER}/deletedWorkspaces/{group}.{name}".lower()
