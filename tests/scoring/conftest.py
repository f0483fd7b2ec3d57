"""A scoring script loaded as the server loads it, with a stand-in for the server's response class."""

import importlib.util
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scoring.train import train

ROOT = Path(__file__).parents[2]
MODEL = "diabetes-ridge"
VERSION = "0a1b2c3d4e5f"


@dataclass
class FakeResponse:
    """What the server's AMLResponse is made of; the real one needs a Flask application."""

    message: Any
    status_code: int
    json_str: bool = False

    def sent(self) -> Any:
        """The body as a caller reads it."""
        return json.loads(json.dumps(self.message))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that scoring.train wrote, with alpha 1."""
    folder = tmp_path_factory.mktemp("trained") / "model"
    train(1.0, folder)
    return folder


@pytest.fixture(scope="session")
def model_dir(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AZUREML_MODEL_DIR as the service lays it out."""
    root = tmp_path_factory.mktemp("service") / "azureml-models" / MODEL / VERSION
    shutil.copytree(trained, root / "model")
    return root


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scoring/code/score.py as a fresh module, its init() not yet called."""
    api = ModuleType("aml_response")
    api.AMLResponse = FakeResponse  # type: ignore[attr-defined]
    for name in ("azureml_inference_server_http", "azureml_inference_server_http.api"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "azureml_inference_server_http.api.aml_response", api)
    spec = importlib.util.spec_from_file_location("entry_module", ROOT / "scoring" / "code" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "entry_module", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def serving(script: ModuleType, model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The scoring script after init()."""
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(model_dir))
    script.init()
    return script
