"""Puts the stand-in into a PULUMI_HOME, where the engine finds it as the plugin of exactly the SDK's version."""

import hashlib
import importlib.metadata
import importlib.util
import json
import shlex
import sys
import tempfile
from pathlib import Path

from . import generate
from .schema import PACKAGE

_SDK = "pulumi_azure_native"


class NotInstalled(Exception):
    """The SDK that the schema is read from is missing."""


def install(home: Path) -> Path:
    """Writes the plugin's folder below `home` and returns it; does nothing where it is up to date.

    The schema is generated again when the SDK's version or this package's code changes (some 2 seconds).
    """
    found = importlib.util.find_spec(_SDK)
    if found is None or not found.submodule_search_locations:
        raise NotInstalled(f"{_SDK} is not installed beside {sys.executable}: run `uv sync`")
    version = importlib.metadata.version(_SDK)
    folder = home.absolute() / "plugins" / f"resource-{PACKAGE}-v{version}"
    stamp = folder / "stamp"
    shim = _shim(folder)
    wanted = f"{version} {_digest(shim)}\n"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    schema = generate.generate(Path(found.submodule_search_locations[0]), version)
    _write(folder / "schema.json", json.dumps(schema, separators=(",", ":")))
    _write(folder / f"pulumi-resource-{PACKAGE}", shim, mode=0o755)
    _write(stamp, wanted)
    return folder


def _shim(folder: Path) -> str:
    """A script that runs this Python with this package from any working folder, and keeps byte code: starts count.

    -P: a package of the same name in the working folder is another checkout's.
    """
    root = Path(__file__).resolve().parents[2]
    python, here = shlex.quote(sys.executable), shlex.quote(str(folder))
    return (
        "#!/bin/sh\n"
        "unset PYTHONDONTWRITEBYTECODE PYTHONHOME\n"
        f"export PYTHONPATH={shlex.quote(str(root))}\n"
        f'[ -n "$PYTHONPYCACHEPREFIX" ] || export PYTHONPYCACHEPREFIX={here}/pycache\n'
        f"exec {python} -P -m localazure.plugin serve --schema {here}/schema.json\n"
    )


def _digest(shim: str) -> str:
    """Changes with this package's code, and with where it and its Python stand."""
    digest = hashlib.sha256(shim.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    """Replaces a file in one step: another engine may be starting from it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
        file.write(text)
    Path(file.name).chmod(mode)
    Path(file.name).replace(path)
