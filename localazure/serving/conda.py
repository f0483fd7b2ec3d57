"""What a conda file asks for, as far as the local Azure can build it: a Python version and pip packages."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from localazure.serving.contract import ServingError

SERVER = "azureml-inference-server-http"
BRINGS_SERVER = frozenset({SERVER, "azureml-defaults"})
IGNORED = frozenset({"pip", "setuptools", "wheel"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """`python`: a version request as uv reads it ("3.11", ">=3.10,<3.12"), None for any. `pip`: requirement lines."""

    python: str | None
    pip: tuple[str, ...]


def parse(text: str) -> Wanted:
    """Read a conda file. Raises ServingError when it is malformed or asks for what is not modelled."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ServingError(f"The conda file is not YAML: {error}") from None
    except RecursionError:
        raise ServingError("The conda file is nested too deeply.") from None
    entries = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ServingError(
            f"The conda file has no list 'dependencies'. Example: dependencies: [python=3.11, pip, {{pip: [{SERVER}]}}]"
        )
    python, pip, refused = _sort(entries)
    if refused:
        raise ServingError(
            "The local Azure installs pip packages only, but the conda file asks for the conda packages "
            f"{', '.join(refused)}. Move them under 'pip:'."
        )
    if not BRINGS_SERVER & {_name(line) for line in pip}:
        raise ServingError(
            f"The conda file's pip packages do not have {SERVER}, which serves the scoring script. Add it under 'pip:'."
        )
    return Wanted(python, pip)


def _sort(entries: list[Any]) -> tuple[str | None, tuple[str, ...], list[str]]:
    python: str | None = None
    pip: list[str] = []
    refused: list[str] = []
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("pip"), list):
            pip += [str(line).strip() for line in entry["pip"]]
        elif isinstance(entry, str) and _name(entry) == "python":
            python = _version(entry)
        elif not isinstance(entry, str) or _name(entry) not in IGNORED:
            refused.append(str(entry))
    return python, tuple(pip), refused


def _name(requirement: str) -> str:
    """The normalised name a requirement begins with (a conda channel prefix aside)."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement.rpartition("::")[2].strip())
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _version(entry: str) -> str | None:
    """conda's `python=3.11`, `python==3.11.7` and `python>=3.10` as a version request."""
    request = entry.rpartition("::")[2].strip()[len("python") :].strip().removesuffix(".*")
    return re.sub(r"^={1,2}\s*", "", request) or None
