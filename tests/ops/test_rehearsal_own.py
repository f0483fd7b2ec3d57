"""The rehearsal of a project's own stack file: what is taken from it, what is refused, which steps it makes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.messages import UserError
from ops.register.project import read_assets
from ops.rehearsal.answers import Answer, Phase, References, is_same, judge
from ops.rehearsal.own import Own, estate, expected, find_own, paths, requests
from ops.rehearsal.own_steps import own_steps
from settings.load import from_config
from settings.refusal import Refused
from settings.stack import Stack
from settings.values import HIDDEN
from tests.ops.test_rehearsal_steps import Person

DEFAULTS = {
    "environment": "azureml:scoring-environment:1",
    "code": "azureml:scoring-code:1",
    "instanceType": "Standard_DS3_v2",
}
PLAN = [{"mirror": 20}, {"traffic": 25}, {"traffic": 60}, {"traffic": 100}]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project, which is the working directory."""
    folder = tmp_path / "fraud"
    assert CliRunner().invoke(app, ["new", "fraud", "--folder", str(folder), "--yes"]).exit_code == 0
    monkeypatch.chdir(folder)
    return folder


def stack(**endpoint: Any) -> Stack:
    """A stack file with this endpoint, of the project fraud."""
    config = {
        "azure-native:location": "westeurope",
        "fraud:production": True,
        "fraud:workspace": {"name": "ws-prod", "resourceGroup": "rg-prod", "isolation": "managedVnet"},
        "fraud:registry": {"name": "acrprod", "sku": "premium"},
        "fraud:endpoints": {"prod-fraud": {"auth": "aad_token", "defaults": DEFAULTS, **endpoint}},
    }
    return from_config(config, "fraud")


def own(root: Path, new: Path | None = None, **endpoint: Any) -> Own:
    """What is rehearsed of it."""
    return find_own(stack(**endpoint), "fraud", read_assets(root), root, new=new)


def test_the_steps_are_the_stack_files_plan_and_the_rules_accept_each(root: Path) -> None:
    """From nothing to the candidate alone, by the plan's own numbers, under the project's own namespace."""
    blue = {"model": "azureml:fraud:1", "variables": {"A": "1", "B": "{x}"}, "requests": {"timeoutMs": 900}}
    found = own(root, deployments={"blue": blue}, traffic={"blue": 100}, rollout={"steps": PLAN})
    person = Person(estate(found, stack()), project="fraud", endpoint="prod-fraud")
    splits = []
    for step in own_steps(found, {}, same_model=True):
        for up in step.ups:
            person.edit(up)
            if person.config["fraud:endpoints"]:
                shown = person.up()
                assert (dict(shown.traffic), dict(shown.mirror)) == (dict(up.traffic), dict(step.mirror)), step.name
        if step.loaded:
            splits.append((dict(step.ups[-1].traffic), dict(step.mirror)))
    assert splits == [
        ({"blue": 100}, {"green": 20}),
        ({"blue": 75, "green": 25}, {}),
        ({"blue": 40, "green": 60}, {}),
        ({"green": 100}, {}),
        ({"green": 100}, {}),
    ]
    green = from_config(person.config, "fraud").endpoints["prod-fraud"].deployments["green"]
    assert (green.variables, green.requests.timeout_ms, green.instance_count) == ({"A": "1", "B": "{x}"}, 900, 1)


def test_what_serves_and_what_comes_are_found(root: Path) -> None:
    """The deployment with most traffic is first; the plan's candidate, or another one, takes its place."""
    models = {"deployments": {name: {"model": "azureml:fraud:1"} for name in ("a", "b", "c")}}
    names = [
        (found.first.name, found.candidate.name)
        for found in (
            own(root, **models, traffic={"b": 90, "c": 10}),
            own(root, **models, traffic={"a": 100}, rollout={"candidate": "c"}),
            own(root, deployments={"green": {"model": "azureml:fraud:1"}}, traffic={"green": 100}),
        )
    ]
    assert names == [("b", "a"), ("a", "c"), ("green", "blue")]


def test_the_new_models_files_are_the_candidates_alone(root: Path, tmp_path: Path) -> None:
    """With `--candidate` the two deployments run two versions of the same model."""
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / "model.json").write_text("{}")
    found = own(root, tmp_path / "newer", deployments={"blue": {"model": "azureml:fraud:1"}}, traffic={"blue": 100})
    assert found.first.model != found.candidate.model
    assert len(found.registrations) == 4


def test_an_encrypted_variable_is_told_and_not_known(root: Path) -> None:
    """The model gets a text in its place; `HIDDEN` itself, which no process could have, goes nowhere."""
    variables = {"TOKEN": HIDDEN, "PLAIN": "1"}
    found = own(root, deployments={"blue": {"model": "azureml:fraud:1", "variables": variables}})
    assert found.encrypted == ("TOKEN",)
    assert found.candidate.keys["variables"] == {"TOKEN": "encrypted", "PLAIN": "1"}


def test_all_that_has_no_source_here_is_refused_at_once(root: Path) -> None:
    """A name that assets.yaml has not, an asset of a registry, a server in an image: each with its path."""
    with pytest.raises(Refused) as caught:
        own(
            root,
            deployments={
                "blue": {"model": "azureml:other:1", "environment": "azureml://registries/r/environments/e/versions/1"},
                "green": {"code": None},
            },
            traffic={"blue": 100},
        )
    assert [
        (one.code, one.path.removeprefix("endpoints.prod-fraud.deployments.")) for one in caught.value.refusals
    ] == [
        ("H031", "blue.model"),
        ("H031", "blue.environment"),
        ("H032", "green.model"),
    ]


def test_no_endpoint_or_several_are_told_with_their_names(root: Path) -> None:
    """H030 names those that can be chosen; an endpoint on Kubernetes is none of them."""
    with pytest.raises(UserError, match=r"H030 endpoint: 0 that can be rehearsed"):
        own(root, kind="kubernetes", compute="aks", deployments={"blue": {"model": "azureml:fraud:1"}})
    with pytest.raises(UserError, match=r"H030 endpoint: 'x'.*Name one by --endpoint: prod-fraud"):
        find_own(
            stack(deployments={"blue": {"model": "azureml:fraud:1"}}), "fraud", read_assets(root), root, endpoint="x"
        )


def test_requests_are_found_with_their_answers(root: Path) -> None:
    """All of scoring/requests where none is named; an answer stands beside its request."""
    found = requests([], root)
    assert list(found) == ["sample"]
    assert expected(found["sample"]) == {"scores": [0.495, 0.908877]}
    with pytest.raises(UserError, match=r"H033 request: no such file: nowhere\.json"):
        requests([Path("nowhere.json")], root)


def test_paths_are_what_pulumi_config_takes() -> None:
    """Names with dots or other signs stand in brackets."""
    assert dict(paths("e.x", {"a": {"B.C": 1, "d-e": True, "f": {"g": "h"}}})) == {
        'e.x.a["B.C"]': 1,
        "e.x.a.d-e": True,
        "e.x.a.f.g": "h",
    }


@pytest.mark.parametrize(
    ("got", "same"),
    [
        ({"a": [1.0, "x", None, True]}, True),
        ({"a": [1.0000000001, "x", None, True]}, True),
        ({"a": [1.1, "x", None, True]}, False),
        ({"a": [1.0, "x", None, 1]}, False),
        ({"a": [1.0, "x", None]}, False),
        ({"a": [1.0, "x", None, True], "b": 1}, False),
        ([1.0], False),
        (None, False),
    ],
)
def test_answers_are_compared_as_json(got: Any, same: bool) -> None:
    """Numbers within a millionth, everything else exactly; true is not 1."""
    assert is_same(got, json.loads('{"a": [1, "x", null, true]}')) is same


def test_a_deployment_is_held_to_what_it_answered_alone() -> None:
    """Another answer is wrong; where no answer is known, the status alone counts."""
    phases = [Phase(0.0, {"blue": "m:1"})]
    known = References({("one", "blue"): [1.5]})

    def verdict(sample: str, body: Any) -> str:
        return judge(Answer(sample, 1.0, 1.1, 200, "blue", body), phases, known)[0]

    assert [verdict("one", [1.5]), verdict("one", [1.6]), verdict("two", [9])] == ["good", "wrong", "good"]


def test_a_file_of_assets_that_is_wrong_is_told_whole(root: Path) -> None:
    """Unknown keys and types with their paths; no file, and none that is YAML, by W031."""
    file = root / "assets.yaml"
    file.write_text("models: {a: {path: 3}, b: {paht: x}}\nmodel: {}\n")
    with pytest.raises(Refused) as caught:
        read_assets(root)
    assert [(one.code, one.path) for one in caught.value.refusals] == [
        ("S001", "model"),
        ("S003", "models.a.path"),
        ("S001", "models.b.paht"),
        ("S002", "models.b.path"),
    ]
    file.write_text("a: b: c")
    with pytest.raises(UserError, match=r"W031 .*assets.yaml:1"):
        read_assets(root)
    file.unlink()
    with pytest.raises(UserError, match=r"W031 .*no such file"):
        read_assets(root)
