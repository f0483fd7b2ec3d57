"""Which project, stack and stack file a command is about."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops import project
from ops.cli import app
from ops.engine import Engine
from ops.messages import UserError
from ops.project import find_place
from settings.refusal import Refused

CONFIG = """\
config:
  azure-native:location: westeurope
  fraud:workspace: {name: ws-fraud, resourceGroup: rg-fraud}
  registry: {name: acrfraud}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project named fraud with a stack dev, and a folder below it to work in."""
    (tmp_path / "Pulumi.yaml").write_text("name: fraud\nruntime: python\n", encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.delenv("PULUMI_STACK", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["dev", "fraud/dev", "organization/fraud/dev"])
def test_a_stack_by_all_its_names(root: Path, name: str) -> None:
    """The last part names the file, which stands beside Pulumi.yaml in a folder above."""
    place = find_place(name)
    assert place.path.resolve() == root / "Pulumi.dev.yaml"
    assert place.settings().workspace.name == "ws-fraud"
    assert place.options == f" --stack {name}"


def test_a_folder_for_stack_files(root: Path) -> None:
    """`stackConfigDir`, and `config` as it was called before."""
    (root / "cfg").mkdir()
    (root / "Pulumi.dev.yaml").rename(root / "cfg" / "Pulumi.dev.yaml")
    for word in ("stackConfigDir", "config"):
        (root / "Pulumi.yaml").write_text(f"name: fraud\nruntime: python\n{word}: cfg\n", encoding="utf-8")
        assert find_place("dev").settings().registry.name == "acrfraud"


def test_values_of_pulumi_yaml_lie_beneath(root: Path) -> None:
    """A stack says what differs; one without a file has what all have."""
    shared = "config:\n  azure-native:location: {value: northeurope}\n  registry: {value: {name: acrall}}\n"
    shared += "  workspace: {value: {name: ws-all, resourceGroup: rg-all}}\n  production: true\n"
    (root / "Pulumi.yaml").write_text(f"name: fraud\nruntime: python\n{shared}", encoding="utf-8")
    settings = find_place("dev").settings()
    assert (settings.location, settings.production, settings.registry.name) == ("westeurope", True, "acrfraud")
    assert find_place("new").settings().workspace.name == "ws-all"


def test_the_selected_stack_is_the_default(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine says which it is; PULUMI_STACK says it first."""
    monkeypatch.setattr(Engine, "selected", lambda self: "dev")
    monkeypatch.setattr(project, "find_engine", lambda: Path("engine"))
    assert find_place().stack == "dev"
    monkeypatch.setenv("PULUMI_STACK", "organization/fraud/dev")
    assert find_place().path.name == "Pulumi.dev.yaml"


def test_a_file_of_another_name_goes_to_the_engine_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine runs in the project's folder: a relative path would name another file there."""
    monkeypatch.setattr(project, "find_engine", lambda: Path("engine"))
    mine = root / "below" / "mine.yaml"
    mine.write_text(CONFIG, encoding="utf-8")
    engine = find_place("dev", Path("mine.yaml")).engine()
    assert (engine.project, engine.config_file) == (root, mine)
    assert find_place("dev").engine().config_file is None


def test_no_project_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a project only a named file or stack can be meant."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"D004 Pulumi\.yaml"):
        find_place()


def test_a_project_that_is_none(root: Path) -> None:
    """A broken Pulumi.yaml is told by its line."""
    (root / "Pulumi.yaml").write_text("name: fraud\nconfig: [\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"S006 .*Pulumi\.yaml:\d"):
        find_place("dev")


def test_the_old_projects_keys_are_told(root: Path) -> None:
    """What stands under the name that the project had before would be passed over: it is refused, as in the preview."""
    with (root / "Pulumi.dev.yaml").open("a", encoding="utf-8") as file:
        file.write("  safe-rollout:tags: {team: ml}\n")
    Path("nothing.json").write_text(json.dumps({}), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "--stack", "dev", "--observed", "nothing.json"])
    assert (result.exit_code, result.output.split()[:3]) == (1, ["refused", "S008", "safe-rollout:tags:"])
    assert "Write fraud:tags" in result.output
