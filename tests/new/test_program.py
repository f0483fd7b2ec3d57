"""What a project's two lines call."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from safe_rollout import run\nrun()\n"


@pytest.mark.parametrize("name", ["settings.py", "rollout.py", "components/__init__.py"])
def test_a_file_that_hides_a_package_is_told(name: str, tmp_path: Path) -> None:
    """Python takes the project's own file first: N001 says so, and no import fails in the middle of something else."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    told = subprocess.run(
        [sys.executable, "__main__.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stderr
    hidden = name.partition(".")[0].partition("/")[0]
    assert f"N001 {hidden}: a file or folder of this project hides a package of safe-rollout" in told
