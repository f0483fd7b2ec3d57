"""The state folder of a local Azure: what a reset removes, and who may read it."""

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from localazure.errors import UserError
from localazure.folder import FILES, FOLDERS, make_private, remove


def make_state(folder: Path) -> None:
    """The state of some version of the local Azure."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as db:
        db.execute("CREATE TABLE resources (number INTEGER)")


def fill(folder: Path) -> None:
    """Somebody's folder, whose names are those of a state folder."""
    for name in (*FOLDERS, "env"):
        (folder / name).mkdir()
        (folder / name / "work.txt").write_text("years of work")
    for name in ("ready.json", "mine.txt"):
        (folder / name).write_text("mine")


def tree(folder: Path) -> list[str]:
    """Everything below."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_only_what_is_ours_goes(tmp_path: Path) -> None:
    """All of the local Azure's own, whatever its version; other files stay, a virtual environment `env` too."""
    fill(tmp_path)
    make_state(tmp_path)
    (tmp_path / "metrics.sqlite").touch()
    assert remove(tmp_path) == sorted([*FOLDERS, "metrics.sqlite", "ready.json", "state.sqlite"])
    assert tree(tmp_path) == ["env", "env/work.txt", "mine.txt"]
    assert remove(tmp_path) == []


def _another(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE customers (number INTEGER)")


def _linked(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    make_state(path.parent / "elsewhere")
    path.symlink_to(path.parent / "elsewhere" / "state.sqlite")


@pytest.mark.parametrize(
    "make",
    [lambda _: None, Path.touch, Path.mkdir, lambda path: path.write_text("text"), _another, _linked],
    ids=["none", "empty", "a folder", "no database", "another database", "a link to one"],
)
def test_another_folder_is_not_touched(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """A folder without our state is refused, also where its names are the same, and nothing of it is removed."""
    fill(tmp_path)
    make(tmp_path / "state.sqlite")
    before = tree(tmp_path)
    with pytest.raises(UserError, match=r"L008 .*without the state of a local Azure.*Nothing was removed"):
        remove(tmp_path)
    assert tree(tmp_path) == before


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What a linked folder, or a link inside one, points at stays; so does a link that stands in a folder's place."""
    state, outside = tmp_path / "state", tmp_path / "outside"
    for folder in (state, outside, state / "assets"):
        folder.mkdir()
    make_state(state)
    (outside / "work.txt").write_text("work")
    outside.chmod(0o755)
    (state / "deployments").symlink_to(outside)
    (state / "assets" / "link").symlink_to(outside)
    (state / "env").symlink_to(outside / "work.txt")
    make_private(state)
    assert stat.S_IMODE(outside.stat().st_mode) == 0o755
    assert remove(state) == ["assets", "state.sqlite"]
    assert tree(outside) == ["work.txt"]
    assert tree(state) == ["deployments", "env"]


def test_only_its_owner_reads_a_state_folder(tmp_path: Path) -> None:
    """A folder that was there already is closed, with all that is ours in it; programs stay programs."""
    state = tmp_path / "state"
    (state / "stacks" / ".pulumi").mkdir(parents=True, mode=0o755)
    (state / "pulumi-home").mkdir(mode=0o755)
    files = {
        "stacks/.pulumi/local.json": 0o644,
        "pulumi-home/plugin": 0o755,
        "metrics.sqlite": 0o666,
        "mine.txt": 0o644,
    }
    for name, mode in files.items():
        (state / name).touch()
        (state / name).chmod(mode)
    state.chmod(0o755)
    make_private(state)
    modes = {name: stat.S_IMODE((state / name).stat().st_mode) for name in (".", "stacks", "stacks/.pulumi", *files)}
    closed = {".": 0o700, "stacks": 0o700, "stacks/.pulumi": 0o700, "stacks/.pulumi/local.json": 0o600}
    assert modes == closed | {"pulumi-home/plugin": 0o700, "metrics.sqlite": 0o600, "mine.txt": 0o644}


def test_a_state_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    """With the folders above it where they are missing."""
    make_private(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert set(FILES).isdisjoint(FOLDERS)
