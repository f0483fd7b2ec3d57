"""What the service's parts share: ARM's context, the serving side, the blobs, and its workspaces."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localazure.arm.context import Azure
from localazure.arm.errors import parent_not_found
from localazure.arm.ids import ResourceId
from localazure.arm.operations import Operation, new_guid
from localazure.arm.resources import require_group
from localazure.services.machinelearning import names
from localazure.services.machinelearning.blobs import BlobStore
from localazure.serving.contract import AuthMode, Serving, TokenCheck
from localazure.store import Record


@dataclass(frozen=True, slots=True)
class MachineLearning:
    """`assets` is the folder that local copies of registered assets live in; `token_check` tells who may call."""

    azure: Azure
    serving: Serving
    blobs: BlobStore
    assets: Path
    token_check: Callable[[str, AuthMode], TokenCheck | None]

    def workspace_of(self, resource_id: ResourceId, verb: str = "read", type_name: str = "") -> Record:
        """The workspace that a resource is in; raises ARM's 404s. `type_name` is of what it holds, for a list."""
        return self._above(names.WORKSPACE, resource_id, verb, type_name)

    def holder_of(self, resource_id: ResourceId, verb: str = "read", type_name: str = "") -> Record:
        """The workspace or registry that an asset is in; raises ARM's 404s."""
        in_registry = resource_id.type.lower().startswith(names.REGISTRY.lower())
        return self._above(names.REGISTRY if in_registry else names.WORKSPACE, resource_id, verb, type_name)

    def _above(self, holder: str, resource_id: ResourceId, verb: str, type_name: str) -> Record:
        require_group(self.azure, resource_id)
        scope = f"{resource_id.scope}/providers/{holder}/{resource_id.names[0]}"
        if (record := self.azure.store.get(scope)) is None:
            raise parent_not_found(verb, type_name or resource_id.type, scope)
        return record

    def begin(self, kind: str, target: Record, prefix: str, api_version: str) -> tuple[Operation, str]:
        """Start an operation as the service does; returns it and its status URL. `prefix`: oe or od."""
        workspace = self.azure.store.get(target.id.split("/onlineEndpoints/")[0])
        name = f"{prefix}:{workspace.properties['workspaceId'] if workspace else ''}:{new_guid()}"
        location = target.document["location"]
        place = f"/subscriptions/{self.azure.subscription}/providers/{names.PROVIDER}/locations/{location}"

        def urls(name: str) -> tuple[str, str]:
            return f"{place}/mfeOperationsStatus/{name}", f"{place}/mfeOperationResults/{name}"

        operation = self.azure.operations.begin(kind, target.id, target.type, urls, name)
        return operation, self.link(operation.status_url, api_version)

    def link(self, path: str, api_version: str) -> str:
        """A full URL with its api-version."""
        return f"{self.azure.url}{path}?api-version={api_version}"

    def accepted(self, operation: Operation, location: str, api_version: str) -> dict[str, str]:
        """The headers of every asynchronous answer, as recorded."""
        return {
            "azure-asyncoperation": self.link(operation.status_url, api_version),
            "location": self.link(location, api_version),
            "x-ms-async-operation-timeout": "PT30M",
        }
