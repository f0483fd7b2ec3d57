"""The scoring script of an MLflow model that is deployed without one; run in the model's own environment.

A request is `{"input_data": …}`, with `params` beside it if the model takes some. `input_data` is a table as pandas
splits it (`columns`, `data`, perhaps `index`), a list of rows or records, or named tensors.
"""

import json
import os
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy
import pandas

MODEL: "dict[str, Any]" = {}  # the interpreter may be as old as 3.7


def init() -> None:
    """Load the model that is nearest to the top of the model's folder."""
    root = Path(os.environ["AZUREML_MODEL_DIR"])
    found = min(root.rglob("MLmodel"), key=lambda path: len(path.parts))
    MODEL["loaded"] = mlflow.pyfunc.load_model(str(found.parent))


def run(raw: str) -> Any:
    """Predictions as JSON: a table as a list of records."""
    body = json.loads(raw)
    if not isinstance(body, dict) or "input_data" not in body:
        raise ValueError("Request must contain a top level key named 'input_data'")
    more = {"params": body["params"]} if body.get("params") else {}
    return _plain(MODEL["loaded"].predict(_data(body["input_data"]), **more))


def _data(given: Any) -> Any:
    if isinstance(given, dict) and "data" in given:
        return pandas.DataFrame(given["data"], index=given.get("index"), columns=given.get("columns"))
    if isinstance(given, dict):
        return {name: numpy.array(values) for name, values in given.items()}
    return pandas.DataFrame(given)


def _plain(predictions: Any) -> Any:
    if isinstance(predictions, pandas.DataFrame):
        return json.loads(predictions.to_json(orient="records"))
    if isinstance(predictions, pandas.Series):
        return json.loads(predictions.to_json(orient="values"))
    return predictions.tolist() if hasattr(predictions, "tolist") else predictions
