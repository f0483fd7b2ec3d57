"""Programs of the set-up: their lines are passed on, their failures become one message."""

import os
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ops.messages import UserError
from ops.setup.progress import Progress, clock
from ops.setup.run import bring, only_one, run


def python(code: str, tmp_path: Path, lines: list[str]) -> list[str]:
    """Run a line of Python as a program of the set-up."""
    return run("part", [sys.executable, "-c", code], cwd=tmp_path, environment=os.environ, on_line=lines.append)


def test_lines_of_both_outputs_are_passed_on(tmp_path: Path) -> None:
    """Go and npm tell their progress on standard error."""
    seen: list[str] = []
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    assert sorted(python(code, tmp_path, seen)) == ["err", "out"]
    assert sorted(seen) == ["err", "out"]


def test_a_failure_carries_the_end_of_the_output(tmp_path: Path) -> None:
    """So that nobody has to look for a log."""
    with pytest.raises(UserError, match=r"T003 part: .*\n.*disk is on fire"):
        python("import sys; sys.exit('disk is on fire')", tmp_path, [])


def test_an_unreachable_registry_is_told_as_such(tmp_path: Path) -> None:
    """Not as a failure of the program that found out."""
    with pytest.raises(UserError, match=r"T002 part: could not be fetched .*no such host"):
        python("import sys; sys.exit('dial tcp: lookup proxy.example: no such host')", tmp_path, [])


def test_a_second_set_up_waits_and_says_so(tmp_path: Path) -> None:
    """Two at once would build the same thing twice."""
    import threading

    told = StringIO()
    progress = Progress(Console(file=told))
    order: list[str] = []

    def second() -> None:
        with only_one(tmp_path / "lock", "set-up", progress):
            order.append("second")

    with only_one(tmp_path / "lock", "set-up", progress):
        thread = threading.Thread(target=second)
        thread.start()
        while "waiting for it" not in told.getvalue():
            thread.join(0.01)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_step_without_a_terminal_is_two_lines() -> None:
    """CI logs get no escape sequences."""
    told = StringIO()
    with Progress(Console(file=told)).step("Azurite") as step:
        step.say("fetching")
        step.result = "374 packages"
    assert told.getvalue() == "Azurite …\nAzurite: 374 packages  0:00\n"


@pytest.mark.parametrize(("seconds", "expected"), [(0.4, "0:00"), (61, "1:01"), (3600, "60:00")])
def test_elapsed_time_is_minutes_and_seconds(seconds: float, expected: str) -> None:
    """Builds take minutes, not hours."""
    assert clock(seconds) == expected


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    """Whoever ran into it: Go, npm or uv."""
    with pytest.raises(UserError, match=r"T007 part: no space left on the disk of .*SAFE_ROLLOUT_CACHE"):
        python("import sys; sys.exit('write x.a: no space left on device')", tmp_path, [])


def test_a_full_disk_is_told_even_where_the_program_is_content(tmp_path: Path) -> None:
    """npm ends with 0 after it could not unpack everything."""
    with pytest.raises(UserError, match="T007"):
        python("print('npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write')", tmp_path, [])


def test_a_folder_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    """A filling that fails leaves nothing; the next one also removes what a killed set-up left."""
    home, progress = tmp_path / "1.0", Progress(Console(quiet=True))
    (tmp_path / ".new-1.0-killed").mkdir()

    def fail(target: Path) -> None:
        target.mkdir()
        raise UserError("T000", "here", "nothing")

    def fill(target: Path) -> None:
        target.mkdir()
        (target / "program").touch()

    with pytest.raises(UserError):
        bring(home, lambda: None, fail, progress)
    assert not home.exists()
    assert bring(home, lambda: None, fill, progress) == home
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.0", "1.0.lock"]
    assert bring(home, lambda: home, fail, progress) == home
