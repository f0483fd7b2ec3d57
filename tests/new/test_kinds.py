"""Models of the usual kinds in projects of their own: built as a package, installed, in a fresh home, under load.

Each takes some minutes, so `make nightly` alone runs them (SAFE_ROLLOUT_KINDS=all: not only the first).
"""

import json
import os
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pytest
import sklearn
import yaml
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from ops.paths import CHECKOUT, VENV_BIN, cache_dir

pytestmark = [pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(1_800)]
COLUMNS = ["sepal length", "sepal width", "petal length", "petal width"]
REQUEST = {"input_data": {"columns": COLUMNS, "index": [0, 1], "data": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]}}
SCORE = """
    import json
    import os
    from pathlib import Path

    import joblib


    def init():
        global models
        models = [joblib.load(file) for file in sorted(Path(os.environ["AZUREML_MODEL_DIR"]).rglob("*.pkl"))]


    def run(raw):
        rows = json.loads(raw)["input_data"]["data"]
        return [[int(label) for label in model.predict(rows)] for model in models]
"""
CONDA = """
    channels: [conda-forge]
    dependencies: [python=3.11, numpy, scikit-learn=SKLEARN, pip, {pip: [joblib, azureml-inference-server-http==1.5.1]}]
"""
MLMODEL = """
    flavors:
      python_function:
        loader_module: longest
        code: code
        env: {conda: conda.yaml}
"""
MLCONDA = "dependencies: [python=3.11, pip, {pip: [mlflow-skinny, pandas, azureml-inference-server-http==1.5.1]}]"
LONGEST = """
    class Model:
        def predict(self, data):
            return data["petal length"] * SCALE


    def _load_pyfunc(path):
        return Model()
"""


def put(file: Path, text: str) -> None:
    """Write a file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text).lstrip())


def classifier(file: Path, penalty: float) -> None:
    """A classifier of irises, as a pickle."""
    file.parent.mkdir(parents=True, exist_ok=True)
    joblib.dump(LogisticRegression(C=penalty, max_iter=500).fit(*load_iris(return_X_y=True)), file)


def mlflow_model(folder: Path, scale: int) -> None:
    """A folder as MLflow writes it."""
    put(folder / "MLmodel", MLMODEL)
    put(folder / "conda.yaml", MLCONDA)
    put(folder / "code" / "longest.py", LONGEST.replace("SCALE", str(scale)))


def script_then_mlflow(root: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """A pickle with its own script and conda file; the second version is an MLflow model, with neither."""
    classifier(root / "iris.pkl", 1.0)
    mlflow_model(root / "flow", 2)
    models = {"iris": {"path": "iris.pkl"}, "flow": {"path": "flow", "type": "mlflow_model"}}
    green = {"model": "azureml:flow:1", "environment": None, "code": None}
    return models, {"blue": {"model": "azureml:iris:1"}, "green": green}, []


def several_models(root: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Several models in one deployment: a folder of them; the second version is the same model of other files."""
    for name, penalty in (("a", 1.0), ("b", 0.01)):
        classifier(root / "models" / f"{name}.pkl", penalty)
        classifier(root / "newer" / f"{name}.pkl", penalty / 2)
    return {"iris": {"path": "models"}}, {"blue": {"model": "azureml:iris:1"}}, ["--candidate", "newer"]


def mlflow_then_mlflow(root: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Two versions of an MLflow model, each with a description and variables in the stack file."""
    mlflow_model(root / "flow", 2)
    mlflow_model(root / "newer", 3)
    own = {"model": "azureml:flow:1", "environment": None, "code": None, "variables": {"A.B": "1", "PLAIN": "x y"}}
    return {"flow": {"path": "flow", "type": "mlflow_model"}}, {"blue": own}, ["--candidate", "newer"]


KINDS = [script_then_mlflow, several_models, mlflow_then_mlflow]
CHOSEN = KINDS if os.environ.get("SAFE_ROLLOUT_KINDS") == "all" else KINDS[:1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has this repository's packages as wheels, and no checkout."""
    folder = tmp_path_factory.mktemp("installed")
    uv = VENV_BIN / "uv"
    build = [uv, "build", "--quiet", "--all-packages", "--wheel", "--out-dir", folder / "wheels", CHECKOUT]
    subprocess.run(build, check=True)
    wheels = sorted((folder / "wheels").glob("*.whl"))
    subprocess.run([uv, "venv", "--quiet", "--python", VENV_BIN / "python", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    needs = [f"{wheel}[local]" if wheel.name.startswith("safe_rollout-") else str(wheel) for wheel in wheels]
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *needs, "pytest", "pip"], check=True)
    return python.parent


@pytest.mark.parametrize("kind", CHOSEN, ids=lambda kind: kind.__name__)
def test_a_second_version_takes_over_from_the_first(
    kind: Callable[[Path], tuple[dict[str, Any], dict[str, Any], list[str]]], installed: Path, tmp_path: Path
) -> None:
    """New project, its own checks, register, first version, second one through mirror and steps: 0 lost, 0 wrong."""
    root, home = tmp_path / "iris", tmp_path / "home"
    home.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))},
        **{"HOME": str(home), "SAFE_ROLLOUT_CACHE": str(cache_dir()), "PATH": f"{installed}:/usr/bin:/bin"},
    }

    def run(*command: str, cwd: Path = root) -> str:
        told = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-4000:]
        return told.stdout

    run("rollout", "new", "iris", "--yes", cwd=tmp_path)
    (root / ".venv").symlink_to(installed.parent)
    run("pytest", "-q", "-p", "no:cacheprovider")
    models, deployments, options = kind(root)
    put(root / "scoring" / "code" / "score.py", SCORE)
    put(root / "scoring" / "conda.yaml", CONDA.replace("SKLEARN", sklearn.__version__))
    assets = yaml.safe_load((root / "assets.yaml").read_text()) | {"models": models}
    (root / "assets.yaml").write_text(yaml.safe_dump(assets))
    file = yaml.safe_load((root / "Pulumi.dev.yaml").read_text())
    endpoint = file["config"]["endpoints"]["dev-iris"]
    endpoint |= {"deployments": deployments, "rollout": {"steps": [{"mirror": 10}, {"traffic": 50}, {"traffic": 100}]}}
    (root / "Pulumi.dev.yaml").write_text(yaml.safe_dump(file))
    (root / "request.json").write_text(json.dumps(REQUEST))
    said = run(
        *("rollout", "rehearsal", "--stack", "Pulumi.dev.yaml", "--request", "request.json"),
        *("--rate", "15", "--requests", "60", *options),
    )
    report = json.loads((root / ".rehearsal" / "report.json").read_text())
    assert (report["ok"], report["lost"], report["wrong"], report["stopped"]) == (True, 0, 0, None), said[-4000:]
    assert sum(step["mirrored"] for step in report["steps"]) > 0
    assert [step["traffic"] for step in report["steps"] if step["requests"] > 20][-1] == {"green": 100}
