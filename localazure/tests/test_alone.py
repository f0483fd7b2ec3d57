"""Built, installed alone in an empty environment, used by the stock client: nothing of the repository is beside it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localazure.paths import default_cache

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).parents[1]
CLIENT = Path(__file__).with_name("azure") / "guarded_client.py"
ESTATE = (
    "import json, sys; from localazure.testing.process import make_estate; make_estate(json.load(open(sys.argv[1])))"
)
FREE = [word for part in ("arm", "gateway", "blob", "control") for word in (f"--{part}-port", "0")]


def run(*command: str | Path, **environment: str) -> str:
    """A command in a folder of its own; what it prints on standard output."""
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=environment["HOME"]
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An empty environment with the built wheel and azure-ai-ml in it, and a home folder."""
    folder = tmp_path_factory.mktemp("alone")
    uv = str(Path(sys.executable).with_name("uv"))
    own = {name: os.environ[name] for name in os.environ if name.startswith(("UV_", "PIP_", "SSL_"))}
    home = os.environ.get("HOME", "/")
    base = {**own, "HOME": str(folder), "PATH": os.environ["PATH"], "UV_CACHE_DIR": f"{home}/.cache/uv"}
    base |= {"LOCALAZURE_CACHE": str(default_cache()), "XDG_CONFIG_HOME": f"{home}/.config"}
    shutil.copytree(PROJECT, folder / "source", ignore=shutil.ignore_patterns("__pycache__", ".*", "tests"))
    run(uv, "build", "--wheel", "--quiet", "--out-dir", folder, folder / "source", **base)
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", **base)
    [wheel] = folder.glob("*.whl")
    python = folder / "venv" / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, f"{wheel}[node]", "azure-ai-ml", "azure-identity", **base)
    return {**base, "PATH": f"{python.parent}:/usr/bin:/bin"}


@pytest.fixture
def state(environment: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """A state folder whose local Azure is ended whatever happens."""
    yield tmp_path / "state"
    run("localazure", "stop", "--state", tmp_path / "state", **environment)


def test_the_wheel_works_alone(environment: dict[str, str], state: Path) -> None:
    """Start, an estate, the stock client in a process that may not leave this machine, status, stop."""
    told = json.loads(
        run("localazure", "start", "--json", "--clock", "instant", "--state", state, *FREE, **environment)
    )
    assert told["arm"]["answers"]
    run("python", "-c", ESTATE, state / "ready.json", **environment)
    variables = json.loads(run("localazure", "env", "--json", "--state", state, **environment))
    said = run("python", CLIENT, **environment | variables)
    assert json.loads(said[said.index("{") :]) == {"workspace": "ws", "models": [], "endpoints": [], "left": []}
    assert json.loads(run("localazure", "stop", "--json", "--state", state, **environment)) == {
        "stopped": [told["pid"]]
    }
