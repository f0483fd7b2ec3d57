"""`rollout new`: what it writes, what it refuses, and that `pulumi new` writes the same."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ops.cli import app
from ops.messages import UserError
from ops.new.command import check_name
from ops.new.render import PIPELINES, TEMPLATE, Answers, render
from ops.new.source import source_table
from ops.paths import CHECKOUT
from ops.setup.engine import find_engine
from settings.load import from_file, read_project
from settings.refusal import Refused

STACKS = ("local", "dev", "prod")
NAMES = st.from_regex(r"[a-z][a-z0-9](-?[a-z0-9]){1,10}", fullmatch=True).filter(lambda name: name != "safe-rollout")


def new(folder: Path, *options: str, name: str = "fraud") -> Path:
    """A project made by the command, asking nothing."""
    result = CliRunner().invoke(app, ["new", name, "--folder", str(folder), "--yes", *options])
    assert result.exit_code == 0, result.output
    return folder


@pytest.mark.parametrize("stack", STACKS)
def test_the_stack_files_are_right_under_the_projects_own_name(stack: str, tmp_path: Path) -> None:
    """Each stack file is read with the namespace that the new Pulumi.yaml gives it."""
    folder = new(tmp_path / "fraud")
    assert read_project(folder / "Pulumi.yaml").name == "fraud"
    wanted = [] if stack == "local" else [f"{stack}-fraud"]
    assert list(from_file(folder / f"Pulumi.{stack}.yaml").endpoints) == wanted


def test_endpoints_under_the_name_of_another_project_are_refused(tmp_path: Path) -> None:
    """A key that is copied from another project's stack file is told, and not passed over (S008)."""
    folder = new(tmp_path / "fraud")
    file = folder / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace("  endpoints:", "  safe-rollout:endpoints:"))
    with pytest.raises(Refused, match=r"S008 safe-rollout:endpoints.*Write fraud:endpoints"):
        from_file(file)


@settings(deadline=None)
@given(name=NAMES)
def test_every_name_that_is_taken_makes_right_stack_files(name: str) -> None:
    """Whatever the name, the names of Azure's resources that follow from it are allowed."""
    check_name(name)
    files = render(Answers(name))
    for stack in ("dev", "prod"):
        config = yaml.safe_load(files[f"Pulumi.{stack}.yaml"])["config"]
        assert re.fullmatch(r"[A-Za-z0-9_-]{3,33}", config["workspace"]["name"])
        assert re.fullmatch(r"[A-Za-z0-9]{5,50}", config["registry"]["name"])
        (endpoint,) = config["endpoints"]
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", endpoint)


@pytest.mark.parametrize(
    "name", ["Fraud", "f", "1fraud", "fraud--x", "fraud_x", "fraud-", "safe-rollout", "a" * 24, ""]
)
def test_a_name_that_azure_or_pulumi_would_not_take_is_refused(name: str) -> None:
    """N002 says what a name looks like."""
    with pytest.raises(UserError, match=r"N002 name.*letters, digits and single dashes"):
        check_name(name)


def test_a_region_that_can_be_none_is_refused(tmp_path: Path) -> None:
    """N009 shows how Azure writes one; nothing is written."""
    result = CliRunner().invoke(app, ["new", "fraud", "--folder", str(tmp_path / "x"), "--location", "West Europe"])
    assert isinstance(result.exception, UserError)
    assert ("N009" in str(result.exception), (tmp_path / "x").exists()) == (True, False)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder with something in it is refused, and stays as it is."""
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(app, ["new", "fraud", "--folder", str(tmp_path), "--yes"])
    assert (type(result.exception), [path.name for path in tmp_path.iterdir()]) == (UserError, ["mine.txt"])


def test_the_pipelines_are_those_of_the_chosen_system(tmp_path: Path) -> None:
    """With `--ci azure-pipelines` there are no workflows of GitHub, and the record says so."""
    folder = new(tmp_path / "fraud", "--ci", "azure-pipelines")
    assert [(folder / place).exists() for place in PIPELINES.values()] == [False, True]
    assert yaml.safe_load((folder / ".rollout.yaml").read_text()) == {"template": 1, "ci": "azure-pipelines"}


@settings(deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1))
def test_a_description_is_text_whatever_is_in_it(text: str) -> None:
    """Quotes, colons and hashes in a description break neither YAML nor TOML."""
    files = render(Answers("fraud", text))
    assert yaml.safe_load(files["Pulumi.yaml"])["description"] == text
    assert tomllib.loads(files["pyproject.toml"])["project"]["description"] == text


def test_pulumi_new_writes_the_same_project(tmp_path: Path) -> None:
    """The engine's own `pulumi new` on the template: the same files, and stack files of the same meaning."""
    engine = find_engine()
    assert engine is not None
    folder = tmp_path / "fraud"
    folder.mkdir()
    (tmp_path / "stacks").mkdir()
    own = {"PULUMI_HOME": str(tmp_path), "PULUMI_BACKEND_URL": f"file://{tmp_path}/stacks"}
    command = [str(engine / "pulumi"), "new", str(TEMPLATE), "--generate-only", "--yes", "--name", "fraud"]
    command += ["--description", 'Fraud: "cards" # and more']
    environment = {**os.environ, **own, "PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_SKIP_UPDATE_CHECK": "true"}
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    expected = render(Answers("fraud", 'Fraud: "cards" # and more'))
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert sorted(set(found) - set(expected)) == [
        *("azure-pipelines/preview.yml", "azure-pipelines/stage.yml", "azure-pipelines/up.yml"),
    ]
    for path, text in expected.items():
        if path.startswith("Pulumi.") and path != "Pulumi.yaml":
            assert from_file(folder / path) == from_file_of(text, path, folder), path
        elif path not in {"Pulumi.yaml", "pyproject.toml", "README.md"}:
            assert found[path] == text, path


def from_file_of(text: str, path: str, folder: Path) -> object:
    """The settings of a stack file's text in a project's folder; dashes of a registry's name are as `pulumi new`'s."""
    scratch = folder / path.replace("Pulumi.", "Pulumi.expected-")
    scratch.write_text(text)
    return from_file(scratch)


@pytest.mark.parametrize(
    ("direct", "expected"),
    [
        (
            {"url": "https://example.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            {"git": "https://example.org/x.git", "rev": "abc"},
        ),
        ({"url": "file:///a%20b/x.whl", "archive_info": {}}, {"path": "/a b/x.whl"}),
        ({"url": "file:///a", "dir_info": {"editable": True}}, {"path": "/a", "editable": True}),
        ({"url": "https://example.org/x.whl", "archive_info": {}}, {"url": "https://example.org/x.whl"}),
    ],
)
def test_a_project_gets_safe_rollout_from_where_this_one_came(
    direct: dict[str, object], expected: dict[str, object]
) -> None:
    """Commit, file, folder or address of an installation become uv's source."""
    assert tomllib.loads(source_table(direct))["tool"]["uv"]["sources"] == {"safe-rollout": expected}


@pytest.mark.parametrize("path", ["workflows/preview.yml", "workflows/up.yml", "preview.yml", "up.yml", "stage.yml"])
def test_the_pipelines_are_this_repositorys_own(path: str) -> None:
    """What is mended in this repository's pipelines is mended in the template's: they differ in folders and names."""
    place = ".github" if path.startswith("workflows") else "azure-pipelines"
    here = (CHECKOUT / place / path).read_text()
    packages = re.compile(r" +- (components|safe_rollout|rollout|settings|ops)(/\*\*)?\n")
    here = packages.sub("", here).replace("docs/ci.md", "safe-rollout's docs/ci.md")
    here = here.replace("safe-rollout-$", "${PROJECT}-$").replace("safe-rollout-ENV", "${PROJECT}-ENV")
    assert (TEMPLATE / place / path).read_text() == here


def test_the_pipelines_script_is_this_repositorys_own_but_for_the_set_up() -> None:
    """Line by line, but for the packages, which a project has as a dependency, and where uv's version stands."""
    here = (CHECKOUT / "tools" / "pipeline.sh").read_text().splitlines()
    there = (TEMPLATE / "tools" / "pipeline.sh").read_text().splitlines()
    differing = [line.strip() for line, other in zip(here, there, strict=True) if line != other]
    assert [line for line in differing if "docs/ci.md" not in line] == [
        'python3 -m pip install --quiet --disable-pip-version-check "uv==$(python3 tools/bootstrap.py --uv-version)"',
        ".venv/bin/python -m ops.setup --engine > /dev/null",
        'PATH="$PWD/.venv/bin:$(.venv/bin/python -m ops.setup --engine):$PATH"',
    ]
    version = re.search(r'PINNED_UV = "(.+)"', (CHECKOUT / "tools" / "bootstrap.py").read_text())
    assert version is not None
    assert f'"uv=={version[1]}"' in (TEMPLATE / "tools" / "pipeline.sh").read_text()
