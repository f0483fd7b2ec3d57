"""Scoring environments, built for real."""

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from localazure.serving.contract import ServingError
from localazure.serving.environments import Environments


def test_an_environment_without_conda_file_is_refused(tmp_path: Path, uv: Path) -> None:
    """Images alone can't be run here, and the refusal says what to register instead."""
    with pytest.raises(ServingError, match="runs no container images"):
        asyncio.run(Environments(tmp_path, uv).prepare(None))


@pytest.mark.slow
def test_two_at_once_build_one_environment(cache: Path, uv: Path, conda_file: str) -> None:
    """Concurrent preparations of one conda file share one environment that has the inference server in it."""

    async def run() -> None:
        environments = Environments(cache / "environments", uv)
        one, two = await asyncio.gather(environments.prepare(conda_file), environments.prepare(conda_file))
        assert one == two
        assert one.server_version == "1.5.1"

    asyncio.run(run())
    assert len([home for home in (cache / "environments").iterdir() if home.is_dir()]) == 1


@pytest.mark.slow
def test_a_failed_build_shows_its_log_and_leaves_nothing(tmp_path: Path, uv: Path, conda_file: str) -> None:
    """uv's own words are the log, and the next attempt starts clean."""
    impossible = conda_file + "  - packaging<1,>2\n"
    with pytest.raises(ServingError) as caught:
        asyncio.run(Environments(tmp_path, uv).prepare(impossible))
    assert caught.value.message == "The environment could not be built."
    assert "packaging" in caught.value.log
    assert [home for home in tmp_path.iterdir() if home.is_dir()] == []


@pytest.mark.slow
def test_a_python_that_is_not_here_is_replaced_and_said(
    cache: Path, uv: Path, conda_file: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is downloaded for a Python that the machine has not: the running one is used, with a warning."""
    with caplog.at_level(logging.WARNING):
        wanted = conda_file.replace("python=3.11", "python=3.99")
        environment = asyncio.run(Environments(cache / "environments", uv).prepare(wanted))
    assert "Python 3.99 is not on this machine" in caplog.text
    told = subprocess.run([environment.python, "--version"], capture_output=True, text=True, check=True).stdout
    assert told.split()[1] == sys.version.split()[0]
