"""`rollout register` on a local Azure with a real workspace: uploads, finds again, and says clearly what is wrong."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from localazure.client import running

from ops.local.stack import engine_for
from ops.paths import CHECKOUT
from ops.rehearsal.plays import empty_stack
from ops.setup.engine import needed_engine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROLLOUT = Path(sys.executable).with_name("rollout")


@dataclass(frozen=True)
class Place:
    """A workspace, by the environment and the stack file that lead to it."""

    environment: Mapping[str, str]
    stack_file: Path

    def register(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run `rollout register` here."""
        return subprocess.run(
            [ROLLOUT, "register", *arguments, "--config-file", self.stack_file],
            cwd=CHECKOUT,
            env={**self.environment, **changed},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A local Azure of its own with the estate that `pulumi up` makes."""
    state = tmp_path_factory.mktemp("azure")
    any_port = [f"--{name}-port=0" for name in ("arm", "gateway", "blob", "control")]
    subprocess.run([ROLLOUT, "local", "start", "--clock", "instant", "--state", state, *any_port], check=True)
    try:
        stack_file = state / "Pulumi.local.yaml"
        stack_file.write_text(empty_stack(CHECKOUT / "Pulumi.local.yaml"))
        engine = replace(engine_for(running(state), state, needed_engine()), config_file=stack_file)
        engine.up()
        yield Place(engine.environment, stack_file)
    finally:
        subprocess.run([ROLLOUT, "local", "stop", "--state", state], check=True)


def test_the_same_content_is_uploaded_once(place: Place, tmp_path: Path) -> None:
    """Models, environments and code are uploaded the first time and found the second, under the same reference."""
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "file.txt").write_text("content")
    conda = str(CHECKOUT / "scoring" / "environment" / "conda.yaml")
    for kind, source in (("model", "thing"), ("code", "thing"), ("environment", conda)):
        told = [place.register(kind, "one", str(tmp_path / source), "--json") for _ in range(2)]
        assert [one.returncode for one in told] == [0, 0], told[0].stderr + told[1].stderr
        first, second = (json.loads(one.stdout) for one in told)
        assert (first["uploaded"], second["uploaded"]) == (True, False)
        assert first["reference"] == second["reference"]
        assert first["reference"].startswith("azureml:one:")


def test_the_sample_prints_what_to_type_next(place: Place) -> None:
    """A person reads the references of two models, an environment and code, and the command that deploys."""
    told = place.register("sample")
    assert told.returncode == 0, told.stderr
    assert told.stdout.count("azureml:diabetes-ridge:") >= 2
    assert "pulumi config set-all --path" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "changed", "message"),
    [
        (("--workspace", "ws-none"), {}, "W010 workspace: rg-rollout-local/ws-none: not found"),
        (("--resource-group", "rg-none"), {}, "W010 workspace: rg-none/ws-rollout-local: not found"),
        ((), {"AZURE_CLIENT_SECRET": "wrong"}, "W011 login: "),
        ((), {"ARM_CLOUD_METADATA_URL": "https://127.0.0.1:1/metadata"}, "W009 ARM_CLOUD_METADATA_URL: "),
        ((), {"AZUREML_CURRENT_CLOUD": "OtherCloud"}, "W007 AZUREML_CURRENT_CLOUD: OtherCloud"),
    ],
    ids=["no workspace", "no resource group", "no login", "no local Azure", "no such cloud"],
)
def test_what_is_in_the_way_is_one_message(
    place: Place, arguments: tuple[str, ...], changed: dict[str, str], message: str, tmp_path: Path
) -> None:
    """A workspace that is not there, a wrong login and an Azure that is not there: one line each, no traceback."""
    (tmp_path / "model.bin").write_text("x")
    told = place.register("model", "one", str(tmp_path / "model.bin"), *arguments, **changed)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith(message)
    assert len(told.stderr.strip().splitlines()) == 1
