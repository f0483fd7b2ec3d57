"""MLflow models as they are registered: a folder whose file MLmodel says how the model is loaded, and in what."""

from pathlib import Path
from typing import Any

import yaml

from localazure.serving import safe_yaml
from localazure.serving.contract import ServingError

CODE = Path(__file__).parents[2] / "serving" / "mlflow_model"  # what serves a model without code
SCRIPT = "score.py"


def conda_file(model: Path) -> str:
    """The text of the conda file that a model brings. Raises ServingError where there is none."""
    found = sorted(model.rglob("MLmodel"), key=lambda path: (len(path.parts), path))
    if not found:
        raise ServingError("The model is of type mlflow_model, but has no file MLmodel.")
    named = _environment(found[0])
    path = found[0].parent / named
    if found[0].parent.resolve() not in path.resolve().parents or not path.is_file():
        raise ServingError(f"The MLflow model has no file '{named}', which MLmodel names as its environment.")
    return _text(path)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ServingError(f"The MLflow model's file '{path.name}' is no UTF-8.") from None


def _environment(described: Path) -> str:
    """`conda.yaml`, or what the flavour `python_function` says: a name, or a map with one under `conda`."""
    try:
        document: Any = safe_yaml.load(_text(described))
        told = document["flavors"]["python_function"].get("env", "conda.yaml")
    except yaml.YAMLError as error:
        raise ServingError(f"The MLflow model's file MLmodel is no YAML: {safe_yaml.told(error)}.") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ServingError(f"The MLflow model's file MLmodel has no flavour python_function ({error}).") from None
    return str(told.get("conda", "conda.yaml") if isinstance(told, dict) else told)
