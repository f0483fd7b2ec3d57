"""The files of a project, from the template beside this module and a person's answers. Pure but for reading it.

`pulumi new` copies the same template, puts the name for ${PROJECT}, and in YAML ends the line behind it: so a name that
is a key stands behind a question mark there, and every other one at a line's end.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

TEMPLATE = Path(__file__).parent / "template"
RECORD = ".rollout.yaml"
MODEL = "scoring-model"
LOCATION = "westeurope"
DESCRIPTION = "Safe rollouts of a model on Azure Machine Learning"
Ci = Literal["github", "azure-pipelines"]
PIPELINES: Mapping[str, str] = {"github": ".github/", "azure-pipelines": "azure-pipelines/"}
KEPT_UP = ("__main__.py", ".gitignore", "tests/test_project.py", "tools/pipeline.sh", *PIPELINES.values())
"""What `rollout update` brings newer versions of; everything else is the project's own once it is written."""

_NAME_KEY = re.compile(r"^( *)\? (\S+)\n\1: ", re.MULTILINE)
_REGISTRY = re.compile(r"\bacr[a-z]*\$\{PROJECT\}")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a project is made of: `model` is the name of its registered model, `source` a table of pyproject.toml."""

    name: str
    description: str = DESCRIPTION
    ci: Ci = "github"
    location: str = LOCATION
    model: str = MODEL
    source: str = ""


def render(answers: Answers, template: Path = TEMPLATE) -> dict[str, str]:
    """The project's files: their text by path, sorted; pipelines of the chosen system only."""
    others = tuple(folder for ci, folder in PIPELINES.items() if ci != answers.ci)
    paths = sorted(path.relative_to(template).as_posix() for path in template.rglob("*") if _is_part(path))
    return {
        path: _filled(path, (template / path).read_text(encoding="utf-8"), answers)
        for path in paths
        if not path.startswith(others)
    }


def is_kept_up(path: str) -> bool:
    """Whether `rollout update` brings newer versions of this file."""
    return any(path == kept or (kept.endswith("/") and path.startswith(kept)) for kept in KEPT_UP)


def _is_part(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _filled(path: str, text: str, answers: Answers) -> str:
    if path == "Pulumi.yaml":
        text = text.partition("template:\n")[0]
    if path == "pyproject.toml":
        text += answers.source
    text = _REGISTRY.sub(lambda found: found[0].replace("${PROJECT}", answers.name.replace("-", "")), text)
    text = text.replace("${PROJECT}", answers.name).replace("${DESCRIPTION}", _quoted(path, answers.description))
    text = text.replace(MODEL, answers.model)
    if path == RECORD:
        text = text.replace("ci: github", f"ci: {answers.ci}")
    if path.endswith(".yaml"):
        text = _NAME_KEY.sub(r"\1\2:\n\1  ", text)
        text = text.replace(f"azure-native:location: {LOCATION}", f"azure-native:location: {answers.location}")
    return text


def _quoted(path: str, text: str) -> str:
    """Free text as the file's language writes it within, or without, quotes of its own."""
    if path.endswith(".yaml"):
        return yaml.safe_dump(text, width=10_000, allow_unicode=True).removesuffix("\n").removesuffix("\n...")
    return text.replace("\\", "\\\\").replace('"', '\\"') if path.endswith(".toml") else text
