"""What a blob's name, and a conda file, may not reach."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localazure.serving import conda
from localazure.serving.azurite import is_inside
from localazure.serving.commands import build_environment
from localazure.serving.contract import ServingError
from localazure.serving.environments import Environments

PARTS = st.lists(st.sampled_from(["", ".", "..", "a", "...", "a b", "\\\\", "~", "C:"]), min_size=1, max_size=4)


@given(parts=PARTS, root=st.sampled_from(["", "/", "//"]))
def test_a_blob_stays_in_its_folder(parts: list[str], root: str) -> None:
    """What is taken is below the folder and is not the folder itself, whatever its name is made of."""
    path = root + "/".join(parts)
    folder = Path("/state/assets/code")
    if is_inside(path):
        inside = Path((folder / path).as_posix())
        assert inside.is_relative_to(folder)
        assert inside != folder
        assert ".." not in inside.parts


@pytest.mark.parametrize("path", ["", "/etc/passwd", "a//b", "a/../../b", "..", ".", "a/", "a\0b"])
def test_such_a_blob_is_refused(path: str) -> None:
    """Absolute paths, paths that lead up, and what is no file's name."""
    assert not is_inside(path)


def test_a_build_knows_no_secret() -> None:
    """It gets what finds programs, caches and indexes, and no other variable of the developer's."""
    kept = {"PATH": "/bin", "HOME": "/h", "https_proxy": "p", "SSL_CERT_FILE": "f", "UV_INDEX_URL": "i", "LC_ALL": "C"}
    secrets = dict.fromkeys(
        ["AWS_SECRET_ACCESS_KEY", "ARM_CLIENT_SECRET", "PULUMI_ACCESS_TOKEN", "GITHUB_TOKEN", "UV_PUBLISH_TOKEN"], "x"
    )
    others = dict.fromkeys(["VIRTUAL_ENV", "PYTHONPATH", "LD_PRELOAD", "PYTHONSTARTUP"], "x")
    assert build_environment(kept | secrets | others) == kept


@pytest.mark.parametrize("request_", ["--help", "-h", "/bin/sh", "./python", "cpython; rm", "$(id)", "@latest"])
def test_a_python_version_is_a_version(tmp_path: Path, uv: Path, request_: str) -> None:
    """An option, a path or a command in its place is refused, and nothing is run."""
    text = f"dependencies: ['python={request_}', {{pip: [azureml-inference-server-http]}}]"
    with pytest.raises(ServingError, match=r"no package index has|python version"):
        asyncio.run(Environments(tmp_path, uv).prepare(text))


def test_a_deeply_nested_conda_file_is_refused() -> None:
    """As one that is malformed."""
    with pytest.raises(ServingError, match="nested too deeply"):
        conda.parse("[" * 5000)
