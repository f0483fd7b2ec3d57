"""The rehearsal for real: interrupted, then from its beginning to its end, with the real engine and real scoring."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from localazure.client import processes

from ops.rehearsal.steps import STEPS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_500)]
ROLLOUT = Path(sys.executable).with_name("rollout")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A folder for rehearsals; whatever a failing test leaves running in it is ended."""
    folder = tmp_path / "rehearsal"
    yield folder
    for pid in left(folder):
        os.kill(pid, signal.SIGKILL)


def start(state: Path) -> subprocess.Popen[str]:
    """A rehearsal in its own session, its output piped."""
    return subprocess.Popen(
        [ROLLOUT, "rehearsal", "-v", "--state", state],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell's background job, as a test run may be one, ignores Ctrl-C, and hands that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def left(state: Path) -> list[int]:
    """Processes that name the folder in their command line, or work in it."""
    return [pid for pid, _, command in processes() if str(state) in command or is_in(pid, state)]


def is_in(pid: int, state: Path) -> bool:
    """Whether the process' working directory is below the folder (Linux; elsewhere the command line has to do)."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(state)
    except OSError:
        return False


def test_interrupted_it_leaves_nothing_running_and_the_next_one_reaches_its_end(state: Path) -> None:
    """Ctrl-C in the midst of an `up` ends everything with one message; the same folder then takes a whole rehearsal."""
    with start(state) as interrupted:
        assert interrupted.stdout is not None
        said = []
        for line in interrupted.stdout:
            said.append(line)
            if "creating" in line:
                interrupted.send_signal(signal.SIGINT)
                break
        said += interrupted.stdout.readlines()
    text = "".join(said)
    assert interrupted.returncode == 1, text
    assert "at step 1 (estate): interrupted" in text
    assert "Traceback" not in text
    assert left(state) == []
    assert json.loads((state / "report.json").read_text())["ok"] is False

    with start(state) as whole:
        text, _ = whole.communicate()
    assert whole.returncode == 0, text
    assert left(state) == []
    told = json.loads((state / "report.json").read_text())
    assert (told["ok"], told["lost"], told["wrong"], told["stopped"]) == (True, 0, 0, None)
    assert [step["name"] for step in told["steps"]] == [step.name for step in STEPS]
    assert "-  azure-native:machinelearningservices:OnlineEndpoint diabetes deleted" in text
    assert "+ green: 10" in text
    loaded = [step for step, plan in zip(told["steps"], STEPS, strict=True) if plan.loaded]
    assert all(step["requests"] >= 240 and step["p99"] for step in loaded)
    mirror, ninety, fifty, green, gone = loaded
    assert mirror["mirrored"] > 0
    assert mirror["share"] == {"blue": 1.0}
    assert 0.8 < ninety["share"]["blue"] < 0.98
    assert 0.3 < fifty["share"]["blue"] < 0.7
    assert green["share"] == gone["share"] == {"green": 1.0}
