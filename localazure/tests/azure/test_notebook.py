"""Microsoft's safe-rollout notebook runs from its first to its last cell, on each clock.

`make test` runs it on the clock `instant`, `make nightly` on the others (SAFE_ROLLOUT_CLOCKS names them); on `recorded`
it takes as long as on Azure, some 35 minutes.
"""

import os
from pathlib import Path

import pytest

from localazure.testing.process import make_estate, served
from tests.azure.test_serve import told_by

pytestmark = pytest.mark.slow
CLOCKS = os.environ.get("SAFE_ROLLOUT_CLOCKS", "instant").split()
CONDA = """
name: model-env
channels:
  - conda-forge
dependencies:
  - python=3.11
  - packaging=24.2
  - pip=25.1.1
  - pip:
    - azureml-inference-server-http
"""
SCORE = """
import os
from pathlib import Path

import packaging


def init():
    global model
    model = (Path(os.environ["AZUREML_MODEL_DIR"]) / "model.txt").read_text()


def run(raw):
    return {"model": model, "packaging": packaging.__version__}
"""


@pytest.mark.parametrize("clock", CLOCKS)
def test_microsofts_notebook(tmp_path: Path, clock: str) -> None:
    """Every call succeeds at its first try, and each answer is of the deployment that it was asked of."""
    for name in ("model-1", "model-2", "code"):
        (tmp_path / name).mkdir()
    for name in ("model-1", "model-2"):
        (tmp_path / name / "model.txt").write_text(name)
    (tmp_path / "code" / "score.py").write_text(SCORE)
    (tmp_path / "conda.yml").write_text(CONDA)
    (tmp_path / "request.json").write_text('{"data": [[1, 2]]}')
    with served(tmp_path / "state", "--clock", clock) as (_, ready):
        make_estate(ready)
        told = told_by("sdk_notebook.py", ready, str(tmp_path), within=5400)
    assert told.pop("uri").endswith("/score")
    assert told == {
        "blue": {"model": "model-1", "packaging": "24.2"},
        "scaled": 2,
        "traffic": {"blue": 100},
        "green": {"model": "model-2", "packaging": "24.2"},
        "while mirrored": ["model-2"],  # the SDK's invoke() keeps the name of the deployment that was asked last
        "left": ["green"],
        "endpoints": [],
    }
