"""A stack can be torn down although its file has a fault."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.preview import endpoints
from benchmarks.stack import write
from ops.engine import PulumiError
from tests.e2e.conftest import Rollout

pytestmark = pytest.mark.slow


def test_another_file_tears_it_down(rollout: Rollout, tmp_path: Path) -> None:
    """The faulty file is refused, and nothing is touched; the last good one, given as another file, is taken."""
    rollout.write({"blue": 90})
    destroy = ("destroy", "--run-program", "--preview-only")
    with pytest.raises(PulumiError, match="R011"):
        rollout.engine.run(*destroy)
    other = replace(rollout.engine, config_file=tmp_path / "last-good.yaml")
    write(other, endpoints(rollout.assets, {"blue": 100}))
    assert " to delete" in other.run(*destroy)
