"""How the engine is run: its lines come as it writes them, and it outlives the command that started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.engine import Engine, PulumiError

LINES = """#!/bin/sh
echo "first $1"; printf '\\033[31mred\\033[0m \\303\\274\\n'; sleep 0.3; printf 'last'
"""


def engine(folder: Path, script: str, **more: object) -> Engine:
    """An engine that is this shell script."""
    pulumi = folder / "pulumi"
    pulumi.write_text(script, encoding="utf-8")
    pulumi.chmod(0o755)
    return Engine(pulumi, folder, "dev", {"PATH": os.environ["PATH"]}, **more)  # type: ignore[arg-type]


def test_lines_come_one_by_one(tmp_path: Path) -> None:
    """While it runs, with their colours; the whole is without them. A last line needs no end."""
    came: list[tuple[str, float]] = []
    began = time.monotonic()
    said = engine(tmp_path, LINES, on_line=lambda line: came.append((line, time.monotonic() - began))).run("up")
    assert [line for line, _ in came] == ["first up", "\x1b[31mred\x1b[0m ü", "last"]
    assert came[2][1] - came[0][1] > 0.15
    assert said == "first up\nred ü\nlast\n"


def test_an_error_carries_what_it_said(tmp_path: Path) -> None:
    """Its error lines are the message."""
    with pytest.raises(PulumiError, match="error: no such stack") as error:
        engine(tmp_path, "#!/bin/sh\necho error: no such stack; exit 6\n").run("up")
    assert error.value.exit_code == 6


def test_it_outlives_a_killed_command(tmp_path: Path) -> None:
    """It goes on to write, and ends as it would have: with a pipe its next line would be its last."""
    done = tmp_path / "done"
    engine(tmp_path, f"#!/bin/sh\necho begun; sleep 0.6; echo more && echo still && touch {done}\n")
    values = f"Path({str(tmp_path / 'pulumi')!r}), Path({str(tmp_path)!r}), 'dev', {{'PATH': '/bin:/usr/bin'}}"
    imports = "from pathlib import Path; from ops.engine import Engine"
    code = f"{imports}; Engine({values}, on_line=lambda line: print(line, flush=True)).run('up')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == "begun\n"
        command.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while not done.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert done.exists()
