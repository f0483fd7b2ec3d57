"""Train the ridge model: `python -m scoring.train --alpha 1.0 --out FOLDER`.

Writes FOLDER/model.joblib and FOLDER/metadata.json. The same alpha and the same library versions give the same
bytes, so a version that follows the content stays the same.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import joblib
import sklearn
from sklearn.linear_model import Ridge

from scoring.data import load_split
from scoring.evaluate import metrics


def train(alpha: float, folder: Path) -> dict[str, float]:
    """Fit ridge regression with this penalty and write the model folder; returns its held-out metrics.

    Raises ValueError where alpha is not a finite number of at least 0.
    """
    if not (math.isfinite(alpha) and alpha >= 0):
        raise ValueError(f"alpha: got {alpha}, expected a finite number of at least 0")
    split = load_split()
    estimator = Ridge(alpha=alpha).fit(split.train_x, split.train_y)
    measured = metrics(estimator, split)
    metadata = {
        "alpha": alpha,
        "features": list(split.features),
        "metrics": measured,
        "sklearn": sklearn.__version__,
        "trained_on": len(split.train_y),
    }
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(estimator, folder / "model.joblib")
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return measured


def main(arguments: list[str] | None = None) -> int:
    """Train one model and print its metrics as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alpha", type=float, default=1.0, help="the penalty on the coefficients; 0 is none")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    chosen = parser.parse_args(arguments)
    try:
        measured = train(chosen.alpha, chosen.out)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    sys.stdout.write(json.dumps(measured) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
