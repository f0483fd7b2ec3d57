"""The stack file is found by the command that started the program."""

import os
from pathlib import Path

import pytest

from components.command import stack_file


@pytest.mark.parametrize(
    ("command", "project", "found"),
    [
        (("pulumi", "up"), "name: p", "Pulumi.dev.yaml"),
        (("pulumi", "up"), "name: p\nstackConfigDir: stacks", "stacks/Pulumi.dev.yaml"),
        (("pulumi", "up", "--config-file", "mine.yaml"), "name: p", "mine.yaml"),
        (("pulumi", "up", "--config-file=mine.yaml", "--yes"), "name: p", "mine.yaml"),
    ],
)
def test_the_stack_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], project: str, found: str
) -> None:
    """The one that --config-file names, as the engine finds it; else the stack's own, in the project's folder."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(project)
    for name in ("Pulumi.dev.yaml", "stacks/Pulumi.dev.yaml", "mine.yaml"):
        (tmp_path / name).write_text("config: {}")
    monkeypatch.chdir(tmp_path)
    file = stack_file(tmp_path, "dev", os.getpid(), command)
    assert file
    assert file.resolve() == (tmp_path / found).resolve()


def test_a_stack_without_a_file_has_none(tmp_path: Path) -> None:
    """Its configuration may be with the backend."""
    assert stack_file(tmp_path, "dev") is None
