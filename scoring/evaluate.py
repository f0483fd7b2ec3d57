"""How good a trained model is on the rows that it has not seen: `python -m scoring.evaluate MODEL_FOLDER`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import joblib
from sklearn.metrics import mean_absolute_error, r2_score

from scoring.data import Split, load_split


def metrics(estimator: Any, split: Split) -> dict[str, float]:
    """R2 (1 is perfect, 0 is the mean) and mean absolute error (in units of the target) on the held-out rows."""
    predicted = estimator.predict(split.held_out_x)
    return {
        "r2": round(float(r2_score(split.held_out_y, predicted)), 6),
        "mae": round(float(mean_absolute_error(split.held_out_y, predicted)), 6),
    }


def main(arguments: list[str] | None = None) -> int:
    """Print the metrics of a model folder as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder that scoring.train wrote")
    folder: Path = parser.parse_args(arguments).folder
    file = folder / "model.joblib"
    if not file.is_file():
        parser.error(f"{file} does not exist; make it with: python -m scoring.train --alpha 1.0 --out {folder}")
    sys.stdout.write(json.dumps(metrics(joblib.load(file), load_split())) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
