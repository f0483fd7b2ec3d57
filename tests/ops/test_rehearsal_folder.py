"""The rehearsal's folder: cleaned only where it is its own, one rehearsal at a time, and what is left over ended."""

import os
import signal
from pathlib import Path

import pytest
from localazure.client import processes

from ops.local.view import scoring_below
from ops.messages import UserError
from ops.rehearsal.command import LOCK, alone, clean, interruptible


def test_everything_of_an_earlier_rehearsal_goes(tmp_path: Path) -> None:
    """Files, folders and links are thrown away, what a link points at stays; the lock stays."""
    kept = tmp_path / "kept"
    kept.mkdir()
    state = tmp_path / "state"
    (state / "stacks" / "deep").mkdir(parents=True)
    (state / "report.json").write_text("{}")
    (state / "link").symlink_to(kept)
    (state / LOCK).touch()
    clean(state)
    assert [path.name for path in state.iterdir()] == [LOCK]
    assert kept.is_dir()


def test_a_folder_with_other_files_is_not_touched(tmp_path: Path) -> None:
    """Naming somebody's folder by --state is refused before anything is removed."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match=r"H020 .*a folder with other files"), alone(tmp_path):
        pass
    assert (tmp_path / "thesis.txt").exists()


def test_a_second_rehearsal_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Two rehearsals do not share a folder; after the first has ended the next may have it."""
    refused = pytest.raises(UserError, match=r"H021 .*a rehearsal that runs now")
    with alone(tmp_path / "state"), refused, alone(tmp_path / "state"):
        pass
    with alone(tmp_path / "state"):
        assert (tmp_path / "state" / LOCK).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_ended_is_being_interrupted(number: signal.Signals) -> None:
    """SIGTERM and a closed terminal stop it as Ctrl-C does, and the handlers are as before afterwards."""
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(number)
    assert signal.getsignal(number) == before


def test_the_process_table_holds_this_process() -> None:
    """Id, parent and command line of a process that runs now."""
    (mine,) = [process for process in processes() if process[0] == os.getpid()]
    assert mine[1] == os.getppid()
    assert "python" in mine[2] or "pytest" in mine[2]


def test_scoring_processes_are_found_below_the_server() -> None:
    """Children of children count; another local Azure's do not."""
    table = [
        (10, 1, "python -m localazure serve"),
        (20, 10, "python tether.py python -m gunicorn app"),
        (21, 20, "python -m gunicorn app"),
        (22, 10, "envoy"),
        (30, 1, "python -m gunicorn other"),
    ]
    assert scoring_below(10, table) == [20, 21]
