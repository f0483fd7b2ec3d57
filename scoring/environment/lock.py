"""Write conda.yaml from requirements.in: `python -m scoring.environment.lock`.

Every version is pinned, the transitive ones too. What the model is trained with (scikit-learn, numpy, joblib) is held
to the versions in uv.lock, so that a deployment reads the model with the library that wrote it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
PYTHON = "3.11"
HEADER = """\
# The scoring environment, every version pinned. Made from requirements.in and uv.lock; don't edit. To make it again:
#   uv run python -m scoring.environment.lock
"""


def lock() -> str:
    """Resolve requirements.in for PYTHON under uv.lock's scoring group; returns the text of conda.yaml."""
    trained_with = _uv("export", "--frozen", "--no-hashes", "--no-header", "--only-group", "scoring")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write(trained_with)
        constraints.flush()
        source = str(FOLDER / "requirements.in")
        options = ["--python-version", PYTHON, "--constraint", constraints.name, "--no-header", "--no-annotate"]
        pins = _uv("pip", "compile", source, "--no-emit-index-url", "--no-emit-find-links", *options).split()
    lines = ["name: scoring", "channels:", "- conda-forge", "dependencies:", f"- python={PYTHON}", "- pip", "- pip:"]
    return HEADER + "\n".join([*lines, *(f"  - {pin}" for pin in pins)]) + "\n"


def _uv(*arguments: str) -> str:
    done = subprocess.run(["uv", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"uv {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    (FOLDER / "conda.yaml").write_text(lock(), encoding="utf-8")
