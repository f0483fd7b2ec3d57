"""Scoring script of the diabetes model, for azureml-inference-server-http.

Request: `{"data": [[10 numbers], ...]}`, the ten features in the order of the model's `metadata.json`.
Answer: `{"predictions": [number, ...], "model": "NAME:VERSION"}`, one prediction a row: disease progression one
year after baseline (25 to 346 in the training data). Bad input: 400 with `{"error": {path, got, expected}}`.
"""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from azureml_inference_server_http.api.aml_response import AMLResponse

MODEL_FILE = "model.joblib"
METADATA_FILE = "metadata.json"
EXAMPLE = '{"data": [[0.04, 0.05, 0.06, 0.02, -0.04, -0.03, -0.04, -0.003, 0.02, -0.02]]}'


class BadInput(Exception):
    """A request that can't be scored: where, what it holds, and what it should hold."""

    def __init__(self, path: str, got: str, expected: str) -> None:
        super().__init__(f"{path}: got {got}, expected {expected}")
        self.path = path
        self.got = got
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Served:
    """The model that this process serves."""

    reference: str
    estimator: Any
    features: tuple[str, ...]


_served: Served | None = None


def init() -> None:
    """Load the model from AZUREML_MODEL_DIR; called once by the server. Raises where there is none."""
    global _served
    root = Path(os.environ["AZUREML_MODEL_DIR"])
    _served = load(root)
    print(f"serving {_served.reference}: {type(_served.estimator).__name__}, {len(_served.features)} features")


def load(root: Path) -> Served:
    """Load the one model under `root`, which the service lays out as `.../azureml-models/NAME/VERSION`."""
    found = sorted(root.rglob(MODEL_FILE))
    if len(found) != 1:
        raise FileNotFoundError(f"expected one {MODEL_FILE} under {root}, found {len(found)}")
    metadata = json.loads((found[0].parent / METADATA_FILE).read_text(encoding="utf-8"))
    return Served(
        reference=f"{root.parent.name}:{root.name}",
        estimator=joblib.load(found[0]),
        features=tuple(metadata["features"]),
    )


def run(raw_data: str) -> Any:
    """Score one request's body: predictions, or an AMLResponse of 400 that says what is wrong with it."""
    if _served is None:
        raise RuntimeError("run() was called before init()")
    try:
        rows = parse(raw_data, _served.features)
        predictions = predict(_served.estimator, rows)
    except BadInput as bad:
        print(f"refused: {bad}")
        error = {"path": bad.path, "got": bad.got, "expected": bad.expected, "example": EXAMPLE}
        return AMLResponse({"error": error}, 400, json_str=True)
    return {"predictions": predictions, "model": _served.reference}


def predict(estimator: Any, rows: Sequence[Sequence[float]]) -> list[float]:
    """One prediction a row. Raises BadInput where a row is so far out that the model overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        predictions: list[float] = estimator.predict(np.asarray(rows, dtype=np.float64)).tolist()
    for index, value in enumerate(predictions):
        if not math.isfinite(value):
            raise BadInput(f"data[{index}]", "numbers too large to score", "features in the range of the training data")
    return predictions


def parse(raw_data: str, features: Sequence[str]) -> list[list[float]]:
    """Read `{"data": [[number per feature], ...]}`. Raises BadInput."""
    try:
        body = json.loads(raw_data)
    except (ValueError, RecursionError):
        got = "nothing" if not raw_data.strip() else "text that is not JSON"
        raise BadInput("body", got, 'a JSON object with the key "data" (content type application/json)') from None
    if not isinstance(body, dict):
        raise BadInput("body", _kind(body), 'an object with the key "data"')
    if "data" not in body:
        raise BadInput("data", f"no such key (keys: {_names(body)})", "rows of numbers")
    if len(body) > 1:
        raise BadInput("body", f"keys {_names(body)}", 'the key "data" alone')
    rows = body["data"]
    if not isinstance(rows, list):
        raise BadInput("data", _kind(rows), "a list of rows")
    if not rows:
        raise BadInput("data", "no rows", "at least one row")
    return [_row(row, f"data[{index}]", features) for index, row in enumerate(rows)]


def _row(row: Any, path: str, features: Sequence[str]) -> list[float]:
    if not isinstance(row, list):
        raise BadInput(path, _kind(row), f"a list of {len(features)} numbers")
    if len(row) != len(features):
        raise BadInput(path, f"{len(row)} values", f"{len(features)} numbers: {', '.join(features)}")
    return [_number(value, f"{path}[{index}]", features[index]) for index, value in enumerate(row)]


def _number(value: Any, path: str, feature: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(path, _kind(value), f"a number ({feature})")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadInput(
            path, "NaN" if number != number else "a number that is not finite", f"a finite number ({feature})"
        )
    return number


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _names(body: dict[str, Any]) -> str:
    names = [json.dumps(name[:40]) for name in sorted(body)[:5]]
    return ", ".join(names) + (", ..." if len(body) > 5 else "") if names else "none"
