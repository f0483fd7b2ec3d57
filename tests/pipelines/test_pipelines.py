"""What the pipelines may do, to whom, and that nothing is left out: read, not run."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.paths import CHECKOUT, VENV_BIN

WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
AZURE = sorted((CHECKOUT / "azure-pipelines").glob("*.yml"))
PULUMI = ("preview", "up")
MAIN = "github.ref == 'refs/heads/main'"
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40}")


def read(path: Path) -> dict[str, Any]:
    """A pipeline; `on` is no truth value."""
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return found


def workflow(name: str) -> dict[str, Any]:
    """A GitHub workflow by its file's name."""
    return read(CHECKOUT / ".github" / "workflows" / f"{name}.yml")


def jobs(name: str) -> list[dict[str, Any]]:
    """Its jobs that run the engine."""
    return [job for job in workflow(name)["jobs"].values() if "tools/pipeline.sh" in str(job)]


def azure_stages(name: str) -> list[dict[str, Any]]:
    """The stages of an Azure pipeline: what it gives to the template."""
    return [stage["parameters"] for stage in read(CHECKOUT / "azure-pipelines" / f"{name}.yml")["stages"]]


def check(*command: str | Path) -> None:
    """A checker that ends without a finding."""
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_zizmor_has_no_finding() -> None:
    """In its strictest mode, without a network."""
    check(VENV_BIN / "zizmor", "--offline", "--no-progress", "--pedantic", ".github")


def test_the_published_schemas_have_no_finding() -> None:
    """Of GitHub Actions and of Azure Pipelines."""
    checker = (sys.executable, "-m", "check_jsonschema", "--builtin-schema")
    check(*checker, "vendor.github-workflows", *WORKFLOWS)
    more = ("--data-transform", "azure-pipelines", "--regex-variant", "nonunicode")
    check(*checker, "vendor.azure-pipelines", *more, *AZURE)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_and_see_no_credential(path: Path) -> None:
    """By the commit's hash, with its version beside it; no action leaves git's token in the checkout."""
    text = path.read_text(encoding="utf-8")
    used = [line.split("uses: ")[1] for line in text.splitlines() if "uses: " in line]
    assert all(PINNED.match(each) and re.search(r"# v\d+\.\d+\.\d+$", each) for each in used), used
    assert text.count("uses: actions/checkout@") == text.count("persist-credentials: false")
    assert "pull_request_target" not in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_job_has_the_rights_it_needs(path: Path) -> None:
    """None for the workflow; reading for a job; a token of its own only where it signs in, in an environment."""
    found = read(path)
    assert found["permissions"] == {}
    for job in found["jobs"].values():
        signs_in = any("azure/login" in step.get("uses", "") for step in job["steps"])
        rights = {"contents": "read"} | ({"id-token": "write"} if signs_in else {})
        # Who may write has no step of the repository, of which a pull request could change the code.
        only_posts = all(set(step) <= {"run", "env"} for step in job["steps"]) and "tools/" not in str(job)
        assert job["permissions"] == ({"pull-requests": "write"} if only_posts and "needs" in job else rights)
        assert ("environment" in job) == signs_in
        assert signs_in or "secrets." not in str(job)


@pytest.mark.parametrize("name", PULUMI)
def test_a_secret_is_where_it_is_used(name: str) -> None:
    """Only the step that runs the engine has the passphrase and the token; packages are installed without them."""
    for job in jobs(name):
        assert "secrets." not in str(job["env"])
        having = [step["run"] for step in job["steps"] if "secrets." in str(step)]
        assert having in (["tools/pipeline.sh preview"], ["tools/pipeline.sh up"])
        [engine] = [step for step in job["steps"] if "secrets." in str(step)]
        assert set(engine["env"]) == {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN"}


def test_a_pull_request_never_reaches_who_applies() -> None:
    """It previews in environments of its own; who applies is bound to main, and to other environments."""
    [preview] = jobs("preview")
    assert preview["environment"] == "${{ matrix.stack }}-preview"
    assert preview["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    assert set(workflow("preview")["on"]) == {"pull_request"}
    assert {job["environment"]: job["if"] for job in jobs("up")} == {
        "${{ matrix.stack }}-read": MAIN,
        "${{ matrix.stack }}": MAIN,
    }
    assert workflow("up")["on"]["push"]["branches"] == ["main"]
    assert {stage["environment"]: stage["condition"] for stage in azure_stages("preview")} == dict.fromkeys(
        ("dev-preview", "prod-preview"), "eq(variables['Build.Reason'], 'PullRequest')"
    )
    assert all("eq(variables['Build.SourceBranch'], 'refs/heads/main')" in s["condition"] for s in azure_stages("up"))
    assert read(CHECKOUT / "azure-pipelines" / "up.yml")["pr"] == "none"


def test_each_azure_stage_signs_in_by_its_environments_connection() -> None:
    """So a preview names no connection that applies; one whose YAML was changed is refused by that connection."""
    text = (CHECKOUT / "azure-pipelines" / "stage.yml").read_text(encoding="utf-8")
    assert "azureSubscription: safe-rollout-${{ parameters.environment }}" in text
    assert "- group: safe-rollout-${{ parameters.environment }}" in text
    applying = [stage for stage in azure_stages("up") if stage["command"] == "up"]
    assert [stage["environment"] for stage in applying] == ["dev", "prod"]
    assert all(stage["command"] == "preview" for stage in azure_stages("preview"))
    for name in ("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"):
        assert f"{name}: $({name})" in text


def test_no_step_is_lost_and_none_is_overtaken() -> None:
    """Whole runs wait for each other; a preview comes before each `up`, and prod after dev."""
    assert workflow("up")["concurrency"] == {"group": "up", "queue": "max", "cancel-in-progress": "false"}
    up = workflow("up")["jobs"]["up"]
    assert (up["needs"], up["strategy"]["max-parallel"]) == ("preview", "1")
    assert read(CHECKOUT / "azure-pipelines" / "up.yml")["lockBehavior"] == "sequential"
    assert [stage.get("dependsOn") for stage in azure_stages("up")] == [
        None,
        None,
        ["preview_dev", "preview_prod"],
        ["preview_prod", "up_dev"],
    ]


def test_both_systems_have_the_same_stacks_and_start_on_the_same_files() -> None:
    """Every stack but the local one and the AKS example; every folder that the program and the set-up are made of."""
    stacks = sorted(path.name.split(".")[1] for path in CHECKOUT.glob("Pulumi.*.yaml"))
    wanted = [stack for stack in stacks if stack not in {"local", "aks"}]
    github = [job["strategy"]["matrix"]["stack"] for name in PULUMI for job in jobs(name)]
    azure = [stage["stack"] for name in PULUMI for stage in azure_stages(name)]
    assert github == [wanted] * 3
    assert azure == wanted * 3

    own = {"ops/**", "tools/**", ".github/workflows/**"}
    program = {"__main__.py", "components/**", "rollout/**", "settings/**", "pyproject.toml", "uv.lock", "Pulumi.yaml"}
    program |= {"safe_rollout/**"}
    needed = program | own | {f"Pulumi.{stack}.yaml" for stack in wanted}
    assert set(workflow("preview")["on"]["pull_request"]["paths"]) == needed
    assert set(workflow("up")["on"]["push"]["paths"]) == needed
    spelt = {path.removesuffix("/**").replace(".github/workflows", "azure-pipelines") for path in needed}
    for name, trigger in (("preview", "pr"), ("up", "trigger")):
        assert set(read(CHECKOUT / "azure-pipelines" / f"{name}.yml")[trigger]["paths"]["include"]) == spelt


def test_a_preview_in_a_log_shows_no_values() -> None:
    """No pipeline asks for a diff, which has variables and webhooks in it, and none skips the preview."""
    for path in [*WORKFLOWS, *AZURE, CHECKOUT / "tools" / "pipeline.sh"]:
        lines = [line.split("#")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        assert not [line for line in lines if "--diff" in line or "--skip-preview" in line or "--refresh" in line]
        assert not [line for line in lines if "curl" in line or "comment-on-pr" in line]
