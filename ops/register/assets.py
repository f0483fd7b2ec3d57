"""Assets as they are registered: names, and versions that follow the content."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ops.messages import UserError

Kind = Literal["model", "environment", "code"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One immutable version of a model, an environment or a code folder.

    `source` is the local file or folder (of an environment: its conda file); `image` is an environment's base image.
    """

    kind: Kind
    name: str
    version: str
    source: Path
    image: str = ""
    description: str = ""

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


def folder_asset(kind: Literal["model", "code"], name: str, source: Path, description: str = "") -> Asset:
    """A model (a file or a folder) or a code folder under the version of its content. Raises UserError."""
    _check_name(kind, name)
    if not source.exists():
        raise UserError("W001", str(source), "no such file or folder", f"the {kind}", "Check the path.")
    if kind == "code" and not source.is_dir():
        cure = f"Name the folder that holds it: {source.parent}"
        raise UserError("W002", str(source), "a file", "a folder of code", cure)
    files = list(content(source))
    if not files:
        raise UserError("W003", str(source), "an empty folder", f"the {kind}", "Put its files there first.")
    digest = hashlib.sha256()
    for relative, file in files:
        data = file.read_bytes()
        digest.update(f"{relative}\0{len(data)}\0".encode())
        digest.update(data)
    return Asset(kind, name, digest.hexdigest()[:_VERSION_LENGTH], source, description=description)


def environment_asset(name: str, conda_file: Path, image: str, description: str = "") -> Asset:
    """An environment under the version of its conda file's text and its base image. Raises UserError."""
    _check_name("environment", name)
    if not conda_file.is_file():
        cure = "Check the path; this project's is scoring/environment/conda.yaml."
        raise UserError("W001", str(conda_file), "no such file", "a conda file", cure)
    digest = hashlib.sha256(conda_file.read_bytes() + b"\0" + image.encode())
    return Asset("environment", name, digest.hexdigest()[:_VERSION_LENGTH], conda_file, image, description)


def content(source: Path) -> Iterator[tuple[str, Path]]:
    """The files that an upload of `source` holds, sorted by their relative path; byte code is left out."""
    if source.is_file():
        yield source.name, source
        return
    files = {file.relative_to(source).as_posix(): file for file in source.rglob("*") if file.is_file()}
    for relative in sorted(files):
        if "__pycache__" not in relative.split("/"):
            yield relative, files[relative]


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
