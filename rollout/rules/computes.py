"""What the stock azure-native plugin can't do to a compute: asked by the engine's hooks before it is tried."""

from collections.abc import Iterator

from settings.refusal import Refusal


def guard_compute_leaves(path: str, is_there: bool, command: str) -> Iterator[Refusal]:
    """R129 A compute that leaves the stack file is deleted by `az` first; then the engine forgets it.

    Asked before each delete, in a preview too. The plugin deletes without `underlyingResourceAction`, which Azure
    requires of a compute. `pulumi destroy` takes it with its workspace.

    Source: azure-native, provider.go (Delete sends no query); azure-ai-ml, build_compute_delete_request (required).
    Example:
        path: training.builder
        exists: true
        command: az ml compute delete --name builder --resource-group rg --workspace-name ws --yes
    """
    if is_there:
        got = "removed from the stack file, and azure-native can't delete it"
        yield Refusal("R129", path, got, "a compute that is no longer in Azure", f"Type: {command}; then 'pulumi up'.")


def guard_attached(path: str, is_there: bool, command: str) -> Iterator[Refusal]:
    """R130 A cluster is attached once: settings of its attachment don't change in place.

    Asked before each update of the attached compute, in a preview too. One that was detached by hand is attached again.

    Source: Azure/bicep-registry-modules, machine-learning-services workspace compute (attaching is not idempotent).
    Example:
        path: inferenceCluster.attach
        exists: true
        command: az ml compute detach --name aks --resource-group rg --workspace-name ws --yes
    """
    if is_there:
        cure = f"Put them back; or take the endpoints off it, type: {command}; then 'pulumi up' attaches it again."
        yield Refusal("R130", path, "other settings for an attached cluster", "those that it was attached with", cure)
