"""What a deployment answers to good and to bad requests."""

import json
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SAMPLES = Path(__file__).parents[2] / "scoring" / "samples"
ROW = [0.01] * 10
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("data"), inner),
)


@pytest.mark.parametrize("sample", ["one-patient", "two-patients", "ward"])
def test_samples_get_their_expected_answers(serving: ModuleType, sample: str) -> None:
    """A sample request gets the predictions that stand in expected.json, within 1e-6 of their size."""
    expected = json.loads((SAMPLES / "expected.json").read_text())[sample]["1.0"]
    answer = serving.run((SAMPLES / f"{sample}.json").read_text())
    assert pytest.approx(expected, rel=1e-6) == answer["predictions"]


def test_the_answer_names_the_model_as_registered(serving: ModuleType, model_dir: Path) -> None:
    """The answer's model is NAME:VERSION of the folder that the service laid out."""
    answer = serving.run(json.dumps({"data": [ROW]}))
    assert f"{model_dir.parent.name}:{model_dir.name}" == answer["model"]


def test_samples_tell_the_models_apart() -> None:
    """Every expected prediction differs between the alphas by far more than the tolerance."""
    for by_alpha in json.loads((SAMPLES / "expected.json").read_text()).values():
        for one, other in zip(by_alpha["1.0"], by_alpha["0.1"], strict=True):
            assert abs(one - other) > 1e-3 * abs(one)


@pytest.mark.parametrize(
    ("body", "path", "got"),
    [
        ("", "body", "nothing"),
        ("not json", "body", "text that is not JSON"),
        ("[" * 100_000, "body", "text that is not JSON"),
        ("[]", "body", "a list"),
        ("null", "body", "null"),
        ("{}", "data", "no such key (keys: none)"),
        ('{"rows": []}', "data", 'no such key (keys: "rows")'),
        ('{"data": [], "id": 1}', "body", 'keys "data", "id"'),
        ('{"data": 1}', "data", "a number"),
        ('{"data": []}', "data", "no rows"),
        ('{"data": ["x"]}', "data[0]", "text"),
        ('{"data": [[1, 2]]}', "data[0]", "2 values"),
        (json.dumps({"data": [ROW, [*ROW, 1]]}), "data[1]", "11 values"),
        (json.dumps({"data": [[*ROW[:9], "1"]]}), "data[0][9]", "text"),
        (json.dumps({"data": [[True, *ROW[1:]]]}), "data[0][0]", "true or false"),
        (json.dumps({"data": [[*ROW[:9], None]]}), "data[0][9]", "null"),
        (json.dumps({"data": [[*ROW[:9], math.nan]]}), "data[0][9]", "NaN"),
        (json.dumps({"data": [[*ROW[:9], -math.inf]]}), "data[0][9]", "a number that is not finite"),
        (json.dumps({"data": [[*ROW[:9], 10**400]]}), "data[0][9]", "a number that is not finite"),
        (json.dumps({"data": [[1e308, -1e308] * 5]}), "data[0]", "numbers too large to score"),
    ],
)
def test_bad_input_is_answered_with_400_and_its_place(serving: ModuleType, body: str, path: str, got: str) -> None:
    """A bad request gets 400 that says where, what it holds, what it should hold, and shows an example."""
    answer = serving.run(body)
    error = answer.sent()["error"]
    assert (400, path, got) == (answer.status_code, error["path"], error["got"])
    assert error["expected"]
    assert len(json.loads(error["example"])["data"][0]) == 10


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.text() | JSON.map(json.dumps) | JSON.map(lambda value: json.dumps({"data": value})))
def test_any_body_gets_predictions_or_400(serving: ModuleType, body: str) -> None:
    """No text at all makes run() raise or answer with something that is not JSON."""
    answer = serving.run(body)
    if isinstance(answer, dict):
        json.dumps(answer, allow_nan=False)
    else:
        assert answer.status_code == 400
        assert answer.sent()["error"]["expected"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.lists(st.floats(-1e300, 1e300), min_size=10, max_size=10), min_size=1, max_size=5))
def test_every_well_formed_request_is_scored(serving: ModuleType, rows: list[list[float]]) -> None:
    """Rows of ten finite numbers get one finite prediction each."""
    answer: Any = serving.run(json.dumps({"data": rows}))
    assert len(rows) == len(answer["predictions"])
    assert all(math.isfinite(value) for value in answer["predictions"])


def test_a_refusal_is_logged_with_its_reason(serving: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """What was wrong with a request stands in the deployment's log, without the request's data."""
    serving.run('{"data": [["secret"]]}')
    assert capsys.readouterr().out.startswith("refused: data[0]: got 1 values, expected 10 numbers")


def test_init_tells_what_it_serves(serving: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """init() logs the model's reference and its kind."""
    serving.init()
    assert "serving diabetes-ridge:0a1b2c3d4e5f: Ridge, 10 features" in capsys.readouterr().out


def test_init_without_a_model_says_so(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model folder without the model's file stops the deployment with the place that was searched."""
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"expected one model\.joblib under .*, found 0"):
        script.init()
