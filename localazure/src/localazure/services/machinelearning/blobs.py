"""The blobs behind datastores and uploads, and the URIs that name them."""

import re
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from localazure.services.machinelearning.errors import over_limit

DATASTORE_URI = re.compile(r"azureml://(?:.*/)?datastores/(?P<datastore>[^/]+)/paths/(?P<path>.+)", re.IGNORECASE)

# Microsoft: "Naming and referencing containers, blobs, and metadata".
CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


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


def check_uri(uri: str, containers: dict[str, str], account: str) -> None:
    """Raises ArmError 400 for a URI that `blob_of_uri` does not read, or of a blob elsewhere than in `account`."""
    blob_of_uri(uri, containers)
    there = urlsplit(uri)
    if there.scheme.lower() == "https" and not uri.startswith(f"{account}/"):
        raise over_limit(f"The URI '{uri}' names no blob of the local storage account, which is {account}.")


def blob_of_uri(uri: str, containers: dict[str, str]) -> tuple[str, str]:
    """Container and path of an asset's URI; `containers` by datastore name. Raises ArmError 400 for other URIs.

    `azureml://subscriptions/…/datastores/workspaceblobstore/paths/LocalUpload/ab12/model`,
    `https://127.0.0.1:8490/devstoreaccount1/upload-ab12/code`.
    """
    if match := DATASTORE_URI.fullmatch(uri):
        if (container := containers.get(match["datastore"].lower())) is None:
            raise over_limit(f"The datastore '{match['datastore']}' of '{uri}' is not in this workspace.")
        return container, _safe(match["path"].strip("/"), uri)
    parts = [unquote(part) for part in urlsplit(uri).path.split("/") if part]
    if not uri.lower().startswith("https://") or len(parts) < 3:
        raise over_limit(f"The URI '{uri}' is neither a path on a datastore nor a blob of the local storage account.")
    if CONTAINER.fullmatch(parts[1]) is None:
        raise over_limit(f"The URI '{uri}' names no container: '{parts[1]}'.")
    return parts[1], _safe("/".join(parts[2:]), uri)


def _safe(path: str, uri: str) -> str:
    """A path of which each part may be a file's name."""
    if any(part in {"", ".", ".."} or "\0" in part for part in path.split("/")):
        raise over_limit(f"The URI '{uri}' has a path that leads elsewhere, or to nothing.")
    return path
