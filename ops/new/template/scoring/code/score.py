"""The scoring script: `init` loads the model once, `run` answers a request. Put your own model in its place.

Request: `{"data": [{"amount": 120.0, "foreign": 1, "night": 0}, ...]}`. Answer: `{"scores": [0.49, ...]}`.
"""

import json
import math
import os
from pathlib import Path
from typing import Any

_model: dict[str, Any] = {}


def init() -> None:
    """Load the model from AZUREML_MODEL_DIR: the folder of the registered model is below it."""
    root = Path(os.environ["AZUREML_MODEL_DIR"])
    (file,) = sorted(root.rglob("model.json"))
    _model.update(json.loads(file.read_text(encoding="utf-8")))


def run(raw_data: str) -> dict[str, list[float]]:
    """One score between 0 and 1 a row."""
    return {"scores": [_score(row) for row in json.loads(raw_data)["data"]]}


def _score(row: dict[str, float]) -> float:
    total = _model["bias"] + sum(weight * row[name] for name, weight in _model["weights"].items())
    return round(1 / (1 + math.exp(-total)), 6)
