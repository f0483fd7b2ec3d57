"""What a conda file asks for, as far as the local Azure can build it: a Python version and packages of the index."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from localazure.serving import pip_lines, safe_yaml
from localazure.serving.conda_names import OF_WINDOWS, PIP_ONLY, RENAMED, has_no_python, is_left_out
from localazure.serving.contract import CondaError
from localazure.serving.match_spec import Spec, SpecError, normal, read

SERVER = "azureml-inference-server-http"
BRINGS_SERVER = frozenset({SERVER, "azureml-defaults"})
BRINGS_MLFLOW = frozenset({"mlflow", "mlflow-skinny", "azureml-mlflow"})
# In every environment that conda makes. setuptools with pkg_resources, which gunicorn 20 and other old packages import.
SEEDED = {"pip": "", "setuptools": "<82", "wheel": ""}
NO_PYTHON_EVER = re.compile(r"[01](\..*)?|3\.[0-3](\..*)?")
NOT_TAKEN = "is left out: Python, or the packages that need it, bring it along"
ONE_FILE = pip_lines.ONE_FILE
EXAMPLE = f"dependencies: [python=3.11, pip, {{pip: [{SERVER}]}}]"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`python`: a version request as uv reads it ("3.11", ">=3.10,<3.12"), None for any.

    `conda`: requirements that stand for conda's packages, installed first, as conda does. `pip`: lines of a
    requirements file. `notes`: what is not done as the file says.
    """

    python: str | None
    conda: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def brings(self, packages: frozenset[str]) -> bool:
        """Whether one of the packages is asked for by name."""
        return any(requirement_name(line) in packages for line in (*self.conda, *self.pip))


@dataclass
class _Reading:
    python: str | None = None
    specs: list[Spec] = field(default_factory=list)
    pip: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    not_here: list[str] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse(text: str) -> Wanted:
    """Read a conda file. Raises CondaError, which names every place that is malformed or not modelled."""
    try:
        document = safe_yaml.load(text)
    except yaml.YAMLError as error:
        raise CondaError(f"The conda file is not YAML that can be read: {safe_yaml.told(error)}.") from None
    entries = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise CondaError(f"The conda file has no list 'dependencies'. Example: {EXAMPLE}")
    reading = _Reading()
    for number, entry in enumerate(entries):
        _entry(reading, f"dependencies[{number}]", entry)
    if reading.faults:
        raise CondaError(f"The conda file can't be read. {' '.join(reading.faults)}")
    if reading.not_here:
        reading.not_done.append(
            "The local Azure installs packages of the package index (PyPI), and the conda file asks for conda packages "
            f"that are not there: {', '.join(reading.not_here)}."
        )
    if reading.not_done:
        raise CondaError(" ".join(reading.not_done), modelled=False)
    if document.get("variables"):
        reading.notes.append("the conda file's 'variables' are not set: give them to the deployment")
    return Wanted(reading.python, tuple(_requirements(reading)), tuple(reading.pip), tuple(reading.notes))


def needs_server(wanted: Wanted) -> None:
    """Raises CondaError where nothing would serve a scoring script."""
    if not wanted.brings(BRINGS_SERVER):
        raise CondaError(
            f"The conda file's packages do not have {SERVER}, which serves the scoring script. Add it under 'pip:'."
        )


def for_mlflow(wanted: Wanted) -> Wanted:
    """With a server added, as the service does for a model that has no scoring script. Raises CondaError."""
    if not wanted.brings(BRINGS_MLFLOW):
        raise CondaError("The MLflow model's environment does not have mlflow, which loads it. Add it under 'pip:'.")
    if wanted.brings(BRINGS_SERVER):
        return wanted
    note = f"{SERVER} is added: it serves a model that has no scoring script"
    return replace(wanted, pip=(*wanted.pip, SERVER), notes=(*wanted.notes, note))


def requirement_name(requirement: str) -> str:
    """The normalised name a requirement begins with."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return normal(found[0]) if found and not requirement.startswith("-") else ""


def _entry(reading: _Reading, place: str, entry: Any) -> None:
    if isinstance(entry, dict) and list(entry) == ["pip"]:
        _pip(reading, f"{place}.pip", entry["pip"])
    elif isinstance(entry, dict):
        plain = (f"{name}={value}" for name, value in entry.items() if isinstance(value, str | int | float))
        example = next(plain, "python=3.11")
        reading.faults.append(f"{place} is a map; expected text such as '{example}', or 'pip:' with a list alone.")
    elif not isinstance(entry, str) or not entry.strip():
        reading.faults.append(f"{place} is {_told(entry)}; expected a package such as 'numpy=1.26'. Correct the line.")
    elif entry.strip().startswith("-"):
        reading.faults.append(f"{place} is '{entry}': {ONE_FILE}")
    else:
        _package(reading, place, entry)


def _pip(reading: _Reading, place: str, lines: Any) -> None:
    if not isinstance(lines, list):
        reading.faults.append(f"{place} is {_told(lines)}; expected a list of packages. Write '- NAME' lines below it.")
        return
    for number, line in enumerate(lines):
        at = f"{place}[{number}]"
        if not isinstance(line, str) or not line.strip():
            reading.faults.append(f"{at} is {_told(line)}; expected a package such as 'numpy==1.26'. Correct it.")
        else:
            _pip_line(reading, at, line)


def _pip_line(reading: _Reading, at: str, written: str) -> None:
    try:
        line = pip_lines.read(written)
    except pip_lines.LineError as error:
        kind = reading.faults if error.modelled else reading.not_done
        kind.append(f"{at} is {written!r}: {str(error).rstrip('.')}.")
        return
    if line.text:
        reading.pip.append(line.text)
    if line.note:
        reading.notes.append(line.note)


def _package(reading: _Reading, place: str, entry: str) -> None:
    try:
        spec = read(entry)
    except SpecError as error:
        if is_left_out(error.name):  # openssl=1.1.1w: the index need not know its version
            reading.notes.append(f"{entry} {NOT_TAKEN}")
            return
        kind = reading.faults if error.modelled else reading.not_done
        kind.append(f"{place}, '{entry}', {error}.")
        return
    if spec.name == "python":
        _python(reading, place, entry, spec.versions)
    elif spec.name in OF_WINDOWS or spec.name.startswith("m2w64-"):
        reading.faults.append(f"{place}, '{entry}', is a package of Windows, and Azure's images are of Linux.")
    elif spec.name.startswith(PIP_ONLY):
        reading.faults.append(f"{place}, '{entry}', is in no conda channel: write it under 'pip:'.")
    elif is_left_out(spec.name):
        reading.notes.append(f"{entry} {NOT_TAKEN}")
    elif has_no_python(spec.name):
        reading.not_here.append(entry)
    else:
        reading.specs.append(spec)
    if spec.build and not is_left_out(spec.name):
        reading.notes.append(f"the build of {entry} is not looked at")


def _python(reading: _Reading, place: str, entry: str, versions: str) -> None:
    """Of two lines both hold, as in conda."""
    wanted = versions.removesuffix(".*").removeprefix("==") if "," not in versions else versions
    if NO_PYTHON_EVER.fullmatch(wanted):
        reading.faults.append(f"{place}, '{entry}', asks for a Python that no channel has; write python=3.10 for 3.10.")
    elif reading.python and wanted and reading.python != wanted:
        reading.faults.append(f"{place}, '{entry}', asks for another Python than a line before it: keep one of them.")
    else:
        reading.python = wanted or reading.python


def _requirements(reading: _Reading) -> list[str]:
    """One for each conda package, and what conda has in every environment; a name given twice has both ranges."""
    ranges: dict[str, list[str]] = {name: [] for name in SEEDED}
    for spec in reading.specs:
        ranges.setdefault(RENAMED.get(spec.name, spec.name), []).append(spec.versions)
    found = [f"{name}{','.join(filter(None, told)) or SEEDED.get(name, '')}" for name, told in ranges.items()]
    if mapped := found[len(SEEDED) :]:
        reading.notes.append(f"conda packages come from the package index: {', '.join(mapped)}")
    return found


def _told(value: Any) -> str:
    return (
        "empty" if value is None or value == "" else f"{value!r}" if isinstance(value, str | int | float) else "no text"
    )


def notes_of(wanted: Wanted, more: Sequence[str] = ()) -> str:
    """Lines for the deployment's own log; empty where all is done as the file says."""
    return "".join(f"local Azure: {note}.\n" for note in (*wanted.notes, *more))
