"""`rollout update`: projects of this version and copies of 0.2.0, with edits of their own in them."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ops.cli import app
from ops.messages import UserError
from ops.new import copied, update
from ops.new.merge import changes
from ops.new.render import TEMPLATE, Answers, is_kept_up, render
from ops.paths import CHECKOUT
from settings.load import from_file

TEXTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["1\n", "1\n2\n", "3\n", "1\n2\n3\n"]))
OLD = "f643a9fdaa605937a0bf3cbe903669afa3852ae2"
"""The commit of 0.2.0."""


def updated(*options: str, code: int = 0) -> str:
    """What the command says in the working directory."""
    result = CliRunner().invoke(app, ["update", *options])
    assert (result.exit_code, type(result.exception)) == (code, SystemExit if code else type(None)), result.output
    return result.output


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of this version, which is the working directory."""
    folder = tmp_path / "fraud"
    assert CliRunner().invoke(app, ["new", "fraud", "--folder", str(folder), "--yes"]).exit_code == 0
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A newer template than this version's, which is then a past one: two workflows and the checks have changed."""
    template, past = tmp_path / "template", tmp_path / "past"
    shutil.copytree(TEMPLATE, template)
    shutil.copytree(TEMPLATE, past / "1")
    edit(template / ".rollout.yaml", "template: 1", "template: 2")
    edit(template / ".github/workflows/preview.yml", "timeout-minutes: 30", "timeout-minutes: 40")
    edit(template / "tests/test_project.py", "are right", "are right and well")
    edit(template / "scoring/code/score.py", "One score", "A score")
    (template / "scoring" / "notes.md").write_text("new in 2\n")
    monkeypatch.setattr(update, "TEMPLATE", template)
    monkeypatch.setattr(update, "PAST", past)
    monkeypatch.setattr(update, "render", lambda answers, source=template: render(answers, source))
    return template


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def all_texts(folder: Path) -> dict[str, str]:
    """Every file's text by path."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_project_of_this_version_is_up_to_date(project: Path) -> None:
    """Nothing is written, edits or not."""
    edit(project / "tools/pipeline.sh", "set -euo pipefail", "set -euo pipefail # mine")
    before = all_texts(project)
    assert updated() == "already up to date\n"
    assert all_texts(project) == before


def test_edits_of_ones_own_stay_and_what_is_newer_comes(project: Path, newer: Path) -> None:
    """A workflow that was edited elsewhere has both; the script, a person's own, is not touched; a new file comes."""
    workflow = project / ".github/workflows/preview.yml"
    edit(workflow, "stack: [dev, prod]", "stack: [dev, test, prod]")
    assert "A score" in (newer / "scoring/code/score.py").read_text()
    edit(project / "scoring/code/score.py", "One score", "My score")
    said = updated()
    assert "timeout-minutes: 40" in workflow.read_text()
    assert "stack: [dev, test, prod]" in workflow.read_text()
    assert "My score" in (project / "scoring/code/score.py").read_text()
    assert "right and well" in (project / "tests/test_project.py").read_text()
    assert (project / "scoring/notes.md").is_file()
    assert "updated, with your edits kept     .github/workflows/preview.yml" in said
    assert "template: 2" in (project / ".rollout.yaml").read_text()
    assert updated() == "already up to date\n"


def test_a_conflict_is_marked_and_told(project: Path, newer: Path) -> None:
    """Exit code 1, git's marks in the file, and both texts between them."""
    del newer
    workflow = project / ".github/workflows/preview.yml"
    edit(workflow, "timeout-minutes: 30", "timeout-minutes: 99")
    assert "CONFLICT: look for <<<<<<< in it  .github/workflows/preview.yml" in updated(code=1)
    text = workflow.read_text()
    assert all(
        part in text for part in ("<<<<<<< yours", "timeout-minutes: 99", "timeout-minutes: 40", ">>>>>>> newer")
    )


def test_pipelines_of_another_system_take_the_place_of_those_before(project: Path) -> None:
    """With `--ci`: files that were not edited go, one that was edited stays."""
    edit(project / ".github/workflows/up.yml", "name: up", "name: mine")
    updated("--ci", "azure-pipelines")
    assert (project / "azure-pipelines" / "up.yml").is_file()
    assert [path.name for path in (project / ".github" / "workflows").iterdir()] == ["up.yml"]
    assert "ci: azure-pipelines" in (project / ".rollout.yaml").read_text()


@pytest.mark.parametrize(
    ("record", "expected"),
    [(None, "N004"), ("template: 99\n", "N005"), ("template: yes\n", "N005"), ("ci: github\n", "N005"), ("", "N005")],
)
def test_a_record_that_says_nothing_is_refused(project: Path, record: str | None, expected: str) -> None:
    """Nothing is touched where it is not known what the project was made from."""
    file = project / ".rollout.yaml"
    file.unlink()
    if record is not None:
        file.write_text(record)
    before = all_texts(project)
    result = CliRunner().invoke(app, ["update"])
    assert isinstance(result.exception, UserError)
    assert (result.exception.code, all_texts(project)) == (expected, before)


@settings(deadline=None, max_examples=50)
@given(base=TEXTS, current=TEXTS, newer=TEXTS)
def test_nothing_of_a_persons_own_is_ever_lost(
    base: dict[str, str], current: dict[str, str], newer: dict[str, str]
) -> None:
    """Only what is as it was goes, or is written over; a line that a person has added is there afterwards."""
    for change in changes(base, current, newer):
        before, mine = base.get(change.path), current.get(change.path)
        if change.what in {"removed", "updated"}:
            assert mine == before
        elif change.text is not None and mine is not None:
            added = set(mine.splitlines()) - set((before or "").splitlines())
            assert added <= set(change.text.splitlines())


@pytest.fixture(scope="module")
def archive() -> bytes:
    """All of 0.2.0, from this repository's history."""
    told = subprocess.run(["git", "archive", OLD], cwd=CHECKOUT, capture_output=True, check=False)
    assert told.returncode == 0, f"the history of this clone does not reach back to 0.2.0: {told.stderr.decode()}"
    return told.stdout


@pytest.fixture
def copy(archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as 0.2.0 had them: a copy of it all, renamed; the working directory."""
    folder = tmp_path / "iris"
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    edit(folder / "Pulumi.yaml", "name: safe-rollout", "name: iris-service")
    monkeypatch.chdir(folder)
    return folder


def test_a_copy_of_020_becomes_a_project_with_a_dependency(copy: Path) -> None:
    """Packages go, stack files keep what they say under the project's own name, an edited pipeline is told."""
    edit(copy / "Pulumi.dev.yaml", "Disease progression, development", "Irises")
    edit(copy / "scoring/code/score.py", "Scoring script", "My scoring script")
    edit(copy / ".github/workflows/up.yml", "name: up\n", "name: mine\n")
    (copy / "tests" / "test_mine.py").write_text("# mine\n")
    assert "CONFLICT: look for <<<<<<< in it  .github/workflows/up.yml\n" in updated(code=1)
    assert sorted(path.name for path in copy.iterdir() if path.is_dir()) == [".github", "scoring", "tests", "tools"]
    assert [path.name for path in sorted((copy / "tests").iterdir())] == ["test_mine.py", "test_project.py"]
    assert (copy / "__main__.py").read_text() == (TEMPLATE / "__main__.py").read_text()
    assert from_file(copy / "Pulumi.dev.yaml").endpoints["diabetes-dev"].description == "Irises"
    assert list(from_file(copy / "Pulumi.prod.yaml").endpoints) == ["diabetes-prod"]
    assert "My scoring script" in (copy / "scoring/code/score.py").read_text()
    assert "name: mine" in (copy / ".github/workflows/up.yml").read_text()
    assert updated() == "already up to date\n"


def test_a_copy_with_edited_packages_is_refused_and_untouched(copy: Path) -> None:
    """N006 names what would be lost; a module that was added counts too."""
    edit(copy / "components/endpoint.py", "import pulumi", "import pulumi  # mine")
    (copy / "rollout" / "mine.py").write_text("")
    before = all_texts_of(copy)
    result = CliRunner().invoke(app, ["update"])
    assert isinstance(result.exception, UserError)
    assert "N006" in str(result.exception)
    assert "components/endpoint.py, rollout/mine.py" in str(result.exception)
    assert all_texts_of(copy) == before


def all_texts_of(folder: Path) -> dict[str, bytes]:
    """Every file's content by path."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_list_of_020_is_that_of_the_history(archive: bytes) -> None:
    """Each hash and path stands in `past/0.2.0/FILES`, and what is kept of it is as it was."""
    told = subprocess.run(["git", "ls-tree", "-r", OLD], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    lines = [line.split(None, 3) for line in told.stdout.splitlines()]
    kept = (copied.PAST / "FILES").read_text().splitlines()
    assert kept == [f"{digest[:16]} {path}" for _, _, digest, path in lines]
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for path in copied.PAST.rglob("*"):
            if path.is_file() and path.name != "FILES":
                member = tar.extractfile(path.relative_to(copied.PAST).as_posix())
                assert member is not None
                assert path.read_bytes() == member.read()


def test_what_is_kept_up_is_in_the_template() -> None:
    """Each file or folder that updates bring is one that a project has."""
    files = [*render(Answers("fraud")), *render(Answers("fraud", ci="azure-pipelines"))]
    assert {path for path in files if is_kept_up(path)} >= {"__main__.py", ".gitignore", "tests/test_project.py"}
