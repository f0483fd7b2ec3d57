"""Scoring environments, built for real."""

import asyncio
import functools
import http.server
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from localazure.serving.contract import CondaError, ServingError
from localazure.serving.environments import Environments
from localazure.serving.pythons import search_path


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
def test_a_conda_package_is_not_compiled(tmp_path: Path, uv: Path, conda_file: str) -> None:
    """A version that there is not for this Python fails at once, as conda finds none."""
    impossible = conda_file.replace("- pip\n", "- numpy=1.21.2\n- pip\n", 1)
    with pytest.raises(ServingError) as caught:
        asyncio.run(Environments(tmp_path, uv).prepare(impossible))
    assert "numpy==1.21.2" in caught.value.log


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "says", "modelled"),
    [
        ("packaging<1,>2", "packaging", True),
        ("no-such-package-of-ours==1", "no-such-package-of-ours was not found in the package registry", True),
        ("packaging 24", "is no requirement of pip", True),
        ("scikit-learn==0.24.2", "does not compile scikit-learn: name a version that has a wheel", False),
    ],
)
def test_packages_that_are_not_to_be_had_are_known_before_a_build(
    tmp_path: Path, uv: Path, conda_file: str, line: str, says: str, modelled: bool
) -> None:
    """The index is asked and nothing is built; the reason is one line, and says whose limit it is."""
    with pytest.raises(CondaError) as caught:
        asyncio.run(Environments(tmp_path, uv).check(f"{conda_file}  - {line}\n"))
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.modelled == modelled
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["UV_OFFLINE", "UV_DEFAULT_INDEX"])
def test_where_the_index_does_not_tell_nothing_is_refused(
    tmp_path: Path, uv: Path, conda_file: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, or with an index that is down, it is the build that will tell."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv(name, "true" if name == "UV_OFFLINE" else "http://127.0.0.1:9/")
    asyncio.run(Environments(tmp_path / "environments", uv).check(f"{conda_file}  - packaging==999\n"))
    assert not (tmp_path / "environments").exists()


@pytest.mark.slow
def test_a_python_that_is_not_here_is_replaced_and_said(cache: Path, uv: Path, conda_file: str) -> None:
    """Where no such Python is to be had the running one is used, and the deployment's own log says so."""
    wanted = conda_file.replace("python=3.11", "python=3.99")
    environment = asyncio.run(Environments(cache / "environments", uv).prepare(wanted))
    assert "local Azure: the conda file asks for Python 3.99, which is not on this machine" in environment.notes
    told = subprocess.run([environment.python, "--version"], capture_output=True, text=True, check=True).stdout
    assert told.split()[1] == sys.version.split()[0]


@pytest.mark.slow
def test_packages_come_as_conda_and_pip_would_take_them(
    tmp_path: Path, uv: Path, conda_file: str, other_index: str
) -> None:
    """A conda package is there, setuptools too, and of two indexes pip's best version."""
    wanted = conda_file.replace("- pip\n", "- packaging=24.2\n- pip\n", 1)
    wanted += f"  - --extra-index-url {other_index}\n  - six>=1.16\n"
    environment = asyncio.run(Environments(tmp_path, uv).prepare(wanted))
    program = "import packaging, pkg_resources, six; print(packaging.__version__, six.__version__ >= '1.16')"
    told = subprocess.run(
        [environment.python, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert told.split() == ["24.2", "True"]
    assert "conda packages come from the package index: packaging==24.2.*." in environment.notes


@pytest.fixture
def other_index(tmp_path: Path) -> Iterator[str]:
    """A package index that has six in an old version alone."""
    folder = tmp_path / "index" / "six"
    folder.mkdir(parents=True)
    wheel = folder / "six-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("six.py", "__version__ = '1.0.0'\n")
        packed.writestr("six-1.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: six\nVersion: 1.0.0\n")
        packed.writestr("six-1.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr("six-1.0.0.dist-info/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    handler = functools.partial(Quiet, directory=folder.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}/"
        served.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_pyenvs_pythons_are_found_and_not_its_shims(tmp_path: Path) -> None:
    """uv would stop at a shim; the newest version comes first, after what PATH has."""
    for version in ("3.9.18", "3.12.1", "3.10.13"):
        (tmp_path / "versions" / version / "bin").mkdir(parents=True)
    env = {"PYENV_ROOT": str(tmp_path), "PATH": f"/usr/bin:{tmp_path}/shims", "A": "b"}
    bins = [f"{tmp_path}/versions/{version}/bin" for version in ("3.12.1", "3.10.13", "3.9.18")]
    assert search_path(env) == env | {"PATH": ":".join(["/usr/bin", *bins])}
    assert search_path({"PATH": "/usr/bin", "HOME": str(tmp_path)})["PATH"] == "/usr/bin"
