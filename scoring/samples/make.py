"""Make the sample requests and their expected answers beside this file: `python -m scoring.samples.make`.

`NAME.json` is a request body; `expected.json` holds for each sample and each alpha (as text) the predictions of the
model that `scoring.train` gives, to be met to 1e-6 of their size.
"""

import json
import sys
import tempfile
from pathlib import Path

import joblib

from scoring.data import load_split
from scoring.train import train

FOLDER = Path(__file__).parent
ALPHAS = (1.0, 0.1)
SAMPLES = {"one-patient": slice(0, 1), "two-patients": slice(1, 3), "ward": slice(3, 23)}


def make(folder: Path) -> None:
    """Write every sample and `expected.json` into `folder`."""
    rows = load_split().held_out_x
    requests = {name: rows[chosen].tolist() for name, chosen in SAMPLES.items()}
    expected: dict[str, dict[str, list[float]]] = {name: {} for name in requests}
    for alpha in ALPHAS:
        with tempfile.TemporaryDirectory() as scratch:
            train(alpha, Path(scratch))
            estimator = joblib.load(Path(scratch) / "model.joblib")
        for name, data in requests.items():
            expected[name][str(alpha)] = estimator.predict(data).tolist()
    for name, data in requests.items():
        (folder / f"{name}.json").write_text(json.dumps({"data": data}) + "\n", encoding="utf-8")
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make(FOLDER)
    sys.exit(0)
