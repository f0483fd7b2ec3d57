"""How the model is made and judged."""

import json
from pathlib import Path

import pytest

from scoring import evaluate, train
from scoring.samples.make import make

SAMPLES = Path(__file__).parents[2] / "scoring" / "samples"


def test_training_twice_gives_the_same_bytes(trained: Path, tmp_path: Path) -> None:
    """The same alpha gives the same files, so a version that follows the content stays the same."""
    train.train(1.0, tmp_path)
    for file in ("model.joblib", "metadata.json"):
        assert (trained / file).read_bytes() == (tmp_path / file).read_bytes()


def test_metadata_tells_what_was_trained(trained: Path) -> None:
    """The metadata holds alpha, the features' names in order, the library's version and the held-out metrics."""
    metadata = json.loads((trained / "metadata.json").read_text())
    assert metadata["features"] == ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
    assert metadata["alpha"] == 1.0
    assert 0.3 < metadata["metrics"]["r2"] < 0.7


def test_a_smaller_alpha_is_the_better_model_here(trained: Path, tmp_path: Path) -> None:
    """The second model of the rehearsal is worth rolling out: it has the higher held-out R2 and the lower error."""
    before = json.loads((trained / "metadata.json").read_text())["metrics"]
    after = train.train(0.1, tmp_path)
    assert after["r2"] > before["r2"]
    assert after["mae"] < before["mae"]


@pytest.mark.parametrize("alpha", [-1.0, float("nan"), float("inf")])
def test_an_alpha_that_is_no_penalty_is_refused(alpha: float, tmp_path: Path) -> None:
    """A negative or not finite alpha is refused before anything is written."""
    with pytest.raises(ValueError, match="expected a finite number of at least 0"):
        train.train(alpha, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_the_commands_print_metrics_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Training and evaluating one folder print the same metrics."""
    assert train.main(["--alpha", "1.0", "--out", str(tmp_path)]) == 0
    assert evaluate.main([str(tmp_path)]) == 0
    trained, evaluated = capsys.readouterr().out.splitlines()
    assert json.loads(trained) == json.loads(evaluated)


def test_evaluating_a_folder_without_a_model_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing model is one clear message with the command that trains it."""
    with pytest.raises(SystemExit, match="2"):
        evaluate.main([str(tmp_path)])
    assert "python -m scoring.train" in capsys.readouterr().err


def test_committed_samples_are_what_the_script_makes(tmp_path: Path) -> None:
    """Making the samples again gives the committed requests, and the expected answers within the tolerance."""
    make(tmp_path)
    for file in ("one-patient.json", "two-patients.json", "ward.json"):
        assert json.loads((SAMPLES / file).read_text()) == json.loads((tmp_path / file).read_text())
    expected = json.loads((SAMPLES / "expected.json").read_text())
    made = json.loads((tmp_path / "expected.json").read_text())
    for sample, by_alpha in expected.items():
        for alpha, predictions in by_alpha.items():
            assert pytest.approx(predictions, rel=1e-6) == made[sample][alpha]
