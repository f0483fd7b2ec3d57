"""Assets as they are registered: names, and versions that follow the content."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ops.messages import UserError
from ops.register.files import list_files

Kind = Literal["model", "environment", "code"]
ModelType = Literal["custom_model", "mlflow_model", "triton_model"]
CUSTOM: ModelType = "custom_model"
BASE_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_VERSION_LENGTH = 12
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asset:
    """One immutable version of a model, an environment or a code folder.

    `source` is the local file or folder (of an environment: its conda file); `image` is an environment's base image.
    `files` are those of a model or of code, by their path in the upload; `left_out` is what is there and not uploaded.
    `type` is a model's.
    """

    kind: Kind
    name: str
    version: str
    source: Path
    image: str = ""
    description: str = ""
    files: tuple[tuple[str, Path], ...] = ()
    left_out: tuple[str, ...] = ()
    type: ModelType = CUSTOM

    @property
    def reference(self) -> str:
        """How a stack file names it: `azureml:NAME:VERSION`."""
        return f"azureml:{self.name}:{self.version}"


class AssetStore(Protocol):
    """A workspace's registered assets. Every call raises UserError where the workspace can't be used."""

    def has(self, asset: Asset) -> bool:
        """Whether this name and version is registered."""

    def put(self, asset: Asset) -> None:
        """Upload what it is made of, and register it."""


def folder_asset(
    kind: Literal["model", "code"], name: str, source: Path, description: str = "", type: ModelType = CUSTOM
) -> Asset:
    """A model (a file or a folder) or a code folder under the version of its content. Raises UserError.

    The same files are another version as a model of another type: what is registered keeps its type.
    """
    _check_name(kind, name)
    if not source.exists():
        raise UserError("W001", str(source), "no such file or folder", f"the {kind}", "Check the path.")
    if kind == "code" and not source.is_dir():
        cure = f"Name the folder that holds it: {source.parent}"
        raise UserError("W002", str(source), "a file", "a folder of code", cure)
    if type == "mlflow_model" and not (source / "MLmodel").is_file():
        cure = "Name the folder that MLflow wrote (mlflow.*.save_model), or leave --type out."
        raise UserError("W030", str(source), "no file MLmodel in it", "a folder that MLflow wrote", cure)
    listing = list_files(source)
    version = version_of(listing.files, type)
    return Asset(kind, name, version, source.resolve(), "", description, listing.files, listing.left_out, type)


def version_of(files: Iterable[tuple[str, Path]], type: ModelType = CUSTOM) -> str:
    """The version of a content: of the paths and bytes of its files, read piece by piece, and of a type of its own."""
    digest = hashlib.sha256(b"" if type == CUSTOM else type.encode())
    for relative, path in files:
        with path.open("rb") as file:
            digest.update(f"{relative}\0{path.stat().st_size}\0".encode())
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()[:_VERSION_LENGTH]


def check_unchanged(asset: Asset) -> None:
    """Raises UserError W017 where the files are no longer those that the asset's version was made of."""
    if version_of(asset.files, asset.type) != asset.version:
        cure = "Register it again when nothing writes there; it then gets another version. Do not use this one."
        raise UserError("W017", str(asset.source), "changed while it was uploaded", "files that stay as they are", cure)


def environment_asset(name: str, conda_file: Path, image: str, description: str = "") -> Asset:
    """An environment under the version of its conda file's text and its base image. Raises UserError."""
    _check_name("environment", name)
    if not conda_file.is_file():
        cure = "Check the path; this project's is scoring/environment/conda.yaml."
        raise UserError("W001", str(conda_file), "no such file", "a conda file", cure)
    digest = hashlib.sha256(conda_file.read_bytes() + b"\0" + image.encode())
    return Asset("environment", name, digest.hexdigest()[:_VERSION_LENGTH], conda_file, image, description)


def ensure(store: AssetStore, asset: Asset) -> bool:
    """Register the asset unless its version is there already; tells whether it was uploaded."""
    if store.has(asset):
        return False
    store.put(asset)
    return True


def _check_name(kind: Kind, name: str) -> None:
    if _NAME.fullmatch(name) is None:
        expected = "1 to 255 letters, digits, dots, dashes or underscores, starting with a letter or digit"
        raise UserError("W004", f"{kind} name", repr(name), expected, "Choose another name.")
