"""A destroy is told from an up by the command that started the program; a mistake of that makes nothing."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pulumi
import pytest

from components.taking_down import is_under_way, only_deletes

ASK = textwrap.dedent("""
    import subprocess, sys
    code = "from components.command import is_whole_run; from components.taking_down import is_under_way; "
    code += "print(is_under_way(), is_whole_run())"
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
""")


def asked(folder: Path, *arguments: str) -> str:
    """What a program is told that a `pulumi` with these arguments starts, with a process between the two."""
    engine = folder / "pulumi"
    engine.symlink_to(sys.executable)
    home = Path(sys.prefix)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "VIRTUAL_ENV": str(home)}
    ask = ASK.replace("sys.executable", repr(sys.executable))
    command = [str(engine), "-c", ask, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("destroy", "--yes", "--run-program"), "True False"),
        (("--color", "never", "down"), "True False"),
        (("refresh", "--run-program"), "False False"),
        (("up", "--yes", "--refresh"), "False True"),
        (("preview", "--message", "before we destroy it"), "False False"),
        (("up", "--message", "destroy"), "False True"),
        (("up", "--target", "urn:x"), "False False"),
        (("up", "--exclude=urn:x"), "False False"),
    ],
)
def test_the_command_tells(tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    """The engine's first command word says whether the stack is taken down; --target, whether a part is meant."""
    assert asked(tmp_path, *arguments) == expected


def test_without_an_engine_nothing_is_taken_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that no engine started is no destroy; the switch says otherwise on a machine without process table."""
    assert not is_under_way()
    monkeypatch.setenv("SAFE_ROLLOUT_TAKE_DOWN", "1")
    assert is_under_way()
    monkeypatch.setenv("SAFE_ROLLOUT_TAKE_DOWN", "0")
    assert not is_under_way()


def test_a_run_that_is_taken_for_a_destroy_makes_nothing() -> None:
    """Where something is about to be made or changed all the same, the run ends in words."""
    with pytest.raises(pulumi.RunError, match="SAFE_ROLLOUT_TAKE_DOWN=0 pulumi up"):
        only_deletes(takes_down=True)
    only_deletes(takes_down=False)
