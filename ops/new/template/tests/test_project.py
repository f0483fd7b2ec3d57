"""The project's own checks: its stack files are right, and its model answers the sample request as expected."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUESTS = sorted(path for path in (ROOT / "scoring" / "requests").glob("*.json") if ".expected" not in path.name)


@pytest.mark.parametrize("file", sorted(path.name for path in ROOT.glob("Pulumi.*.yaml")))
def test_the_stack_file_is_right(file: str, tmp_path: Path) -> None:
    """From nothing in Azure, the stack file is an allowed step."""
    nothing = tmp_path / "nothing.json"
    nothing.write_text("{}", encoding="utf-8")
    command = [str(Path(sys.executable).parent / "rollout"), "check", file, "--observed", str(nothing)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda path: path.stem)
def test_the_model_answers_as_expected(request_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scoring script and the model in this folder give the answer that stands beside the request."""
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(ROOT / "scoring" / "model"))
    found = importlib.util.spec_from_file_location("score", ROOT / "scoring" / "code" / "score.py")
    assert found is not None
    assert found.loader is not None
    score = importlib.util.module_from_spec(found)
    found.loader.exec_module(score)
    score.init()
    expected = json.loads(request_file.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert score.run(request_file.read_text(encoding="utf-8")) == expected
