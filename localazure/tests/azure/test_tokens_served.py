"""Token endpoints and their metrics, over the wire, with the stock clients."""

from pathlib import Path

import pytest

from localazure.testing.process import make_estate, served
from tests.azure.test_serve import SCORE, told_by

pytestmark = pytest.mark.slow
CONDA_FILE = Path(__file__).parents[1] / "conda.yaml"


def test_stock_clients_score_with_tokens_and_read_metrics(tmp_path: Path) -> None:
    """The SDK's token of either mode opens its own endpoint alone; azure-mgmt-monitor reads what was answered."""
    (tmp_path / "model1").mkdir()
    (tmp_path / "model1" / "weights.txt").write_text("one")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "score.py").write_text(SCORE)
    (tmp_path / "conda.yaml").write_text(CONDA_FILE.read_text())
    with served(tmp_path / "state") as (_, ready):
        make_estate(ready)
        told = told_by("sdk_tokens.py", ready, str(tmp_path))
    assert told["aml-endpoint"]["model"] == told["aad-endpoint"]["model"] == told["entra"]["model"] == "one"
    assert told["other"] == [{"status": 403}, {"status": 403}]
    assert told["no token"] == {"status": 401}
    assert told["measured"].pop("RequestsPerMinute") in {1.0, 2.0}  # a minute may have ended between the two
    assert all(0 < value < 10_000 for value in told["measured"].values())
    assert set(told["not measured"].values()) == {None}
