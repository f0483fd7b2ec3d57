"""`rollout check`: what it says, how it exits, and what it asks of Azure."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.check.observe import find, observe, observe_with
from ops.cli import app
from ops.messages import UserError
from ops.project import find_place
from ops.rules_page import DEPLOYMENT
from rollout.assets import judge_assets
from rollout.model import Applied, ObservedDeployment, ObservedEndpoint
from settings.load import from_config, from_file

CONFIG = {
    "azure-native:location": "westeurope",
    "safe-rollout:workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
    "safe-rollout:registry": {"name": "acrdev01"},
    "safe-rollout:endpoints": {
        "diabetes": {"deployments": {"blue": DEPLOYMENT, "green": DEPLOYMENT}, "traffic": {"blue": 90, "green": 10}}
    },
}
LIVE = {"diabetes": {"traffic": {"blue": 100}, "deployments": {"blue": DEPLOYMENT, "green": DEPLOYMENT}}}


@pytest.fixture
def stack_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pulumi.dev.yaml in an empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(json.dumps({"config": CONFIG}), encoding="utf-8")
    return path


def check(*arguments: str, observed: object = None, stdin: str | None = None) -> tuple[int, str]:
    """Exit code and output."""
    if observed is not None:
        Path("observed.json").write_text(json.dumps(observed), encoding="utf-8")
        arguments = (*arguments, "--observed", "observed.json")
    result = CliRunner().invoke(app, ["check", *arguments], input=stdin)
    return result.exit_code, result.output


def test_an_allowed_step_in_words_and_the_next_command(stack_file: Path) -> None:
    """Exit 0, the step as the preview shows it, and what to type next."""
    code, said = check("--stack", "dev", observed=LIVE)
    assert (code, said.splitlines()) == (
        0,
        ["allowed  ~ diabetes: blue 100 -> 90, green 0 -> 10, mirror none", "Next: pulumi preview --stack dev"],
    )


def test_a_refused_step_says_all_and_what_to_do(stack_file: Path) -> None:
    """Exit 1, one line for each refusal however narrow the terminal, nothing touched."""
    code, said = check(str(stack_file), observed={"diabetes": {"traffic": {"gray": 100}, "deployments": {}}})
    assert code == 1
    assert [line.split()[1] for line in said.splitlines() if line.startswith("refused")] == ["R031", "R031", "R051"]
    assert "Nothing was touched." in said


def test_the_verdict_as_json(stack_file: Path) -> None:
    """The shape that programs read."""
    code, said = check("--stack", "dev", "--json", observed=LIVE)
    step = {"traffic": {"blue": 90, "green": 10}, "mirror": {}, "heldBack": {}}
    made_of = {key: DEPLOYMENT[key] for key in ("model", "environment", "code")}
    words = "diabetes: blue 100 -> 90, green 0 -> 10, mirror none"
    endpoint = {
        "step": step,
        "refusals": [],
        "warnings": [],
        "live": {"traffic": {"blue": 100}, "mirror": {}, "state": "Succeeded"},
        "wanted": {"traffic": {"blue": 90, "green": 10}, "mirror": {}},
        "words": words,
        "versions": {name: {"live": made_of, "wanted": made_of} for name in ("blue", "green")},
    }
    whole = {"endpoints": {"diabetes": endpoint}, "refusals": [], "ok": True, "words": [f"~ {words}"]}
    assert (code, json.loads(said)) == (0, whole)


def test_a_wrong_stack_file_comes_out_in_the_same_form(stack_file: Path) -> None:
    """Settings' own errors are refusals with code and path; exit 1."""
    wrong = CONFIG | {"safe-rollout:endpoints": {"diabetes": {"trafic": {}}}}
    stack_file.write_text(json.dumps({"config": wrong}), encoding="utf-8")
    code, said = check("--stack", "dev", "--json", observed={})
    verdict = json.loads(said)
    assert (code, verdict["ok"], verdict["endpoints"]) == (1, False, {})
    assert [(one["code"], one["path"]) for one in verdict["refusals"]] == [("S001", "endpoints.diabetes.trafic")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--stack", "dev", "Pulumi.dev.yaml"],
        ["--stack", "none"],
        ["--stack", "dev", "--observed", "none.json"],
        ["--no"],
    ],
)
def test_bad_usage_exits_2(stack_file: Path, arguments: list[str]) -> None:
    """Two stacks, a file that is not there, an option that is not known."""
    assert check(*arguments)[0] == 2


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"diabetes": {"traffic": {"blue": "100"}}}', '{"diabetes": {"trafic": {}}}']
)
def test_a_wrong_observation_exits_2_and_says_where(stack_file: Path, text: str) -> None:
    """What is observed is not the stack file's fault."""
    Path("seen.json").write_text(text, encoding="utf-8")
    code, said = check("--stack", "dev", "--observed", "seen.json")
    assert code == 2
    assert "seen.json" in said
    assert "Traceback" not in said


def test_a_wrong_observation_comes_in_the_form_too(stack_file: Path) -> None:
    """Exit 2, and as JSON the same refusals with their paths; names in two cases are one name."""
    seen = {"diabetes": {"deployments": {"blue": {}, "Blue": {}}, "scoringUri": "https://scoring"}}
    code, said = check("--stack", "dev", "--json", observed=seen)
    verdict = json.loads(said)
    assert (code, verdict["ok"], verdict["endpoints"]) == (2, False, {})
    paths = [(refusal["code"], refusal["path"]) for refusal in verdict["refusals"]]
    assert paths == [("S004", "observed.diabetes.deployments"), ("S001", "observed.diabetes.scoringUri")]


def test_an_endpoint_is_found_in_any_case(stack_file: Path) -> None:
    """Azure tells no names apart by their case: what is live as Diabetes is not taken for something new."""
    code, said = check("--stack", "dev", observed={"Diabetes": LIVE["diabetes"]})
    assert (code, said.splitlines()[0]) == (0, "allowed  ~ diabetes: blue 100 -> 90, green 0 -> 10, mirror none")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[" * 100_000,
        '{"file": 5}',
        '{"file": ["a"]}',
        '{"file": "a\\u0000b"}',
        '{"stack": 5}',
        '{"stack": {"location": "\\ud800"}}',
        '{"stack": {"endpoints": null}, "observed": {"d": {"traffic": {"blue": NaN}}}}',
        "\udcff",
    ],
)
def test_a_broken_line_spoils_no_other(stack_file: Path, line: str) -> None:
    """It is told in the form of all others, and the lines around it are judged."""
    good = json.dumps({"file": str(stack_file), "observed": LIVE})
    Path("pairs.jsonl").write_text("\n".join([good, line, good]), encoding="utf-8", errors="surrogateescape")
    code, said = check("--pairs", "pairs.jsonl")
    verdicts = [json.loads(line) for line in said.splitlines()]
    assert (code, [verdict["ok"] for verdict in verdicts]) == (1, [True, False, True])
    assert all(refusal.keys() == {"code", "path", "got", "expected", "cure"} for refusal in verdicts[1]["refusals"])


@pytest.mark.parametrize(
    ("value", "code"), [("9" * 5000, "S001"), ("2001-99-99", "S001"), ("[" * 50_000, "S006"), ("{a: " * 20_000, "S006")]
)
def test_a_value_that_cannot_be_is_told(stack_file: Path, value: str, code: str) -> None:
    """Lists and maps without end are the file's fault; what is no number and no date is text, as for the engine."""
    stack_file.write_text(f"config: {{description: {value}}}", encoding="utf-8")
    assert check("--stack", "dev", observed={})[1].split()[:2] == ["refused", code]


def test_many_pairs_in_one_call(stack_file: Path) -> None:
    """One JSON line for each line, in order: maps with or without `config`, files, and lines that are wrong."""
    lines = [
        {"stack": {"config": CONFIG}, "observed": LIVE},
        {"stack": CONFIG},
        {"file": str(stack_file), "observed": {"diabetes": {"traffic": {"gray": 100}}}},
        {"stack": CONFIG, "observed": {"diabetes": {"traffic": 1}}},
        {"stacks": CONFIG},
    ]
    code, said = check("--pairs", "-", stdin="\n".join([*map(json.dumps, lines), "{", ""]))
    verdicts = [json.loads(line) for line in said.splitlines()]
    assert code == 1
    assert [verdict["ok"] for verdict in verdicts] == [True, True, False, False, False, False]
    assert verdicts[1]["endpoints"]["diabetes"]["step"]["heldBack"] == {"blue": 90, "green": 10}
    assert [verdict["refusals"][0]["path"] for verdict in verdicts[3:]] == [
        "observed.diabetes.traffic",
        "line 5",
        "line 6",
    ]


def test_what_changes_comes_first_and_what_stays_is_one_line(stack_file: Path) -> None:
    """Of three endpoints the one that changes is marked and said whole; the others share a line."""
    names = ("churn", "diabetes", "fraud")
    endpoint = {"deployments": {"blue": DEPLOYMENT}, "traffic": {"blue": 100}}
    wanted = dict.fromkeys(names, endpoint) | {
        "diabetes": {**endpoint, "deployments": {"blue": DEPLOYMENT, "green": {**DEPLOYMENT, "instanceCount": 1}}}
    }
    stack_file.write_text(json.dumps({"config": CONFIG | {"safe-rollout:endpoints": wanted}}), encoding="utf-8")
    code, said = check("--stack", "dev", observed=dict.fromkeys(names, endpoint))
    assert (code, said.splitlines()[:2]) == (
        0,
        [
            "allowed  ~ diabetes: NEW green = diabetes-ridge:1, 1 x Standard_DS3_v2; traffic stays blue 100",
            "= unchanged: churn (blue 100), fraud (blue 100)",
        ],
    )


@pytest.mark.parametrize("there", [True, False])
def test_what_a_step_deploys_newly_is_looked_for(stack_file: Path, there: bool) -> None:
    """One read for each version of the new deployment, none for what runs; without a workspace that is asked for."""
    asked: list[str] = []

    def read(path: str) -> Mapping[str, Any] | None:
        asked.append(path)
        return {"properties": {"description": "alpha 0.1"}} if there else None

    seen = {"diabetes": ObservedEndpoint(traffic={"blue": 100}, deployments={"blue": deployed()})}
    found = find(from_file(stack_file), seen, Applied(), read)
    versions = ["/codes/scoring-code/versions/9f2c41", "/environments/scoring/versions/3"]
    versions.append("/models/diabetes-ridge/versions/1")
    assert asked == [*versions, *([] if there else [""])]
    assert found.in_workspace is there
    assert [one.code for one in judge_assets(found, "ws-dev", "safe-rollout")] == ([] if there else ["R232"])


def deployed() -> ObservedDeployment:
    """DEPLOYMENT as Azure shows it."""
    return ObservedDeployment(
        model=str(DEPLOYMENT["model"]), environment=str(DEPLOYMENT["environment"]), code=str(DEPLOYMENT["code"])
    )


def test_azure_is_asked_for_each_endpoint_and_its_deployments() -> None:
    """What is not there is left out; ids become references."""
    asked: list[str] = []
    deployment = {
        "sku": {"capacity": 3},
        "properties": {"provisioningState": "Succeeded", "environmentId": "/ws/environments/scoring/versions/3"},
    }
    bodies: Mapping[str, Any] = {
        "/onlineEndpoints/diabetes": {"properties": {"provisioningState": "Succeeded", "traffic": {"blue": 100}}},
        "/onlineEndpoints/diabetes/deployments/blue": deployment,
    }

    def read(path: str) -> Any:
        asked.append(path)
        return bodies.get(path)

    seen = observe_with(from_config(CONFIG), read)["diabetes"]
    assert asked == [*bodies, "/onlineEndpoints/diabetes/deployments/green"]
    assert isinstance(seen, ObservedEndpoint)
    assert seen.traffic == {"blue": 100}
    assert seen.deployments == {"blue": ObservedDeployment(environment="azureml:scoring:3", instance_count=3)}


def test_without_a_subscription_the_cure_is_named(stack_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking Azure needs to know whose; the message says what to type."""
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError, match="ARM_SUBSCRIPTION_ID"):
        observe(from_file(stack_file), find_place(file=stack_file))
