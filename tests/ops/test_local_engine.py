"""The engine as a subprocess: what it says, how it fails, and that the stack file stays as a person wrote it."""

import os
from pathlib import Path

import pytest

from ops.engine import Engine, PulumiError, diagnostics_of
from ops.local.environment import pulumi_variables
from ops.paths import VENV_BIN
from ops.setup.engine import needed_engine

SALT = "encryptionsalt: v1:mLBLVJWMb4o=:v1:KuPQnwzx1qNT9MvE:rSYN4Q6sWeOrvR0b6uRer0ROXnMToA==\n"
STACK_FILE = f"# kept\nconfig:\n  p:traffic:\n    blue: 100 # also kept\n{SALT}"
PROGRAM = """
import pulumi
traffic = pulumi.Config().require_object("traffic")
if sum(traffic.values()) != 100:
    raise pulumi.RunError("traffic adds up to no 100")
pulumi.export("traffic", traffic)
"""
FAILED = """Previewing update (local):

Diagnostics:
  pulumi:pulumi:Stack (p-local):
    error: traffic adds up to no 100

Resources:
    1 errored
"""


def test_the_diagnostics_are_what_the_message_shows() -> None:
    """Not the hundred lines around them."""
    assert diagnostics_of(FAILED) == "  pulumi:pulumi:Stack (p-local):\n    error: traffic adds up to no 100"
    assert diagnostics_of("noise\nerror: no stack named 'x' found\n") == "error: no stack named 'x' found"
    assert diagnostics_of("something else") == "something else"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """The real engine on a program without resources."""
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (tmp_path / "Pulumi.local.yaml").write_text(STACK_FILE)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "stacks").mkdir()
    folder = needed_engine()
    path = os.pathsep.join([str(VENV_BIN), str(folder), os.environ["PATH"]])
    environment = os.environ | pulumi_variables(tmp_path) | {"PATH": path}
    return Engine(pulumi=folder / "pulumi", project=tmp_path, stack="local", environment=environment)


@pytest.mark.slow
def test_a_stack_from_init_to_destroy(engine: Engine, tmp_path: Path) -> None:
    """Up, a refused change, outputs; what a person wrote into the stack file is still there."""
    assert not engine.has_stack()
    engine.stack_init()
    engine.stack_select()
    assert engine.has_stack()
    assert (tmp_path / "Pulumi.local.yaml").read_text() == STACK_FILE
    engine.up()
    assert engine.outputs() == {"traffic": {"blue": 100}}
    engine.config_set_all({"p:traffic.blue": "90", "p:traffic.green": "20"})
    with pytest.raises(PulumiError, match="traffic adds up to no 100") as refused:
        engine.preview()
    assert refused.value.exit_code != 0
    engine.config_set_all({"p:traffic.green": "10"})
    engine.up()
    assert engine.outputs() == {"traffic": {"blue": 90, "green": 10}}
    text = (tmp_path / "Pulumi.local.yaml").read_text()
    assert "# kept" in text
    assert "# also kept" in text
    engine.destroy()
    assert engine.outputs() == {}
