"""A workspace's assets in Azure: azure-ai-ml for models and environments, its ARM requests for named code versions.

azure-ai-ml registers code only for itself, under names of its own, and has no public call for a version with a name;
so a code version is registered by the requests that it sends: startPendingUpload, the blobs, PUT of the version.
"""

import contextlib
import io
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from azure.ai.ml import MLClient
from azure.ai.ml.entities import Environment, Model
from azure.core import PipelineClient
from azure.core.exceptions import AzureError, ClientAuthenticationError, ResourceNotFoundError, ServiceRequestError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from ops.messages import UserError
from ops.register.assets import Asset, check_unchanged
from ops.register.ignored import NAMES as IGNORE_FILES
from ops.workspace import Target

# What Azure's clients log, the refusals below say.
logging.getLogger("azure").addHandler(logging.NullHandler())
_PLAIN = re.compile(r"[\w.()-]{1,90}")
_API = "2023-04-01"
_COLLECTIONS = {"model": "models", "environment": "environments", "code": "codes"}


class AzureAssets:
    """The assets of one workspace; `arm` is where its Azure is managed. Opening reads the workspace once.

    Raises UserError.
    """

    def __init__(self, target: Target, arm: str) -> None:
        check_names(target)
        credential = DefaultAzureCredential()
        self._target = target
        policies = [RetryPolicy(), BearerTokenCredentialPolicy(credential, f"{arm}/.default")]
        self._arm: Any = PipelineClient(arm, policies=policies)
        with told(target):
            self._send("GET", "")
            self._ml = MLClient(
                credential,
                target.subscription,
                target.resource_group,
                target.workspace,
                show_progress=False,
                enable_telemetry=False,
            )

    def has(self, asset: Asset) -> bool:
        """Whether this name and version is registered."""
        with told(self._target):
            try:
                self._send("GET", f"/{_COLLECTIONS[asset.kind]}/{asset.name}/versions/{asset.version}")
            except ResourceNotFoundError:
                return False
        return True

    def put(self, asset: Asset) -> None:
        """Upload what it is made of, and register it."""
        name, version, description = asset.name, asset.version, asset.description or None
        with told(self._target), unheard():
            if asset.kind == "model":
                with staged(asset) as path:
                    model = Model(name=name, version=version, path=path, type=asset.type, description=description)
                    self._ml.models.create_or_update(model)
                check_unchanged(asset)
            elif asset.kind == "environment":
                environment = Environment(
                    name=name, version=version, image=asset.image, conda_file=asset.source, description=description
                )
                self._ml.environments.create_or_update(environment)
            else:
                self._put_code(asset)

    def _put_code(self, asset: Asset) -> None:
        version = f"/codes/{asset.name}/versions/{asset.version}"
        pending = self._send("POST", f"{version}/startPendingUpload", {"pendingUploadType": "TemporaryBlobReference"})
        place = pending["blobReferenceForConsumption"]
        folder = asset.source.name
        with ContainerClient.from_container_url(place["credential"]["sasUri"]) as container:
            for relative, path in asset.files:
                with path.open("rb") as file:
                    container.upload_blob(f"{folder}/{relative}", file, overwrite=True)
        check_unchanged(asset)
        uri = f"{place['blobUri'].rstrip('/')}/{folder}"
        properties = {"codeUri": uri, "isAnonymous": False, "description": asset.description or None}
        self._send("PUT", version, {"properties": properties})

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        parameters = {"api-version": _API}
        request = HttpRequest(method, self._target.path + path, params=parameters, json=body)
        request.url = self._arm.format_url(request.url)
        response = self._arm.send_request(request)
        if response.status_code == 404:
            raise ResourceNotFoundError(response=response)
        if response.status_code in {401, 403}:
            raise ClientAuthenticationError(response=response)
        response.raise_for_status()
        return response.json()


def check_names(target: Target) -> None:
    """The names become a URL: raises UserError W018 for what can't be one in Azure. `\\w` has all scripts' letters."""
    names = {
        "subscription": target.subscription,
        "resource group": target.resource_group,
        "workspace": target.workspace,
    }
    for what, name in names.items():
        if _PLAIN.fullmatch(name) is None or set(name) == {"."}:
            raise UserError("W018", what, repr(name), "letters, digits, - _ . ( )", "Correct the name.")


@contextlib.contextmanager
def staged(asset: Asset) -> Iterator[Path]:
    """A model's files and no others, where azure-ai-ml finds them: a folder of links to them, which it follows.

    Ignore files are copies: azure-ai-ml takes the place where an ignore file really is for the top folder.
    """
    if asset.source.is_file():
        yield asset.source
        return
    with tempfile.TemporaryDirectory(prefix="rollout-") as scratch:
        top = Path(scratch) / asset.source.name
        for relative, path in asset.files:
            (top / relative).parent.mkdir(parents=True, exist_ok=True)
            if relative in IGNORE_FILES:
                shutil.copyfile(path, top / relative)
            else:
                (top / relative).symlink_to(path)
        yield top


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Keep azure-ai-ml from writing to standard error: bars and colours, in files too. Its errors pass."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def told(target: Target) -> Iterator[None]:
    """What Azure or its client says, as one clear refusal."""
    where = f"{target.resource_group}/{target.workspace}"
    try:
        yield
    except ResourceNotFoundError:
        cure = "Make it with 'pulumi up', or name another by --workspace and --resource-group."
        raise UserError("W010", "workspace", f"{where}: not found", "a workspace that exists", cure) from None
    except ClientAuthenticationError as error:
        cure = "For the local Azure: source .local/env. For Azure: az login, with a role on the workspace."
        raise UserError("W011", "login", _login_line(error), "someone logged in and allowed", cure) from None
    except ServiceRequestError as error:
        cure = "Is the local Azure running ('rollout local start'), or the network there?"
        raise UserError("W012", "Azure", _first_line(error), "an answer", cure) from None
    except AzureError as error:
        cure = "Correct what Azure names, then try again."
        raise UserError("W013", where, _first_line(error), "something that Azure accepts", cure) from None


def _login_line(error: Exception) -> str:
    """What the authority said, where one was asked; a chain of credentials says only that all have failed."""
    said = [line.strip() for line in str(error).splitlines() if "AADSTS" in line]
    return said[0].removeprefix("EnvironmentCredential: ") if said else _first_line(error)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".")
