"""Numbers where text is meant: what the file says counts, for the engine's program as for `rollout check`."""

from pathlib import Path

import pulumi
import pytest
from pulumi.runtime.config import set_all_config
from pulumi.runtime.settings import Settings, configure

from settings.configuration import configuration, project_from
from settings.load import from_engine, from_file
from settings.refusal import Refused

BASE = """
config:
  azure-native:location: westeurope
  safe-rollout:workspace: {name: ws-ml, resourceGroup: rg}
  safe-rollout:registry: {name: acrtest}
"""
ZIP = "  safe-rollout:tags: {zip: 0123, port: 8080, ready: true}\n"
BLUE = "endpoints.a.deployments.blue"
COUNT = (
    "  safe-rollout:endpoints: {a: {deployments: {blue: {environment: 'azureml:e:1', "
    "instanceType: Standard_DS3_v2, instanceCount: 010}}}}\n"
)
SECRET = (
    "  safe-rollout:endpoints: {a: {tags: {zip: 0123}, deployments: {blue: {environment: 'azureml:e:1', "
    "instanceType: Standard_DS3_v2, instanceCount: 1, variables: {TOKEN: {secure: v1:A:B}}}}}}\n"
)


def by_engine(handed_over: str, file: Path | None) -> list[str]:
    """The refusals of a program that got the values of one text, and finds this file."""
    values = configuration(handed_over.encode(), project_from(b"name: safe-rollout")).values
    set_all_config({key: text.replace("\\u0000secret", "opened") for key, text in values.items()})
    configure(Settings(project="safe-rollout", stack="dev"))
    assert pulumi.get_project() == "safe-rollout"
    try:
        from_engine(lambda: file)
    except Refused as refused:
        return [str(one).partition(";")[0] for one in refused.refusals]
    return []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (ZIP, "S010 tags.zip: 0123, which YAML reads as 83"),
        (SECRET, "S010 endpoints.a.tags.zip: 0123, which YAML reads as 83"),
        (
            COUNT,
            "S010 endpoints.a.deployments.blue.instanceCount: 010, which YAML reads as 8: a leading 0 makes it octal",
        ),
        ("  safe-rollout:tags: {1.10: x}\n", "S010 tags: the name 1.10, which YAML reads as 1.1"),
    ],
)
def test_both_readers_refuse_it(tmp_path: Path, more: str, said: str) -> None:
    """The program is handed 83, and looks into the file; beside a secret too, which it sees and the file hides."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(BASE + more)
    with pytest.raises(Refused) as refused:
        from_file(file)
    assert [str(one).partition(";")[0] for one in refused.value.refusals] == [said]
    assert by_engine(BASE + more, file) == [said]


def test_of_another_file_nothing_is_believed(tmp_path: Path) -> None:
    """Where the file is missing, broken, or not what the engine has read, the numbers are taken as they came."""
    file = tmp_path / "Pulumi.dev.yaml"
    assert by_engine(BASE + ZIP, None) == []
    for text in (BASE + ZIP.replace("8080", "8081"), "config: ["):
        file.write_text(text)
        assert by_engine(BASE + ZIP, file) == []


def test_a_project_s_own_values_are_looked_at_too(tmp_path: Path) -> None:
    """What Pulumi.yaml gives to all stacks is told in the same words, unless the stack has its own."""
    (tmp_path / "Pulumi.yaml").write_text(
        "name: safe-rollout\nruntime: python\nconfig: {tags: {value: {zip: 0123}}, registry: {value: {name: acrtest}}}"
    )
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(BASE)
    with pytest.raises(Refused, match=r"S010 tags\.zip: 0123, which YAML reads as 83"):
        from_file(file)
    file.write_text(BASE + '  safe-rollout:tags: {zip: "0123"}\n')
    assert from_file(file).tags == {"zip": "0123"}
