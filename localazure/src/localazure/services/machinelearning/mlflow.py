"""MLflow models as they are registered: a folder whose file MLmodel says how the model is loaded, and in what."""

from pathlib import Path
from typing import Any

import yaml

from localazure.serving.contract import ServingError

CODE = Path(__file__).parents[2] / "serving" / "mlflow_model"  # what serves a model without code
SCRIPT = "score.py"


def conda_file(model: Path) -> str:
    """The text of the conda file that a model brings. Raises ServingError where there is none."""
    found = sorted(model.rglob("MLmodel"), key=lambda path: len(path.parts))
    if not found:
        raise ServingError("The model is of type mlflow_model, but has no file MLmodel.")
    named = _environment(found[0])
    path = found[0].parent / named
    if found[0].parent.resolve() not in path.resolve().parents or not path.is_file():
        raise ServingError(f"The MLflow model has no file '{named}', which MLmodel names as its environment.")
    return path.read_text()


def _environment(described: Path) -> str:
    """`conda.yaml`, or what the flavour `python_function` says: a name, or a map with one under `conda`."""
    try:
        document: Any = yaml.safe_load(described.read_text())
        told = document["flavors"]["python_function"].get("env", "conda.yaml")
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ServingError(f"The MLflow model's file MLmodel has no flavour python_function ({error}).") from None
    return str(told.get("conda", "conda.yaml") if isinstance(told, dict) else told)
