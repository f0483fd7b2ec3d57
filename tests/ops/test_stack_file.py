"""The one writer of stack files: values change, and no other character does."""

import difflib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops.messages import UserError
from ops.project import Place
from ops.splice import with_value, without
from ops.stack_file import Change, edited, split_changes
from rollout.model import Split
from settings.configuration import Project

FLOW = """\
# A stack
config:
  fraud:endpoints:   # all of them
    diabetes:
      deployments:
        blue: {model: "azureml:ridge:1", sha: 123e4567, n: 0755}
        green:
          model:   azureml:ridge:2   # ü new

          # about the type
          instanceType: Standard_DS3_v2
      traffic:  {blue: 100}   # live
      rollout: {steps: [{mirror: 10}, {traffic: 10}]}
    other: {traffic: {blue: 100}}
encryptionsalt: v1:abc
"""
BLOCK = FLOW.replace(
    "      traffic:  {blue: 100}   # live\n", "      traffic:\n        Blue: 100   # live\n      mirror:\n"
)
SHIFT = split_changes(Split({"blue": 100}), Split({"blue": 90, "green": 10}))


def changed(folder: Path, text: str, changes: list[Change], name: str = "Pulumi.dev.yaml") -> list[str]:
    """The lines that an edit takes away and adds; the file is written."""
    path = folder / name
    path.write_bytes(text.encode())
    edit = edited(Place(Project("fraud"), folder, path, "dev"), "diabetes", changes)
    edit.write()
    assert path.read_bytes() == edit.after.encode()
    lines = difflib.ndiff(text.splitlines(), edit.after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_a_split_is_one_line(tmp_path: Path) -> None:
    """Comments, gaps, numbers that are text and what is not ASCII stay as they were."""
    assert changed(tmp_path, FLOW, SHIFT) == [
        "-       traffic:  {blue: 100}   # live",
        "+       traffic:  {blue: 90, green: 10}   # live",
    ]


def test_a_block_keeps_its_lines(tmp_path: Path) -> None:
    """Shares are set line by line under the names that stand there; what ends goes with its line."""
    assert changed(tmp_path, BLOCK, SHIFT) == [
        "-         Blue: 100   # live",
        "+         Blue: 90   # live",
        "+         green: 10",
    ]
    assert changed(tmp_path, BLOCK, split_changes(Split({"blue": 100}), Split({"green": 100}))) == [
        "-         Blue: 100   # live",
        "+         green: 100",
    ]


def test_a_mirror_that_was_not_there(tmp_path: Path) -> None:
    """It is a line behind the last one; one that ends and never was there leaves nothing."""
    mirror = split_changes(Split({"blue": 100}), Split({"blue": 100}, {"green": 10}))
    assert changed(tmp_path, FLOW, mirror) == ["+       mirror: {green: 10}"]
    assert changed(tmp_path, BLOCK, mirror) == ["-       mirror:", "+       mirror: {green: 10}"]
    assert changed(tmp_path, FLOW, [(("mirror",), {})]) == []


def test_a_deployment_is_taken_away(tmp_path: Path) -> None:
    """With all its lines, and with none of its neighbours'."""
    gone = changed(tmp_path, FLOW, [(("deployments", "green"), None)])
    assert [line.strip("- ") for line in gone][:2] == ["green:", "model:   azureml:ridge:2   # ü new"]
    assert len(gone) == 5
    assert changed(tmp_path, FLOW, [(("deployments", "gray"), None)]) == []


def test_json_stays_json(tmp_path: Path) -> None:
    """A stack file may be JSON: names stand in quotes."""
    text = '{"config": {"endpoints": {"diabetes": {"traffic": {"blue": 100}}}}}\n'
    changed(tmp_path, text, [*SHIFT, (("mirror",), {"teal": 5})], "Pulumi.dev.json")
    written = (tmp_path / "Pulumi.dev.json").read_text(encoding="utf-8")
    assert '"traffic": {"blue": 90, "green": 10}, "mirror": {"teal": 5}' in written


def test_line_ends_and_rights_stay(tmp_path: Path) -> None:
    """A file from Windows keeps its line ends, and the file its mode."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_bytes(FLOW.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    edited(Place(Project("fraud"), tmp_path, path, "dev"), "diabetes", SHIFT).write()
    assert (
        path.read_bytes() == FLOW.replace("\n", "\r\n").replace("{blue: 100}   #", "{blue: 90, green: 10}   #").encode()
    )
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "text",
    [
        FLOW.replace("{blue: 100}   # live", "&all {blue: 100}").replace("{traffic: {blue: 100}}", "{traffic: *all}"),
        FLOW.replace("{blue: 100}   # live", "*all").replace("# A stack", "x: &all {blue: 100}"),
        FLOW.replace("diabetes", "iris"),
        FLOW.replace("traffic:", "traffic: ["),
        "config:\n  fraud:endpoints: '{\"diabetes\": {}}'\n",
        "",
    ],
)
def test_what_can_not_be_edited_on_its_own_is_told(tmp_path: Path, text: str) -> None:
    """An alias stands in two places; then nothing is written, and a person reads what to write."""
    with pytest.raises(UserError, match=r"D024 .*Write it yourself: traffic: \{blue: 90, green: 10\}"):
        changed(tmp_path, text, SHIFT)
    assert (tmp_path / "Pulumi.dev.yaml").read_bytes() == text.encode()


def test_an_edit_of_somebody_else_is_not_lost(tmp_path: Path) -> None:
    """Who wrote the file in between is told about, and stays."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(FLOW, encoding="utf-8")
    edit = edited(Place(Project("fraud"), tmp_path, path, "dev"), "diabetes", SHIFT)
    path.write_text(BLOCK, encoding="utf-8")
    with pytest.raises(UserError, match="D025"):
        edit.write()
    assert path.read_text(encoding="utf-8") == BLOCK


KEYS = st.sampled_from(["a", "b", "blue-2", "on"])
NUMBERS = st.integers(0, 100)
VALUES = st.one_of(
    NUMBERS, *(st.dictionaries(KEYS, inner, max_size=2) for inner in (NUMBERS, st.builds(lambda: {"a": {"b": 1}})))
)


@given(st.dictionaries(KEYS, VALUES, min_size=1), st.booleans(), st.data())
def test_any_map_any_value(document: dict[str, object], in_braces: bool, data: st.DataObject) -> None:
    """Whatever stands there, in lines or in braces: setting a value and taking it away mean just that."""
    text = yaml.safe_dump({"top": document}, default_flow_style=in_braces, indent=3)
    key, value = data.draw(KEYS), data.draw(st.one_of(st.integers(0, 9), st.just({"a": 1})))
    wanted = {"top": {**document, key: value}}
    new = with_value(text, ["top", key], value)
    assert yaml.safe_load(new) == wanted
    rest = {name: one for name, one in document.items() if name != key}
    assert yaml.safe_load(without(new, ["top", key])) == {"top": rest}
