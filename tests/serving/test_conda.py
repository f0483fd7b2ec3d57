"""What is read from a conda file, and what is refused."""

import pytest

from localazure.serving.conda import Wanted, parse
from localazure.serving.contract import ServingError

SERVER = "azureml-inference-server-http"


def conda(*dependencies: str, pip: str = SERVER) -> str:
    """A conda file with these entries and pip packages."""
    lines = "".join(f"- {entry}\n" for entry in dependencies)
    return f"name: e\nchannels: [conda-forge]\ndependencies:\n{lines}- pip:\n  - {pip}\n"


@pytest.mark.parametrize(
    ("entry", "request_"),
    [
        ("python=3.11", "3.11"),
        ("python==3.11.7", "3.11.7"),
        ("python=3.11.*", "3.11"),
        ("python>=3.10,<3.12", ">=3.10,<3.12"),
        ("conda-forge::python = 3.12", "3.12"),
        ("python", None),
    ],
)
def test_python_version_as_conda_writes_it(entry: str, request_: str | None) -> None:
    """Conda's spellings of a Python version become a request that uv reads."""
    assert parse(conda(entry, "pip")) == Wanted(request_, (SERVER,))


def test_pip_packages_keep_their_order_and_pins() -> None:
    """Every pip line is kept as it is written."""
    text = conda("python=3.11", "pip>=24", pip=f"scikit-learn==1.7\n  - {SERVER}[x]==1.5.1 ; python_version > '3'")
    assert parse(text).pip == ("scikit-learn==1.7", f"{SERVER}[x]==1.5.1 ; python_version > '3'")


@pytest.mark.parametrize("server", ["azureml_inference_server_http>=1.4", "azureml-defaults"])
def test_the_server_goes_by_several_names(server: str) -> None:
    """The inference server is found under any spelling, and in the package that brings it."""
    assert parse(conda("pip", pip=server)).pip == (server,)


def test_conda_packages_are_refused_by_name() -> None:
    """Packages that only conda can install are named in the refusal."""
    with pytest.raises(ServingError, match=r"conda packages numpy=1\.26, libgomp\. Move them under 'pip:'"):
        parse(conda("python=3.11", "numpy=1.26", "pip", "libgomp"))


def test_a_missing_inference_server_is_said() -> None:
    """Without the inference server nothing could answer, so the file is refused before anything is built."""
    with pytest.raises(ServingError, match=f"do not have {SERVER}"):
        parse(conda("python=3.11", "pip", pip="numpy"))


@pytest.mark.parametrize("text", ["", "- a", "name: e", "dependencies: python", "a: [b"])
def test_what_is_no_conda_file(text: str) -> None:
    """Text that is no conda file is refused in one sentence."""
    with pytest.raises(ServingError, match="conda file"):
        parse(text)
