"""The blobs behind datastores and uploads, and the URIs that name them."""

import re
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from localazure.services.machinelearning.errors import over_limit

DATASTORE_URI = re.compile(r"azureml://(?:.*/)?datastores/(?P<datastore>[^/]+)/paths/(?P<path>.+)", re.IGNORECASE)


class BlobStore(Protocol):
    """One storage account; `url` is `https://127.0.0.1:PORT/ACCOUNT`."""

    @property
    def url(self) -> str:
        """Where its containers are."""

    async def ensure_container(self, name: str) -> None:
        """Make the container unless it is there."""

    def sas(self, container: str, minutes: float, permissions: str) -> str:
        """A shared access signature of a container, without a question mark."""

    async def download(self, container: str, prefix: str, to: Path) -> None:
        """Copy the blobs below `prefix` into the new folder `to`, or the one of just that name to the new file `to`.

        Raises ServingError.
        """


def blob_of_uri(uri: str, containers: dict[str, str]) -> tuple[str, str]:
    """Container and path of an asset's URI; `containers` by datastore name. Raises ArmError 400 for other URIs.

    `azureml://subscriptions/…/datastores/workspaceblobstore/paths/LocalUpload/ab12/model`,
    `https://127.0.0.1:8490/devstoreaccount1/upload-ab12/code`.
    """
    if match := DATASTORE_URI.fullmatch(uri):
        if (container := containers.get(match["datastore"].lower())) is None:
            raise over_limit(f"The datastore '{match['datastore']}' of '{uri}' is not in this workspace.")
        return container, match["path"].strip("/")
    parts = [unquote(part) for part in urlsplit(uri).path.split("/") if part]
    if not uri.lower().startswith("https://") or len(parts) < 3:
        raise over_limit(f"The URI '{uri}' is neither a path on a datastore nor a blob of the local storage account.")
    return parts[1], "/".join(parts[2:])
