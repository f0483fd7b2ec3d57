"""The environment that a deployment runs in."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
CONDA = yaml.safe_load((ROOT / "scoring" / "environment" / "conda.yaml").read_text())
PINS = dict(pin.split("==") for pin in CONDA["dependencies"][-1]["pip"])


def test_every_package_is_pinned() -> None:
    """The conda file pins every package that pip installs, transitive ones too."""
    assert {"azureml-inference-server-http", "flask", "gunicorn", "scipy"} <= set(PINS)


def test_deployments_read_models_with_the_library_that_wrote_them() -> None:
    """scikit-learn, numpy and joblib are the versions with which the model is trained (uv.lock)."""
    locked: dict[str, set[str]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        locked.setdefault(package["name"], set()).add(package["version"])
    for name in ("scikit-learn", "numpy", "joblib"):
        assert PINS[name] in locked[name]


def test_what_is_asked_for_is_in_the_lock() -> None:
    """Everything in requirements.in has its pin."""
    lines = (ROOT / "scoring" / "environment" / "requirements.in").read_text().splitlines()
    assert {line for line in lines if line and not line.startswith("#")} <= set(PINS)


def test_the_code_folder_holds_only_what_runs_in_the_deployment() -> None:
    """What is uploaded as code is the scoring script alone."""
    files = [path.name for path in (ROOT / "scoring" / "code").rglob("*") if path.suffix not in {"", ".pyc"}]
    assert files == ["score.py"]
